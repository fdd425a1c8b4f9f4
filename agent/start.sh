#!/usr/bin/env bash
# Writes start.ld anew: the functions that run until an editor's `initialize` is answered, which the linker lays side by side, so that a
# start touches few pages. What of it no longer exists does no harm. Wants valgrind; builds into the folder given, else target/start.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:-target/start}
cargo build --locked --release --features all-languages --config profile.release.package.nextline.strip=false --target-dir "$target"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
binary=$OLDPWD/$target/release/nextline
[ -x "$binary" ] || binary=$target/release/nextline
body='{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":"file://'$work'","capabilities":{"textDocument":{"inlineCompletion":{}}}}}'
printf 'Content-Length: %d\r\n\r\n%s' "${#body}" "$body" >request
HOME=$work valgrind --quiet --tool=callgrind --callgrind-out-file=ran --demangle=no "$binary" --stdio <request >/dev/null || true
# The compiler's own numbers in a name change with versions and features.
nameless() { sed -E 's/17h[0-9a-f]{16}E/17h*E/; s/Cs[0-9A-Za-z]+_/Cs*_/g; s/\.llvm\.[0-9]+$/.llvm.*/'; }
nm "$binary" | awk 'NF == 3 && $2 ~ /[tTwW]/ { print $3 }' | nameless | sort -u >known
sed -nE "s/^c?fn=\([0-9]+\) ([^ ']+).*/\1/p" ran | nameless | awk '!seen[$0]++' | grep -Fxf known >order
{
  echo '/* Functions that run at every start, written by start.sh. */'
  printf 'SECTIONS\n{\n  .text.start :\n  {\n'
  sed 's/.*/    *(.text.&)/' order
  printf '  }\n}\nINSERT BEFORE .text;\n'
} >"$OLDPWD/agent/start.ld"
wc -l "$OLDPWD/agent/start.ld"
