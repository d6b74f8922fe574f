"""Requests to addresses that callers name: https, public hosts only, bounded in time and size."""
