#!/bin/sh
# .venv/bin/sse-bot: runs the bot of the folder this environment stands in, from wherever it is called.
# A launcher instead of an installed package: nothing has to be built, and the folder may be moved.
# One arena for all threads: they mostly wait, and each arena of its own costs memory.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"
root=$(cd -P "$(dirname "$0")/../.." && pwd) || exit 2
PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}" exec "$root/.venv/bin/python" -P -m bot "$@"
