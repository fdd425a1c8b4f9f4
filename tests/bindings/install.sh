#!/bin/sh
# Puts the compilers that the bindings and the editors' cores are compiled with into .cache/bindings below the repository's root:
#
#   tsc      npm   TypeScript
#   kotlinc  npm   Kotlin (needs a JDK 17, which is not installed here)
#   mcs      apt   Mono's C# compiler, unpacked; that of the machine is taken where there is one
#
# All but Debian's are pinned. A second run finds what the first one installed and does nothing; what cannot be had here is
# said, and the tests that need it skip.
set -eu

typescript=5.9.3
kotlin=2.4.20
root=$(cd "$(dirname "$0")/../.." && pwd)
home=$root/.cache/bindings
mkdir -p "$home/bin"

# Test binaries may call this at the same time.
if [ "${BINDINGS_LOCKED:-}" != 1 ] && command -v flock >/dev/null; then
    BINDINGS_LOCKED=1 exec flock "$home/lock" "$0" "$@"
fi

say() { printf 'bindings: %s\n' "$*" >&2; }

if [ ! -e "$home/npm-$typescript-$kotlin" ]; then
    npm install --silent --no-audit --no-fund --no-save --ignore-scripts --prefix "$home" "typescript@$typescript" "kotlin-compiler@$kotlin" >&2
    : >"$home/npm-$typescript-$kotlin"
fi
ln -sf "$home/node_modules/.bin/tsc" "$home/bin/tsc"
if command -v java >/dev/null; then
    ln -sf "$home/node_modules/kotlin-compiler/bin/kotlinc" "$home/bin/kotlinc"
    chmod +x "$home/node_modules/kotlin-compiler/bin/kotlinc"
    say "TypeScript $typescript and Kotlin $kotlin are installed"
else
    say "TypeScript $typescript is installed; skipped Kotlin: no java here"
fi

# Not named as what it looks for: `command -v` would find this function.
csharp() {
    if command -v mcs >/dev/null; then
        ln -sf "$(command -v mcs)" "$home/bin/mcs"
        ln -sf "$(command -v mono)" "$home/bin/mono"
        return 0
    fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get install -y -qq --no-install-recommends mono-mcs >"$home/log" 2>&1 && csharp
    else
        return 1
    fi
}
if csharp; then
    say "Mono's mcs is installed"
else
    say "skipped C#: no mcs here, and only root may install it (apt-get install mono-mcs)"
fi
