#!/bin/sh
# Builds an update site: the plug-in, its feature and p2's metadata, and with a binary the fragment that has the agent in it.
#
#   editors/eclipse/scripts/build.sh OUT                                       without: the plug-in looks on the path
#   editors/eclipse/scripts/build.sh OUT linux x86_64 PATH/TO/nextline         for one platform, by Eclipse's names (linux, macosx, win32)
#
# Needs a JDK 17 and the plug-ins of an Eclipse 4.26 or newer: those of NEXTLINE_ECLIPSE_PLUGINS, else what tests/eclipse/install.sh unpacked.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
root=$(cd "$here/../.." && pwd)
plugins=${NEXTLINE_ECLIPSE_PLUGINS:-$root/.cache/eclipse/plugins}
mkdir -p "$1"
out=$(cd "$1" && pwd)
os=${2:-}
arch=${3:-}
version=$(sed -n 's/^Bundle-Version: //p' "$here/META-INF/MANIFEST.MF")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$out/plugins" "$out/features"
mkdir -p "$out/plugins" "$out/features" "$work/classes/page"

path=$(printf '%s:' "$plugins"/*.jar)
find "$here/src" -name '*.java' >"$work/sources"
javac --release 17 -encoding UTF-8 -Xlint:all,-classfile,-path,-processing -Werror -cp "$path" -d "$work/classes" "@$work/sources"
java "$here/scripts/Page.java" "$root/agent/src/serve/page" "$here/page/main.js" >"$work/classes/page/page.js"
cp "$root/agent/src/serve/page/style.css" "$work/classes/page/"
cp "$root/LICENSE" "$here/plugin.xml" "$work/classes/"
jar --create --file "$out/plugins/dev.nextline.eclipse_$version.jar" --manifest "$here/META-INF/MANIFEST.MF" -C "$work/classes" .

fragment=
if [ -n "$os" ]; then
    fragment=dev.nextline.agent.$os.$arch
    case $os in win32) name=nextline.exe ;; *) name=nextline ;; esac
    mkdir -p "$work/fragment/bin"
    cp "$4" "$work/fragment/bin/$name"
    chmod 755 "$work/fragment/bin/$name"
    printf '%s\n' "Bundle-ManifestVersion: 2" "Bundle-Name: Nextline's agent" "Bundle-SymbolicName: $fragment" "Bundle-Version: $version" \
        "Fragment-Host: dev.nextline.eclipse;bundle-version=\"$version\"" "Eclipse-PlatformFilter: (&(osgi.os=$os)(osgi.arch=$arch))" \
        "Eclipse-BundleShape: dir" >"$work/fragment.mf"
    jar --create --file "$out/plugins/${fragment}_$version.jar" --manifest "$work/fragment.mf" -C "$work/fragment" .
fi

mkdir "$work/feature"
sed "s|</feature>|${fragment:+   <plugin id=\"$fragment\" os=\"$os\" arch=\"$arch\" version=\"$version\" fragment=\"true\" unpack=\"true\"/>\n}</feature>|" \
    "$here/feature/feature.xml" >"$work/feature/feature.xml"
jar --create --no-manifest --file "$out/features/dev.nextline.feature_$version.jar" -C "$work/feature" .
sh "$here/scripts/site.sh" "$out" "$version" "$fragment" "$os" "$arch"
