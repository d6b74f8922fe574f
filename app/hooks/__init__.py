"""Webhooks that providers send: whether they are theirs."""
