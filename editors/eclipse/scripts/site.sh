#!/bin/sh
# Writes p2's metadata of an update site whose plugins/ and features/ are there: content.xml says what can be installed and what it needs,
# artifacts.xml where it is. Called by build.sh: OUT VERSION FRAGMENT OS ARCH, the last three perhaps empty.
set -eu

out=$1 version=$2 fragment=$3 os=$4 arch=$5
needs=$(sed -n '/^Require-Bundle:/,/^[^ ]/p' "$(dirname "$0")/../META-INF/MANIFEST.MF" | sed -n 's/^\(Require-Bundle:\)\{0,1\} \([a-z.0-9]*\),\{0,1\}$/\2/p')

provided() { printf "        <provided namespace='%s' name='%s' version='%s'/>\n" "$1" "$2" "$version"; }
required() { printf "        <required namespace='%s' name='%s' range='%s'%s\n" "$1" "$2" "$3" "${4:-/>}"; }
count() { printf '%s\n' "$@" | wc -l; }

bundle() { # id, kind, manifest, filter, the lines of what it needs
    requires=$5
    cat <<XML
    <unit id='$1' version='$version' singleton='$([ "$2" = bundle ] && echo true || echo false)'>
      <provides size='3'>
$(provided org.eclipse.equinox.p2.iu "$1")
$(provided osgi.bundle "$1")
        <provided namespace='org.eclipse.equinox.p2.eclipse.type' name='$2' version='1.0.0'/>
      </provides>
      <requires size='$(printf '%s\n' "$requires" | grep -c '<required ')'>
$requires
      </requires>
      ${4:+<filter>$4</filter>}
      <artifacts size='1'>
        <artifact classifier='osgi.bundle' id='$1' version='$version'/>
      </artifacts>
      <touchpoint id='org.eclipse.equinox.p2.osgi' version='1.0.0'/>
      <touchpointData size='1'>
        <instructions size='$([ "$2" = fragment ] && echo 2 || echo 1)'>
          <instruction key='manifest'>$3</instruction>
$([ "$2" = fragment ] && echo "          <instruction key='zipped'>true</instruction>")
        </instructions>
      </touchpointData>
    </unit>
XML
}

artifact() { # classifier, id, file
    printf "    <artifact classifier='%s' id='%s' version='%s'>\n      <properties size='2'>\n" "$1" "$2" "$version"
    printf "        <property name='download.size' value='%s'/>\n" "$(wc -c <"$out/$3" | tr -d ' ')"
    printf "        <property name='download.checksum.sha-256' value='%s'/>\n      </properties>\n    </artifact>\n" "$(sha256sum "$out/$3" | cut -d' ' -f1)"
}

filter=${fragment:+(&amp;(osgi.arch=$arch)(osgi.os=$os))}
members=$(
    required org.eclipse.equinox.p2.iu dev.nextline.eclipse "[$version,$version]"
    required org.eclipse.equinox.p2.iu dev.nextline.feature.feature.jar "[$version,$version]" "><filter>(org.eclipse.update.install.features=true)</filter></required>"
    [ -z "$fragment" ] || required org.eclipse.equinox.p2.iu "$fragment" "[$version,$version]" "><filter>$filter</filter></required>"
)
{
    cat <<XML
<?xml version='1.0' encoding='UTF-8'?>
<?metadataRepository version='1.2.0'?>
<repository name='Nextline' type='org.eclipse.equinox.internal.p2.metadata.repository.LocalMetadataRepository' version='1'>
  <units size='$([ -z "$fragment" ] && echo 4 || echo 5)'>
XML
    bundle dev.nextline.eclipse bundle "Bundle-SymbolicName: dev.nextline.eclipse;singleton:=true&#xA;Bundle-Version: $version" "" \
        "$(for need in $needs; do required osgi.bundle "$need" 0.0.0; done)"
    [ -z "$fragment" ] || bundle "$fragment" fragment "Bundle-SymbolicName: $fragment&#xA;Bundle-Version: $version&#xA;Fragment-Host: dev.nextline.eclipse" \
        "$filter" "$(required osgi.bundle dev.nextline.eclipse "[$version,$version]")"
    cat <<XML
    <unit id='dev.nextline.feature.feature.jar' version='$version'>
      <properties size='1'>
        <property name='org.eclipse.equinox.p2.name' value='Nextline'/>
      </properties>
      <provides size='2'>
$(provided org.eclipse.equinox.p2.iu dev.nextline.feature.feature.jar)
$(provided org.eclipse.update.feature dev.nextline.feature)
      </provides>
      <filter>(org.eclipse.update.install.features=true)</filter>
      <artifacts size='1'>
        <artifact classifier='org.eclipse.update.feature' id='dev.nextline.feature' version='$version'/>
      </artifacts>
      <touchpoint id='org.eclipse.equinox.p2.osgi' version='1.0.0'/>
      <touchpointData size='1'>
        <instructions size='1'>
          <instruction key='zipped'>true</instruction>
        </instructions>
      </touchpointData>
    </unit>
    <unit id='dev.nextline.feature.feature.group' version='$version' singleton='false'>
      <update id='dev.nextline.feature.feature.group' range='[0.0.0,$version)' severity='0'/>
      <properties size='3'>
        <property name='org.eclipse.equinox.p2.name' value='Nextline'/>
        <property name='org.eclipse.equinox.p2.description' value='Ghost text, edits and chat by a native agent.'/>
        <property name='org.eclipse.equinox.p2.type.group' value='true'/>
      </properties>
      <provides size='1'>
$(provided org.eclipse.equinox.p2.iu dev.nextline.feature.feature.group)
      </provides>
      <requires size='$(count "$members")'>
$members
      </requires>
      <touchpoint id='null' version='0.0.0'/>
    </unit>
    <unit id='dev.nextline.category' version='$version' singleton='false'>
      <properties size='2'>
        <property name='org.eclipse.equinox.p2.name' value='Nextline'/>
        <property name='org.eclipse.equinox.p2.type.category' value='true'/>
      </properties>
      <provides size='1'>
$(provided org.eclipse.equinox.p2.iu dev.nextline.category)
      </provides>
      <requires size='1'>
$(required org.eclipse.equinox.p2.iu dev.nextline.feature.feature.group "[$version,$version]")
      </requires>
      <touchpoint id='null' version='0.0.0'/>
    </unit>
  </units>
</repository>
XML
} >"$out/content.xml"
{
    cat <<XML
<?xml version='1.0' encoding='UTF-8'?>
<?artifactRepository version='1.1.0'?>
<repository name='Nextline' type='org.eclipse.equinox.p2.artifact.repository.simpleRepository' version='1'>
  <mappings size='2'>
    <rule filter='(&amp; (classifier=osgi.bundle))' output='\${repoUrl}/plugins/\${id}_\${version}.jar'/>
    <rule filter='(&amp; (classifier=org.eclipse.update.feature))' output='\${repoUrl}/features/\${id}_\${version}.jar'/>
  </mappings>
  <artifacts size='$([ -z "$fragment" ] && echo 2 || echo 3)'>
XML
    artifact osgi.bundle dev.nextline.eclipse "plugins/dev.nextline.eclipse_$version.jar"
    [ -z "$fragment" ] || artifact osgi.bundle "$fragment" "plugins/${fragment}_$version.jar"
    artifact org.eclipse.update.feature dev.nextline.feature "features/dev.nextline.feature_$version.jar"
    printf '  </artifacts>\n</repository>\n'
} >"$out/artifacts.xml"
