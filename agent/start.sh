#!/usr/bin/env bash
# Writes start.ld anew: the functions that run until an editor with a route is initialized, then those that run at every keystroke and its
# completion. The linker lays them side by side: a start touches few pages, and a keystroke fetches few lines. What of the list no longer
# exists does no harm. Wants valgrind; builds into the folder given, else target/start.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
target=$(realpath -m "${1:-target/start}")
cargo build --locked --release --features all-languages --config profile.release.package.nextline.strip=false --target-dir "$target"
binary=$target/release/nextline
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run="valgrind --quiet --tool=callgrind --demangle=no"
options='{"completion":{"route":"mine"},"routes":{"mine":{"provider":"openai-compatible","base_url":"http://127.0.0.1:9/v1","model":"m","fim":"suffix"}}}'
capabilities='{"textDocument":{"inlineCompletion":{}}}'
said() { printf 'Content-Length: %d\r\n\r\n%s' "${#1}" "$1" >>"$work/request"; }
said '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":"file://'"$work"'","initializationOptions":'"$options"',"capabilities":'"$capabilities"'}}'
said '{"jsonrpc":"2.0","method":"initialized","params":{}}'
(cd "$work" && HOME=$work $run --callgrind-out-file=started "$binary" --stdio <request >/dev/null || true)
# The benchmark types 320 letters, and asks for as many completions.
mkdir "$work/bin"
printf '#!/bin/sh\nexec %s --callgrind-out-file=%s "%s" "$@"\n' "$run" "$work/typed" "$binary" >"$work/bin/nextline"
chmod +x "$work/bin/nextline"
NEXTLINE_BIN=$work/bin/nextline cargo run --locked --package nextline-tests --bin bench -- overhead >/dev/null
# The compiler's own numbers in a name change with versions and features.
nameless() { sed -E 's/17h[0-9a-f]{16}E/17h*E/; s/Cs[0-9A-Za-z]+_/Cs*_/g; s/\.llvm\.[0-9]+$/.llvm.*/'; }
# Functions of a recording that were called so many times at least, in the order of their first calls.
called() {
  awk -v least="$2" '
    /^c?fn=/ {
      match($0, /\([0-9]+\)/); key = substr($0, RSTART, RLENGTH); rest = substr($0, RSTART + RLENGTH + 1)
      if (rest != "") { sub(/\x27[0-9]+$/, "", rest); name[key] = rest }
      if (!(key in place)) { place[key] = ++count; order[count] = key }
      if ($0 ~ /^cfn=/) callee = key
    }
    /^calls=/ { split($1, part, "="); calls[callee] += part[2] }
    END { for (n = 1; n <= count; n++) if (calls[order[n]] + 0 >= least) print name[order[n]] }
  ' "$1"
}
nm -S "$binary" | awk 'NF == 4 && $3 ~ /[tTwW]/ { print $4 }' | nameless | sort -u >"$work/known"
called "$work/started" 0 | nameless | grep -Fxf "$work/known" >"$work/first"
called "$work/typed" 300 | nameless | grep -Fxf "$work/known" >"$work/then"
# What runs at a start alone, at both, and at a keystroke alone.
{
  grep -Fxvf "$work/then" "$work/first"
  grep -Fxf "$work/first" "$work/then"
  grep -Fxvf "$work/first" "$work/then"
} | awk '!seen[$0]++' >"$work/order"
{
  echo '/* Functions that run at every start, and at every keystroke, written by start.sh. */'
  printf 'SECTIONS\n{\n  .text.start :\n  {\n'
  sed 's/.*/    *(.text.&)/' "$work/order"
  printf '  }\n}\nINSERT BEFORE .text;\n'
} >"$root/agent/start.ld"
wc -l "$root/agent/start.ld"
