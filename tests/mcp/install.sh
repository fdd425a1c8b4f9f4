#!/bin/sh
# Puts the reference server of the Model Context Protocol, from npm, into .cache/mcp below the repository's root. It is pinned. A second run
# finds what the first one installed and does nothing.
set -eu

everything=2026.8.31
root=$(cd "$(dirname "$0")/../.." && pwd)
home=$root/.cache/mcp
mkdir -p "$home"

# Test binaries may call this at the same time.
if [ "${MCP_LOCKED:-}" != 1 ] && command -v flock >/dev/null; then
    MCP_LOCKED=1 exec flock "$home/lock" "$0" "$@"
fi

if [ ! -e "$home/everything-$everything" ]; then
    npm install --silent --no-audit --no-fund --no-save --prefix "$home" "@modelcontextprotocol/server-everything@$everything" >&2
    : >"$home/everything-$everything"
fi
printf 'mcp: server-everything %s is installed\n' "$everything" >&2
