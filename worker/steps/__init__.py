"""The steps of a video: submit, wait, collect; each can be resumed from the row alone."""
