"""Real MP4s: what a clip shows, how it is drawn and encoded, and where finished ones are kept."""
