"""Webhooks to callers, in the form of the Standard Webhooks."""
