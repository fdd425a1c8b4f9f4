#!/bin/sh
# Finds the Chromium that the tests of the chat page drive, and prints its path. Where there is none, and this is root on Debian, it is
# installed from the machine's own packages; elsewhere the tests skip and say so.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
home=$root/.cache/browser
mkdir -p "$home"

# Test binaries may call this at the same time.
if [ "${BROWSER_LOCKED:-}" != 1 ] && command -v flock >/dev/null; then
    BROWSER_LOCKED=1 exec flock "$home/lock" "$0" "$@"
fi

say() { printf 'browser: %s\n' "$*" >&2; }

find_one() {
    for name in "${NEXTLINE_BROWSER:-}" chromium chromium-browser google-chrome; do
        [ -n "$name" ] && command -v "$name" && return 0
    done
    return 1
}

find_one && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "there is no chromium here: install one, or name one in NEXTLINE_BROWSER"
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get -qq update && apt-get -qq -y --no-install-recommends install chromium; } >"$home/log" 2>&1; then
    say "chromium cannot be installed ($(grep -m1 '^E:' "$home/log" || echo "see $home/log"))"
    exit 1
fi
find_one
