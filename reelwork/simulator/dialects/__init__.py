"""The wire formats, each in files of its own; they share the world and know nothing of each other."""
