//! How the binary is linked.

use std::env::var;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=start.ld");
    let is = |key: &str, value: &str| var(key).is_ok_and(|it| it == value);
    if is("PROFILE", "release")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ARCH", "x86_64")
    {
        // At a fixed place nothing has to be moved at the start: 46,000 addresses, and a third of the pages that were touched before
        // `initialize` was answered.
        println!("cargo::rustc-link-arg-bins=-no-pie");
        // What runs at a start lies side by side: 4 MB less are resident. GNU ld takes minutes over it.
        if is_lld() {
            let here = var("CARGO_MANIFEST_DIR").unwrap_or_default();
            println!("cargo::rustc-link-arg-bins=-Wl,-T,{here}/start.ld");
        }
    }
}

/// Whether the toolchain links with its own lld, as those of rustup do since 1.90, and nobody chose another linker.
fn is_lld() -> bool {
    let flags = var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let chosen = var("RUSTC_LINKER").is_ok() || flags.contains("linker") || flags.contains("-ld");
    let rustc = Command::new(var("RUSTC").unwrap_or_default())
        .args(["--print", "sysroot"])
        .output();
    let sysroot = rustc.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let lld = |sysroot: String| {
        let host = var("HOST").unwrap_or_default();
        Path::new(&sysroot).join(format!("lib/rustlib/{host}/bin/rust-lld"))
    };
    !chosen && sysroot.is_ok_and(|sysroot| lld(sysroot).exists())
}
