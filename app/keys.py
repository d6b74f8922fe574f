"""`python -m app.keys`: `new-encryption-key`, `create --name … --scope …`, `rotate`."""

import argparse
import secrets
import sys
from collections.abc import Sequence

from app.scopes import Scope

_ENCRYPTION_KEY_BYTES = 32


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where it was done; 1 with one sentence on stderr where not."""
    chosen = _parser().parse_args(arguments)
    if chosen.command == "new-encryption-key":
        sys.stdout.write(secrets.token_hex(_ENCRYPTION_KEY_BYTES) + "\n")
        return 0
    # The first command is for a machine on which nothing is set up yet, and takes no time there.
    from app import key_commands

    if chosen.command == "rotate":
        return key_commands.rotate_all()
    return key_commands.create(key_commands.Wanted(chosen.client, chosen.name, tuple(map(Scope, chosen.scope))))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app.keys", description="Keys of this installation.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("new-encryption-key", help="print a new ENCRYPTION_KEY; needs no setting")
    commands.add_parser("rotate", help="seal all stored provider keys with the first ENCRYPTION_KEY")
    create = commands.add_parser("create", help="make a client key and print it once")
    create.add_argument("--name", required=True, help="what the key is called in lists")
    create.add_argument("--scope", required=True, action="append", choices=[scope.value for scope in Scope])
    create.add_argument("--client", default="default", help="whose key it is; made if new (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
