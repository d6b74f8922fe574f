"""What both processes do to be seen: count what they do, show it, and tell an operator when something is wrong."""
