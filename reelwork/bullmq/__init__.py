"""Moves what a BullMQ queue still has to do to a Reelwork server: reads its Redis, and asks through the API."""
