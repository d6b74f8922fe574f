#!/bin/sh
# Runs Python with the given arguments: the environment's own where it works, else whatever Python there is.
# So a second run costs milliseconds, and the first one needs no environment.

python=.venv/bin/python
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || python=$(sh devstack/find-python.sh) || exit 1
exec "$python" "$@"
