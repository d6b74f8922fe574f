#!/bin/sh
# Starts a worker if every setting it cannot do without is there; names all that are missing otherwise.
set -eu
cd "$(dirname "$0")/.."

missing=""
for name in DATABASE_URL REDIS_URL ENCRYPTION_KEY STORAGE_URL; do
    eval "value=\${$name:-}"
    [ -n "$value" ] || missing="$missing $name"
done

if [ -n "$missing" ]; then
    echo "The worker cannot start. Set:$missing (docs/settings.md says what they are)." >&2
    exit 1
fi

export PYTHONPATH=.
exec python -m arq worker.WorkerSettings
