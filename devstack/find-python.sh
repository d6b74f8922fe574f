#!/bin/sh
# Prints the path of a CPython 3.11 or later, or says what is missing and exits 1.
# $PYTHON is tried first. A command may exist and still not work: version managers leave such stubs in PATH.

good() {
    command -v "$1" >/dev/null 2>&1 && "$1" - 2>/dev/null <<'CHECK'
import sys
sys.exit(sys.version_info < (3, 11) or sys.implementation.name != "cpython")
CHECK
}

for candidate in "${PYTHON:-python3}" python3 python3.14 python3.13 python3.12 python3.11 python; do
    if good "$candidate"; then
        command -v "$candidate"
        exit 0
    fi
done
found=$(python3 --version 2>/dev/null || echo "no Python")
echo "Reelwork needs Python 3.11 or later; here is $found. Install one, or name it: make run PYTHON=/path/to/python3.12" >&2
exit 1
