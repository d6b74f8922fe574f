"""Everything that can go wrong: what kinds there are, how they are written, and when one strikes."""
