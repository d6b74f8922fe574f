"""A whole installation for one test: real engines, the simulator, and worker processes to kill."""
