"""The operators' dashboard: its pages, and the calls that only it and the command line need."""
