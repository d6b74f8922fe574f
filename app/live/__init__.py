"""What happens, as it happens: one subscription a process, any number of listeners."""
