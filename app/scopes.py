"""What a key may do."""

from enum import StrEnum


class Scope(StrEnum):
    """`generate` spends, `read` looks, `operate` runs the installation, `admin` hands out keys."""

    GENERATE = "generate"
    READ = "read"
    OPERATE = "operate"
    ADMIN = "admin"
