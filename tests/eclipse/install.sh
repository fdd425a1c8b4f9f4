#!/bin/sh
# Puts the Eclipse workbench that the tests drive into .cache/eclipse below the repository's root: Debian's plug-ins (4.26), unpacked and made
# bundles of where Debian has plain jars, and the start of a configuration. The screen (Xvfb) and the browser that SWT draws the chat
# with (WebKitGTK) are the machine's; root gets them installed. What cannot be had is said, and the tests skip.
#
# A second run finds what the first one made and does nothing.
set -eu

made=1
root=$(cd "$(dirname "$0")/../.." && pwd)
home=$root/.cache/eclipse
mkdir -p "$home"

# Test binaries may call this at the same time.
if [ "${ECLIPSE_LOCKED:-}" != 1 ] && command -v flock >/dev/null; then
    ECLIPSE_LOCKED=1 exec flock "$home/lock" "$0" "$@"
fi

say() { printf 'eclipse: %s\n' "$*" >&2; }
give_up() {
    say "$* ($(grep -m1 '^E:' "$home/log" 2>/dev/null || echo "see $home/log"))"
    exit 1
}

if [ -e "$home/whole-$made" ] && command -v Xvfb >/dev/null; then
    say "the workbench is installed"
    exit 0
fi
for tool in javac jar apt-get dpkg-deb; do
    command -v "$tool" >/dev/null || { say "there is no $tool here"; exit 1; }
done

export DEBIAN_FRONTEND=noninteractive
if ! command -v Xvfb >/dev/null; then
    [ "$(id -u)" = 0 ] || { say "there is no Xvfb here, and only root may install it"; exit 1; }
    { apt-get -qq update && apt-get -qq -y --no-install-recommends install xvfb libgtk-3-0 libxtst6; } >"$home/log" 2>&1 || give_up "Xvfb cannot be installed"
fi
# Without it the chat opens in the system's browser.
if [ "$(id -u)" = 0 ]; then
    apt-get -qq -y --no-install-recommends install libwebkit2gtk-4.0-37 >>"$home/log" 2>&1 || say "WebKitGTK cannot be installed"
fi

eclipse="compare-core compare core-commands core-contenttype core-databinding core-databinding-observable core-databinding-property
    core-expressions core-filebuffers core-filesystem core-jobs core-net core-resources core-runtime core-variables debug-core
    e4-core-commands e4-core-contexts e4-core-di-annotations e4-core-di-extensions e4-core-di-extensions-supplier e4-core-di
    e4-core-services e4-emf-xpath e4-ui-bindings e4-ui-css-core e4-ui-css-swt e4-ui-css-swt-theme e4-ui-di e4-ui-dialogs e4-ui-ide
    e4-ui-model-workbench e4-ui-services e4-ui-widgets e4-ui-workbench-addons-swt e4-ui-workbench e4-ui-workbench-renderers-swt
    e4-ui-workbench-swt e4-ui-workbench3 emf-common emf-ecore-change emf-ecore emf-ecore-xmi help jdt-annotation jface-databinding
    jface jface-notifications jface-text ltk-core-refactoring ltk-ui-refactoring osgi osgi-services team-core team-ui text
    ui-console ui-editors ui-forms ui-genericeditor ui-ide-application ui-ide ui ui-navigator ui-navigator-resources ui-themes
    ui-views ui-views-properties-tabbed ui-workbench ui-workbench-texteditor urischeme"
equinox="app bidi common event launcher metatype p2-artifact-repository p2-core p2-engine p2-jarprocessor p2-metadata
    p2-metadata-repository p2-repository preferences registry security security-ui simpleconfigurator"
other="libfelix-scr-java libswt-gtk-4-java libswt-gtk-4-jni libswt-cairo-gtk-4-jni libswt-webkit-gtk-4-jni libcommons-jxpath-java
    libjna-java libjna-jni libjna-platform-java libsac-java libicu4j-java libxz-java libbcpg-java libbcprov-java
    libosgi-compendium-java libbatik-java
    libatinject-jsr330-api-java libgeronimo-annotation-1.3-spec-java"

rm -rf "$home/debs" "$home/unpacked"
mkdir -p "$home/debs" "$home/unpacked"
cd "$home/debs"
packages="$(for name in $eclipse; do echo "libeclipse-$name-java"; done) $(for name in $equinox; do echo "libequinox-$name-java"; done) $other"
[ "$(id -u)" != 0 ] || apt-get -qq update >>"$home/log" 2>&1 || true
# shellcheck disable=SC2086
apt-get -qq -o APT::Sandbox::User=root download $packages >>"$home/log" 2>&1 || give_up "the workbench's packages cannot be had"
for deb in *.deb; do dpkg-deb -x "$deb" "$home/unpacked"; done
cd "$home"
rm -rf "$home/debs"

jars=$home/unpacked/usr/share/java
rm -rf "$home/plugins" "$home/jni"
mkdir -p "$home/plugins" "$home/jni"
java "$root/tests/eclipse/Bundles.java" "$jars" "$home/plugins" >>"$home/log" 2>&1 || give_up "the workbench's bundles cannot be made"
cp "$home"/unpacked/usr/lib/jni/*.so "$home"/unpacked/usr/lib/*/jni/*.so "$home/jni/"
# Debian's JNA looks for its library in the system's folders, then in its own jar.
mkdir -p "$home/unpacked/com/sun/jna/linux-$(uname -m | tr _ -)"
mv "$home/jni/libjnidispatch.system.so" "$home/unpacked/com/sun/jna/linux-$(uname -m | tr _ -)/libjnidispatch.so"
jar --update --file "$home/plugins/com.sun.jna.jar" -C "$home/unpacked" com
rm -rf "$home/unpacked"
: >"$home/whole-$made"
say "the workbench is installed"
