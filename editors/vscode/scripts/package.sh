#!/bin/sh
# Packs the extension, with the agent in it where a binary is named:
#
#   editors/vscode/scripts/package.sh OUT.vsix                                  without: it looks on the path
#   editors/vscode/scripts/package.sh OUT.vsix linux-x64 PATH/TO/nextline       for one platform
set -eu

out=$(realpath -m "$1")
target=${2:-}
here=$(cd "$(dirname "$0")/.." && pwd)
rm -rf "$here/bin"
if [ -n "$target" ]; then
    case $target in win32-*) name=nextline.exe ;; *) name=nextline ;; esac
    mkdir "$here/bin"
    cp "$3" "$here/bin/$name"
    chmod 755 "$here/bin/$name"
fi
cd "$here"
[ -d node_modules ] || npm ci --silent --no-audit --no-fund --ignore-scripts
cp ../../LICENSE LICENSE
node_modules/.bin/tsc
node scripts/build.mjs
# esbuild has put what is needed into dist/.
node_modules/.bin/vsce package --no-dependencies --allow-missing-repository ${target:+--target "$target"} --out "$out"
rm -rf "$here/bin" "$here/LICENSE"
