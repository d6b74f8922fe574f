#!/bin/sh
# Brings the environments named as arguments to their lock files, with whatever Python there is.
# The environment's own Python is taken where it works, so that a second run costs milliseconds.

python=.venv/bin/python
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || python=$(sh devstack/find-python.sh) || exit 1
exec "$python" -m devstack.bootstrap "$@"
