//! How much of what the next line needs is found: pieces of the workspace against windows of like lines (Jaccard).
//!
//! `cargo bench -p nextline --bench retrieval -- DIR [CASES.jsonl]`: every folder in DIR is a project. Some of its files
//! are held out and not indexed; at line starts in them, a model would see 4000 bytes before the line and 1000 after it.
//! Wanted are the identifiers of the line (3 bytes or more, no keywords) that are not among those, and that are
//! somewhere in the rest of the project or of the file. Told is the share of them in what was found, by tokens (of 4
//! bytes) of text. The baseline is what other tools do: windows of 50 lines of the 20 nearest files and of the current one,
//! ranked by the Jaccard index of their words and the words' parts with those of the last 50 lines. With CASES, the line starts are those of the file (objects of `project`, `path`,
//! `kind`, `offset` in characters, `gold`, `held`), else they are drawn, the same ones every time.

#![allow(clippy::print_stdout, reason = "its output is the report")]

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nextline::context::{Context, ContextAsk, gather};
use nextline::index::library::names::{Name, names, words};
use nextline::index::library::{Kept, Library, Limits, Stats};

const BEFORE: usize = 4000;
const AFTER: usize = 1000;
const BUDGETS: [usize; 4] = [512, 1024, 2048, 4096];
const TOKEN: usize = 4;
/// Lines of a window, windows taken of one file, and files looked at.
const WINDOW: usize = 50;
const WINDOWS: usize = 20;
const NEAREST: usize = 20;
const LARGEST: u64 = 400_000;
const EXTENSIONS: &[&str] = &[
    "rs", "ts", "mts", "cts", "tsx", "js", "jsx", "py", "go", "java", "c", "h", "cc", "cpp", "hpp",
    "cs", "kt", "rb", "php", "swift", "scala", "lua",
];
const SKIPPED: &[&str] = &[
    "node_modules",
    "target",
    "dist",
    "vendor",
    "lib-esm",
    "_cjs",
    "_esm",
    "_types",
    "locales",
];

/// A line start.
struct Case {
    path: String,
    at: usize,
    gold: String,
}

/// A project: its files, the ones held out, and the cases in them.
struct Project {
    files: BTreeMap<String, String>,
    held: Vec<String>,
    cases: Vec<Case>,
}

/// Found and wanted, by budget.
#[derive(Default, Clone, Copy)]
struct Score {
    found: [usize; 4],
    wanted: usize,
    complete: [usize; 4],
    cases: usize,
    quiet: usize,
    kept: usize,
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
        "one line later, {:.0} % of the text stands unchanged before the first change",
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
    for (_, text) in &others {
        elsewhere.extend(names(text));
    }
    let mut scores = [Score::default(); 2];
    for case in &project.cases {
        let text = &project.files[&case.path];
        let (before, rest) = text.split_at(case.at);
        // The line itself is what shall be written: it is not there yet.
        let after = &rest[case.gold.len().min(rest.len())..];
        let near_start = floor(before, before.len().saturating_sub(BEFORE));
        let near_end = floor(after, AFTER.min(after.len()));
        let shown: HashSet<Name> = names(&before[near_start..])
            .chain(names(&after[..near_end]))
            .collect();
        let far: HashSet<Name> = names(&before[..near_start])
            .chain(names(&after[near_end..]))
            .collect();
        let wanted: HashSet<Name> = names(&case.gold)
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
                let line = format!("{before}{}\n", case.gold);
                let next = gather(&ContextAsk {
                    before: &line,
                    last: Some(&context),
                    ..ask
                });
                let pairs = context.pieces.iter().zip(&next.pieces);
                let same = pairs.take_while(|(old, new)| old == new || old.text == new.text);
                scores[0].kept += same.map(|(piece, _)| piece.text.len()).sum::<usize>();
                scores[0].asked += context
                    .pieces
                    .iter()
                    .map(|piece| piece.text.len())
                    .sum::<usize>();
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

/// Windows of like lines, best first: of the nearest files, and of the current one what is not shown.
fn windows(
    path: &str,
    before: &str,
    near_start: usize,
    after: &str,
    others: &[(&String, &String)],
) -> Vec<String> {
    let lines: Vec<&str> = before.lines().collect();
    let target = bag(&lines[lines.len().saturating_sub(WINDOW)..]);
    let mut near: Vec<_> = others
        .iter()
        .map(|(other, text)| (folders_between(path, other), text))
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.truncate(NEAREST);
    let own = [&before[..near_start], after];
    let texts = near.iter().map(|(_, text)| text.as_str()).chain(own);
    let mut rows: Vec<(f64, String)> = Vec::new();
    for text in texts {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let mut ours: Vec<(f64, String)> = Vec::new();
        for window in lines.chunks(WINDOW) {
            let bag = bag(window);
            let both: usize = bag
                .iter()
                .map(|(name, times)| *times.min(target.get(name).unwrap_or(&0)))
                .sum();
            if both > 0 {
                let either = bag.values().sum::<usize>() + target.values().sum::<usize>() - both;
                ours.push((both as f64 / either as f64, window.concat()));
            }
        }
        ours.sort_by(|left, right| right.0.total_cmp(&left.0));
        ours.truncate(WINDOWS);
        rows.append(&mut ours);
    }
    rows.sort_by(|left, right| right.0.total_cmp(&left.0));
    rows.into_iter().map(|(_, text)| text).collect()
}

/// The words of lines and the parts of their words (`parseHeader`, `parse_header`), counted.
fn bag(lines: &[&str]) -> BTreeMap<String, usize> {
    let mut bag = BTreeMap::new();
    for word in lines.iter().flat_map(|line| words(line)) {
        let mut part = String::new();
        let mut parts = Vec::new();
        for letter in word.chars() {
            if (letter == '_' || letter.is_uppercase()) && !part.is_empty() {
                parts.push(std::mem::take(&mut part));
            }
            if letter != '_' {
                part.extend(letter.to_lowercase());
            }
        }
        if !parts.is_empty() {
            *bag.entry(word.to_lowercase()).or_default() += 1;
        }
        for part in parts
            .into_iter()
            .chain(Some(part))
            .filter(|part| part.len() > 1)
        {
            *bag.entry(part).or_default() += 1;
        }
    }
    bag
}

fn folders_between(left: &str, right: &str) -> usize {
    let left: Vec<&str> = left.split('/').collect();
    let right: Vec<&str> = right.split('/').collect();
    let shared = left
        .iter()
        .zip(&right)
        .take_while(|(left, right)| left == right)
        .count();
    left.len() + right.len() - 2 * shared
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn files(root: &Path, dir: &Path, out: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) && !name.starts_with('.') {
                files(root, &path, out);
            }
            continue;
        }
        let extension = path
            .extension()
            .and_then(|text| text.to_str())
            .unwrap_or_default();
        let small = entry
            .metadata()
            .is_ok_and(|metadata| metadata.len() <= LARGEST);
        let typed = [".d.ts", ".d.mts", ".d.cts"]
            .iter()
            .any(|end| name.ends_with(end));
        if !small || typed || !EXTENSIONS.contains(&extension) {
            continue;
        }
        if let (Ok(text), Ok(relative)) = (std::fs::read_to_string(&path), path.strip_prefix(root))
        {
            out.insert(
                relative.to_string_lossy().replace('\\', "/"),
                text.replace("\r\n", "\n"),
            );
        }
    }
}

type Listed = BTreeMap<String, (Vec<String>, Vec<(String, usize, String)>)>;

fn read_cases(path: &Path) -> Listed {
    let mut listed = Listed::new();
    let text = std::fs::read_to_string(path).unwrap_or_default();
    for line in text.lines() {
        let Ok(row) = serde_json::from_str::<serde_json::Value>(line) else {
            continue;
        };
        let word = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        if word("kind") != "line_start" {
            continue;
        }
        let held = row["held"].as_array().into_iter().flatten();
        let entry = listed.entry(word("project")).or_default();
        entry.0 = held
            .filter_map(|path| Some(path.as_str()?.to_owned()))
            .collect();
        let offset = row["offset"].as_u64().unwrap_or_default() as usize;
        entry.1.push((word("path"), offset, word("gold")));
    }
    listed
}

fn project(folder: &Path, name: &str, listed: Option<&Listed>) -> Option<Project> {
    let mut all = BTreeMap::new();
    files(folder, folder, &mut all);
    if all.len() < 6 {
        return None;
    }
    let Some(listed) = listed else {
        return Some(drawn(name, all));
    };
    let (held, rows) = listed.get(name)?;
    let case = |(path, offset, gold): &(String, usize, String)| {
        let (at, _) = all.get(path)?.char_indices().nth(*offset)?;
        Some(Case {
            path: path.clone(),
            at,
            gold: gold.clone(),
        })
    };
    let cases = rows.iter().filter_map(case).collect();
    Some(Project {
        cases,
        held: held.clone(),
        files: all,
    })
}

/// Draws files to hold out and line starts in them, the same ones for the same project.
fn drawn(name: &str, all: BTreeMap<String, String>) -> Project {
    let mut state = names(name).fold(0x9E37_79B9_7F4A_7C15, |state, name| {
        state ^ (u64::from(name) << 16)
    });
    let mut below = |bound: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % bound.max(1)
    };
    let fit = |text: &String| (40..=2500).contains(&text.lines().count());
    let mut paths: Vec<String> = all
        .iter()
        .filter(|(_, text)| fit(text))
        .map(|(path, _)| path.clone())
        .collect();
    let mut held = Vec::new();
    for _ in 0..(all.len() / 6).clamp(2, 8).min(paths.len()) {
        held.push(paths.swap_remove(below(paths.len())));
    }
    let mut cases = Vec::new();
    for path in &held {
        let text = &all[path];
        let mut starts = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let code = line.trim();
            let comment = ["//", "/*", "*", "#"]
                .iter()
                .any(|mark| code.starts_with(mark));
            if !code.is_empty() && !comment && line.len() <= 200 {
                starts.push((at + line.len() - line.trim_start().len(), code.to_owned()));
            }
            at += line.len();
        }
        for _ in 0..starts.len().min(12) {
            let (at, gold) = starts.swap_remove(below(starts.len()));
            cases.push(Case {
                path: path.clone(),
                at,
                gold,
            });
        }
    }
    Project {
        files: all,
        held,
        cases,
    }
}

fn floor(text: &str, byte: usize) -> usize {
    (0..=byte)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}
