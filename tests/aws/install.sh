#!/bin/sh
# Puts AWS's own Python library into .cache/aws below the repository's root: it recomputes our signatures, and checks the
# frames that it is asked to send with its own decoder. From whichever index pip is set up for. A second run does nothing.
set -eu

pinned=1.44.5
root=$(cd "$(dirname "$0")/../.." && pwd)
home=$root/.cache/aws
python=$home/bin/python
mkdir -p "$home"

# Test binaries may call this at the same time.
if [ "${AWS_LOCKED:-}" != 1 ] && command -v flock >/dev/null; then
    AWS_LOCKED=1 exec flock "$home/lock" "$0" "$@"
fi

say() { printf 'aws: %s\n' "$*" >&2; }

if [ -x "$python" ] && "$python" -c "import botocore; assert botocore.__version__ == '$pinned'" 2>/dev/null; then
    say "botocore $pinned is installed"
    exit 0
fi
python3 -m venv "$home"
"$python" -m pip install --quiet --disable-pip-version-check "botocore==$pinned"
say "botocore $("$python" -c 'import botocore; print(botocore.__version__)')"
