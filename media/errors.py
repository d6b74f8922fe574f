"""What can go wrong with a file, apart from what can go wrong with this machine.

MediaError              try again: the child died, took too long, or could not write
└── Refused             the file itself; trying again changes nothing
    ├── NotAVideo
    ├── NotAnImage
    └── CannotStitch
"""


class MediaError(Exception):
    """The work was not done, for a reason that may pass."""


class Refused(MediaError):
    """The file is not what it should be. `reason` is one clause in plain words, without anything from the file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotAVideo(Refused):
    """Not an MP4 that plays: another kind of file, cut short, or without a picture that decodes."""


class NotAnImage(Refused):
    """Not a PNG, JPEG or WebP picture that decodes."""


class CannotStitch(Refused):
    """The videos differ in size or encoding, so they cannot be joined without encoding them anew."""
