"""What is done to videos and pictures: looking at them, making posters, joining. PyAV runs in child processes only."""
