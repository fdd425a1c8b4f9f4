//! Compiles the heaviest grammars once more, with tables in fewer bytes.
//!
//! What is linked of a library is what nobody before it has: this package's objects come before those of the grammar's own, hold the same
//! symbol, and take their place. Where anything is not as expected, the grammar's own tables are linked, which say the same in more bytes.

#[path = "build/sparse.rs"]
mod sparse;

use std::env::{home_dir, var, var_os};
use std::fs::{read_dir, read_to_string, remove_file, write};
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

/// A grammar: its crate, which is an optional one unless it is always linked, and where its text is in there.
const GRAMMARS: [(&str, &str); 7] = [
    ("tree-sitter-c-sharp", "src"),
    ("tree-sitter-cpp", "src"),
    ("tree-sitter-kotlin-ng", "src"),
    ("tree-sitter-scala", "src"),
    ("tree-sitter-swift", "src"),
    ("tree-sitter-typescript", "typescript/src"),
    ("tree-sitter-typescript", "tsx/src"),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((package, folder)) = GRAMMARS.get(next.fetch_add(1, Relaxed)) {
            if let Err(why) = compile(package, folder) {
                println!("cargo::warning={package}/{folder} keeps its own tables: {why}");
            }
        }
    };
    let jobs = var("NUM_JOBS").ok().and_then(|jobs| jobs.parse().ok());
    std::thread::scope(|scope| {
        for _ in 0..jobs.unwrap_or(1).min(GRAMMARS.len()) {
            scope.spawn(work);
        }
    });
}

/// Compiles one grammar, if it is enabled, from its own text with another table.
fn compile(package: &str, folder: &str) -> Result<(), String> {
    let feature = package
        .trim_start_matches("tree-sitter-")
        .trim_end_matches("-ng");
    let feature = feature.replace('-', "_").to_uppercase();
    if feature != "TYPESCRIPT" && var_os(format!("CARGO_FEATURE_{feature}")).is_none() {
        return Ok(());
    }
    let path = source(package)?.join(folder);
    let parser = path.join("parser.c");
    println!("cargo::rerun-if-changed={}", parser.display());
    let text = read_to_string(&parser).map_err(|error| error.to_string())?;
    let text = sparse::sparse(&text)?;
    let name = format!("sparse-{package}-{}", folder.replace('/', "-"));
    let rewritten = PathBuf::from(var_os("OUT_DIR").unwrap_or_default()).join(format!("{name}.c"));
    write(&rewritten, text).map_err(|error| error.to_string())?;
    let mut build = cc::Build::new();
    build.std("c11").include(&path).file(&rewritten);
    build.warnings(false).cargo_warnings(false);
    if var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "msvc") {
        build.flag("-utf-8");
    }
    let done = build.try_compile(&name);
    // Some 20 MB that nobody reads again.
    remove_file(&rewritten).ok();
    done.map_err(|error| error.to_string())
}

/// Where cargo keeps the text of a crate, of the version that is locked.
fn source(package: &str) -> Result<PathBuf, String> {
    let here = PathBuf::from(var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let locks = here.ancestors().map(|folder| folder.join("Cargo.lock"));
    let lock = locks
        .into_iter()
        .find(|file| file.exists())
        .ok_or("no Cargo.lock")?;
    println!("cargo::rerun-if-changed={}", lock.display());
    println!("cargo::rerun-if-env-changed=CARGO_HOME");
    let lock = read_to_string(lock)
        .map_err(|error| error.to_string())?
        .replace('\r', "");
    let version = lock
        .split_once(&format!("name = \"{package}\"\nversion = \""))
        .ok_or("not locked")?
        .1;
    let (version, rest) = version.split_once("\"\n").ok_or("not locked")?;
    if !rest.starts_with("source = \"registry+") {
        return Err("it is not from a registry".to_owned());
    }
    let home = var_os("CARGO_HOME").map(PathBuf::from);
    let home = home
        .or_else(|| Some(home_dir()?.join(".cargo")))
        .ok_or("no home")?;
    let registries = read_dir(home.join("registry/src")).map_err(|error| error.to_string())?;
    registries
        .flatten()
        .map(|registry| registry.path().join(format!("{package}-{version}")))
        .find(|folder| folder.exists())
        .ok_or_else(|| "its source was not found".to_owned())
}
