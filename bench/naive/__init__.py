"""What one would write first: a job of the queue for each video, a poll every five seconds, the file in memory."""
