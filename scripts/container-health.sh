#!/bin/sh
# The image's HEALTHCHECK. One image is web and worker: what the container's first process runs tells which.
# Web: the process serves. Worker: `python -m worker.health`. A migration has no health but its exit code.
set -u
command=$(tr '\0' ' ' <"${FIRST_PROCESS:-/proc/1/cmdline}")
case "$command" in
*worker.WorkerSettings* | *start-worker.sh*)
    exec python -m worker.health
    ;;
*"-m app "*)
    # Straight to the port: a proxy of the environment is not asked.
    exec python -c 'import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
connection.request("GET", "/healthz")
sys.exit(connection.getresponse().status != 200)' "${PORT:-8000}"
    ;;
esac
