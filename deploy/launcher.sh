#!/bin/sh
# .venv/bin/sse-bot: runs the bot of the folder this environment stands in, from wherever it is called.
# A launcher instead of an installed package: nothing has to be built, and the folder may be moved.
root=$(cd -P "$(dirname "$0")/../.." && pwd) || exit 2
PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}" exec "$root/.venv/bin/python" -P -m bot "$@"
