"""Working a restored dump off: what it does not know is learned before anything may be paid for again."""
