#!/bin/sh
# Starts the workbench with the plug-ins of an update site and the driver in it, on a screen of its own:
#
#   tests/eclipse/start.sh SITE PLACE
#
# PLACE gets the driver, the configuration and the workspace. The environment says what the driver needs (see day/). Ends with the workbench.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
home=$root/.cache/eclipse
site=$1
place=$2
mkdir -p "$place/driver" "$place/configuration" "$place/bundles"

path=$(printf '%s:' "$home"/plugins/*.jar "$site"/plugins/dev.nextline.eclipse_*.jar)
find "$root/tests/eclipse/day/src" -name '*.java' >"$place/sources"
javac --release 17 -encoding UTF-8 -nowarn -cp "$path" -d "$place/driver" "@$place/sources"
cp "$root/tests/eclipse/day/plugin.xml" "$place/driver/"
jar --create --file "$place/bundles/dev.nextline.day.jar" --manifest "$root/tests/eclipse/day/META-INF/MANIFEST.MF" -C "$place/driver" .

bundles=
for jar in "$home"/plugins/*.jar "$site"/plugins/*.jar "$place"/bundles/*.jar; do
    case ${jar##*/} in
        org.eclipse.osgi.jar) continue ;;
        org.eclipse.equinox.common.jar | org.apache.felix.scr.jar | org.eclipse.equinox.event.jar) level=@2:start ;;
        org.eclipse.core.runtime.jar | org.eclipse.equinox.p2.core.jar) level=@4:start ;;
        *) level= ;;
    esac
    bundles=$bundles,reference:file:$jar$level
done
printf 'osgi.bundles=%s\nosgi.bundles.defaultStartLevel=4\nosgi.noShutdown=false\neclipse.application=org.eclipse.ui.ide.workbench\norg.osgi.framework.bootdelegation=*\n' "${bundles#,}" >"$place/configuration/config.ini"
echo password >"$place/password"

# A number that nobody has is found by Xvfb itself.
exec 3>"$place/screen"
Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp 2>"$place/xvfb" &
screen=$!
trap 'kill $screen' EXIT
until [ -s "$place/screen" ]; do
    kill -0 "$screen"
    sleep 0.1
done
DISPLAY=:$(cat "$place/screen") GDK_BACKEND=x11 NO_AT_BRIDGE=1 WEBKIT_DISABLE_COMPOSITING_MODE=1 \
    timeout 300 java -Dswt.library.path="$home/jni" \
    -cp "$home/plugins/org.eclipse.osgi.jar" org.eclipse.core.runtime.adaptor.EclipseStarter \
    -configuration "$place/configuration" -data "$place/workspace" -consoleLog -nosplash \
    -eclipse.keyring "$place/keyring" -eclipse.password "$place/password"
