#!/bin/sh
# Puts the model servers that others wrote, and that the tests ask, into .cache/providers below the repository's root:
#
#   aimock    npm   OpenAI (chat, Responses), Anthropic, Gemini, Azure OpenAI, Vertex, Ollama as their vendors stream
#   llmock    PyPI  breaks answers on demand and grades how a client takes it
#
# Both are pinned. A second run finds what the first one installed and does nothing.
set -eu

aimock=1.43.0
llmock=0.2.2
root=$(cd "$(dirname "$0")/../.." && pwd)
home=$root/.cache/providers
mkdir -p "$home"

# Test binaries may call this at the same time.
if [ "${PROVIDERS_LOCKED:-}" != 1 ] && command -v flock >/dev/null; then
    PROVIDERS_LOCKED=1 exec flock "$home/lock" "$0" "$@"
fi

say() { printf 'providers: %s\n' "$*" >&2; }

if [ ! -e "$home/aimock-$aimock" ]; then
    npm install --silent --no-audit --no-fund --no-save --prefix "$home" "@copilotkit/aimock@$aimock" >&2
    : >"$home/aimock-$aimock"
fi
say "aimock $aimock is installed"

if [ ! -e "$home/llmock-$llmock" ]; then
    python3 -m venv "$home/python"
    "$home/python/bin/pip" install --quiet --disable-pip-version-check "llmock==$llmock" >&2
    : >"$home/llmock-$llmock"
fi
say "llmock $llmock is installed"
