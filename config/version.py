"""The release, as workers and health tell it."""

VERSION = "0.1.0"
