#!/usr/bin/env bash
# Writes start.ld anew: the functions that run until an editor with a route is initialized and its folder is learnt, then those that run at
# every keystroke and its completion, then those that learn what is opened. The linker lays them side by side: a start touches few pages,
# and a keystroke fetches few lines. What of the list no longer exists does no harm. Wants valgrind; builds into the folder given, else
# target/start.
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
# Lengths are in bytes.
export LC_ALL=C
said() { printf 'Content-Length: %d\r\n\r\n%s' "${#1}" "$1"; }
quoted() { sed -e 's/\\/\\\\/g; s/"/\\"/g; s/\t/\\t/g' "$1" | awk '{ printf "%s\\n", $0 }'; }
mkdir "$work/folder"
cp agent/src/text.rs "$work/folder"
begun() {
  said '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":"file://'"$work/folder"'","initializationOptions":'"$options"',"capabilities":'"$capabilities"'}}'
  said '{"jsonrpc":"2.0","method":"initialized","params":{}}'
}
opened() {
  for file in agent/src/*.rs; do
    said '{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///'"$file"'","languageId":"rust","version":1,"text":"'"$(quoted "$file")"'"}}}'
  done
  for file in agent/src/*.rs; do
    said '{"jsonrpc":"2.0","method":"textDocument/didClose","params":{"textDocument":{"uri":"file:///'"$file"'"}}}'
  done
}
# Under valgrind it takes its time to come to rest.
{ begun; sleep 10; } | HOME=$work $run --callgrind-out-file="$work/started" "$binary" --stdio >/dev/null || true
{ begun; opened; sleep 30; } | HOME=$work $run --callgrind-out-file="$work/opened" "$binary" --stdio >/dev/null || true
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
listed() { called "$@" | nameless | grep -Fxf "$work/known" >"$1.names"; }
listed "$work/started" 0
listed "$work/typed" 300
listed "$work/opened" 0
# What runs at a start alone, at both, at a keystroke alone, and where documents are opened and closed.
{
  grep -Fxvf "$work/typed.names" "$work/started.names"
  grep -Fxf "$work/started.names" "$work/typed.names"
  grep -Fxvf "$work/started.names" "$work/typed.names"
  cat "$work/opened.names"
} | awk '!seen[$0]++' >"$work/order"
{
  echo '/* Functions that run at every start, at every keystroke, and where documents are opened, written by start.sh. */'
  printf 'SECTIONS\n{\n  .text.start :\n  {\n'
  # What the compiler takes for rare is in a section of another name.
  sed 's/.*/    *(.text.& .text.unlikely.&)/' "$work/order"
  printf '  }\n}\nINSERT BEFORE .text;\n'
} >"$root/agent/start.ld"
wc -l "$root/agent/start.ld"
