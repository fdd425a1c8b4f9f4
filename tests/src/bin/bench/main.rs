//! Measures the built binary from outside, beside a floor measured in the same run, and prints ratios.
//!
//! `cargo bench-all` (release), or `… --bin bench -- start keystroke` for some of the sections. The floor is this program
//! itself as the least server that can be: it frames, keeps text and asks the route, and does nothing else. Nothing is
//! asserted: times belong to machines. Reads `/proc`, so it runs on Linux only.

#![allow(clippy::print_stdout, reason = "its output is the report")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot measure stops")]

mod corpus;
mod floor;
mod instant;
mod next;
mod process;
mod report;
mod sections;

/// A section: its name, and what measures it.
type Section = (&'static str, fn(&corpus::Corpus));

const SECTIONS: &[Section] = &[
    ("start", sections::start),
    ("memory", sections::memory),
    ("keystroke", sections::keystroke),
    ("overhead", sections::overhead),
    ("embedded", sections::embedded),
    ("waiting", sections::waiting),
    ("next", next::next),
];

fn main() -> std::process::ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted.first().is_some_and(|word| word == "--floor") {
        floor::serve();
        return std::process::ExitCode::SUCCESS;
    }
    if !cfg!(target_os = "linux") {
        eprintln!("the benchmark reads /proc and runs on Linux only");
        return std::process::ExitCode::FAILURE;
    }
    if let Some(unknown) = wanted
        .iter()
        .find(|word| SECTIONS.iter().all(|(name, _)| name != word))
    {
        let names: Vec<_> = SECTIONS.iter().map(|(name, _)| *name).collect();
        eprintln!("{unknown}: no such section; there are {}", names.join(", "));
        return std::process::ExitCode::from(2);
    }
    let corpus = corpus::Corpus::load();
    println!("binary  {}", nextline_tests::binary::path().display());
    println!("corpus  {}", corpus.origin);
    println!(
        "load    {}",
        std::fs::read_to_string("/proc/loadavg")
            .unwrap_or_default()
            .trim()
    );
    for (name, measure) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            println!("\n{name}");
            measure(&corpus);
        }
    }
    std::process::ExitCode::SUCCESS
}
