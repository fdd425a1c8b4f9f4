//! How much of what the next line needs is found: pieces of the workspace against windows of like lines (Jaccard).
//!
//! `cargo bench -p nextline --bench retrieval -- DIR [CASES.jsonl]`: every folder in DIR is a project. Some of its files
//! are held out and not indexed; at line starts in them, a model would see 4000 bytes before the line and 1000 after it.
//! Wanted are the identifiers of the line (3 bytes or more, no keywords, none in comments and strings) that are not among those, and
//! that are somewhere in the rest of the project or of the file. Told is the share of them in what was found, by tokens (of 4
//! bytes) of text. The baseline is what other tools do: windows of 50 lines of the 20 nearest files and of the current one,
//! ranked by the Jaccard index of their words and the words' parts with those of the last 50 lines. With CASES, the line starts are those of the file (objects of `project`, `path`,
//! `kind`, `offset` in characters, `gold`, `held`), else they are drawn, the same ones every time.

#![allow(clippy::print_stdout, reason = "its output is the report")]

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use nextline::context::{Context, ContextAsk, Ranked, gather};
use nextline::index::library::names::{Name, names};
use nextline::index::library::{Kept, Library, Limits, Stats};

mod code;
mod projects;
mod windows;

use code::code;
use projects::*;
use windows::windows;

const BEFORE: usize = 4000;
const AFTER: usize = 1000;
const BUDGETS: [usize; 4] = [512, 1024, 2048, 4096];
const TOKEN: usize = 4;
/// Lines that are typed before the one that is asked about.
const LINES: usize = 8;

/// Found and wanted, by budget.
#[derive(Default, Clone, Copy)]
struct Score {
    found: [usize; 4],
    wanted: usize,
    complete: [usize; 4],
    cases: usize,
    quiet: usize,
    kept: usize,
    found_typed: usize,
    asked: usize,
}

fn main() {
    // Cargo adds `--bench`.
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"))
        .collect();
    let Some(dir) = args.first() else {
        println!("usage: cargo bench -p nextline --bench retrieval -- DIR [CASES.jsonl]");
        return;
    };
    let listed = args.get(1).map(|path| read_cases(Path::new(path)));
    let mut all = [Score::default(); 2];
    let mut times = [Vec::new(), Vec::new()];
    let mut built = (Duration::ZERO, Stats::default());
    for folder in folders(Path::new(dir)) {
        let name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let Some(project) = project(&folder, &name, listed.as_ref()) else {
            continue;
        };
        let scores = run(&project, &mut times, &mut built);
        for (sum, score) in all.iter_mut().zip(&scores) {
            sum.add(score);
        }
        println!("{name:24} {}   jaccard {}", scores[0], scores[1]);
    }
    println!("{:24} {}   jaccard {}", "all", all[0], all[1]);
    let [ours, windows] = &all;
    for (at, budget) in BUDGETS.iter().enumerate() {
        println!(
            "{budget:5} tokens: {:.3} against {:.3}, {:.2} times; all that is wanted in {:.0} % against {:.0} % of the cases",
            ours.share(at),
            windows.share(at),
            ours.share(at) / windows.share(at),
            100.0 * ours.complete[at] as f64 / ours.cases.max(1) as f64,
            100.0 * windows.complete[at] as f64 / windows.cases.max(1) as f64,
        );
    }
    println!(
        "nothing new to find, so that a part of the room was used: {} of {} cases",
        ours.quiet, ours.cases
    );
    println!(
        "typed line by line: {:.3} at {} tokens; from line to line {:.0} % of the text stands unchanged before the first change",
        ours.found_typed as f64 / ours.wanted.max(1) as f64,
        BUDGETS[2],
        100.0 * ours.kept as f64 / ours.asked.max(1) as f64,
    );
    for (who, times) in ["gather", "jaccard"].iter().zip(&mut times) {
        times.sort();
        let at = |part: f64| {
            times
                .get((times.len() as f64 * part) as usize)
                .copied()
                .unwrap_or_default()
        };
        println!("{who}: p50 {:?}, p99 {:?}", at(0.5), at(0.99));
    }
    let (took, stats) = built;
    let megabytes = stats.source as f64 / 1e6;
    println!(
        "index: {} files, {} chunks, {megabytes:.1} MB; {:.0} ms and {:.2} MB held for each MB",
        stats.files,
        stats.chunks,
        took.as_secs_f64() * 1e3 / megabytes,
        stats.held as f64 / 1e6 / megabytes,
    );
}

fn run(
    project: &Project,
    times: &mut [Vec<Duration>; 2],
    built: &mut (Duration, Stats),
) -> [Score; 2] {
    let library = Library::new(Limits {
        max_held: usize::MAX,
        max_file: LARGEST as usize,
    });
    let start = Instant::now();
    let mut elsewhere: HashSet<Name> = HashSet::new();
    let others = project
        .files
        .iter()
        .filter(|(path, _)| !project.held.contains(path));
    let others: Vec<(&String, &String)> = others.collect();
    for (path, text) in &others {
        if library.learn(path, text) != Kept::Taken {
            println!("  left out: {path}");
        }
    }
    library.settle();
    built.0 += start.elapsed();
    let stats = library.stats();
    built.1.files += stats.files;
    built.1.chunks += stats.chunks;
    built.1.source += stats.source;
    built.1.held += stats.held;
    for (path, text) in &others {
        elsewhere.extend(names(&code(path, text)));
    }
    let mut scores = [Score::default(); 2];
    for case in &project.cases {
        let text = &project.files[&case.path];
        let (before, rest) = text.split_at(case.at);
        // The line itself is what shall be written: it is not there yet.
        let after = &rest[case.gold.len().min(rest.len())..];
        let near_start = floor(before, before.len().saturating_sub(BEFORE));
        let near_end = floor(after, AFTER.min(after.len()));
        let named = |texts: [&str; 2]| -> HashSet<Name> {
            let text = code(&case.path, &texts.join("\n"));
            names(&text).collect()
        };
        let shown = named([&before[near_start..], &after[..near_end]]);
        let far = named([&before[..near_start], &after[near_end..]]);
        let wanted: HashSet<Name> = names(&code(&case.path, &case.gold))
            .filter(|name| {
                !shown.contains(name) && (elsewhere.contains(name) || far.contains(name))
            })
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let shelf = library.shelf();
        for (at, budget) in BUDGETS.iter().enumerate() {
            let ask = ContextAsk {
                shelf: &shelf,
                key: &case.path,
                before,
                after,
                shown: (BEFORE, AFTER),
                recent: &[],
                room: budget * TOKEN,
                frame: 0,
                path: &|key| Some(key.to_owned()),
                late: &|| false,
                last: None,
            };
            let start = Instant::now();
            let context = gather(&ask);
            times[0].push(start.elapsed());
            let texts = context.pieces.iter().map(|piece| piece.text.as_str());
            scores[0].count(at, &wanted, texts);
            scores[0].quiet += usize::from(at == 2 && context.found_nothing_new);
            if at == 2 {
                scores[0].typed(&ask, &wanted);
            }
            if at == 2 && std::env::var_os("NEXTLINE_BENCH_TELL").is_some() {
                tell(case, &wanted, &context);
            }
        }
        let start = Instant::now();
        let windows = windows(&case.path, before, near_start, &after[near_end..], &others);
        times[1].push(start.elapsed());
        for (at, budget) in BUDGETS.iter().enumerate() {
            let mut room = budget * TOKEN;
            let taken = windows.iter().filter(|window| {
                let fits = window.len() <= room;
                room -= if fits { window.len() } else { 0 };
                fits
            });
            scores[1].count(at, &wanted, taken.map(String::as_str));
        }
        for score in &mut scores {
            score.wanted += wanted.len();
            score.cases += 1;
        }
    }
    scores
}

/// What came in for a case and what of it helped.
fn tell(case: &Case, wanted: &HashSet<Name>, context: &Context) {
    println!("  {}:{} {}", case.path, case.at, case.gold);
    for piece in &context.pieces {
        let hits = names(&piece.text)
            .filter(|name| wanted.contains(name))
            .collect::<HashSet<_>>();
        println!(
            "    {:10} {:6.2} {:4} tokens {} of {} {}:{}",
            piece.source.name(),
            piece.score,
            piece.tokens,
            hits.len(),
            wanted.len(),
            piece.path,
            piece.lines.start + 1,
        );
    }
}

impl Score {
    fn add(&mut self, other: &Score) {
        for at in 0..BUDGETS.len() {
            self.found[at] += other.found[at];
            self.complete[at] += other.complete[at];
        }
        self.wanted += other.wanted;
        self.cases += other.cases;
        self.quiet += other.quiet;
        self.kept += other.kept;
        self.found_typed += other.found_typed;
        self.asked += other.asked;
    }

    fn count<'a>(
        &mut self,
        at: usize,
        wanted: &HashSet<Name>,
        texts: impl Iterator<Item = &'a str>,
    ) {
        let mut found: HashSet<Name> = HashSet::new();
        for text in texts {
            found.extend(names(text).filter(|name| wanted.contains(name)));
        }
        self.found[at] += found.len();
        self.complete[at] += usize::from(found.len() == wanted.len());
    }

    /// Asks at the ends of the last lines before the case's, too, as somebody who types: what is found then, and how much of the
    /// text stands unchanged before the first change from each to the next.
    fn typed(&mut self, ask: &ContextAsk<'_>, wanted: &HashSet<Name>) {
        let ends = ask.before.rmatch_indices('\n').take(LINES);
        let mut ends: Vec<usize> = ends.map(|(at, _)| at + 1).collect();
        ends.reverse();
        let mut last: Option<Context> = None;
        for end in ends {
            let next = gather(&ContextAsk {
                before: &ask.before[..end],
                last: last.as_ref(),
                ..*ask
            });
            if let Some(last) = &last {
                let pairs = last.pieces.iter().zip(&next.pieces);
                let same = pairs.take_while(|(old, new)| old.text == new.text);
                let bytes = |piece: &Ranked| piece.text.len();
                self.kept += same.map(|(piece, _)| bytes(piece)).sum::<usize>();
                self.asked += next.pieces.iter().map(bytes).sum::<usize>();
            }
            last = Some(next);
        }
        let pieces = last.map(|last| last.pieces).unwrap_or_default();
        let found: HashSet<Name> = pieces
            .iter()
            .flat_map(|piece| names(&piece.text).collect::<Vec<_>>())
            .filter(|name| wanted.contains(name))
            .collect();
        self.found_typed += found.len();
    }

    fn share(&self, at: usize) -> f64 {
        self.found[at] as f64 / self.wanted.max(1) as f64
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:4} cases", self.cases)?;
        (0..BUDGETS.len()).try_for_each(|at| write!(f, " {:.3}", self.share(at)))
    }
}
