"""Settings and logs: the only room that reads the environment."""
