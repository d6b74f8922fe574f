"""The migration that this release's statements were written for."""

EXPECTED = "0015"
