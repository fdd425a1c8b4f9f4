//! What is compared with: windows of like lines.

use std::collections::BTreeMap;

use nextline::index::library::names::words;

/// Lines of a window, windows taken of one file, and files looked at.
pub const WINDOW: usize = 50;
pub const WINDOWS: usize = 20;
pub const NEAREST: usize = 20;

/// Windows of like lines, best first: of the nearest files, and of the current one what is not shown.
pub fn windows(
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
pub fn bag(lines: &[&str]) -> BTreeMap<String, usize> {
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

pub fn folders_between(left: &str, right: &str) -> usize {
    let left: Vec<&str> = left.split('/').collect();
    let right: Vec<&str> = right.split('/').collect();
    let shared = left
        .iter()
        .zip(&right)
        .take_while(|(left, right)| left == right)
        .count();
    left.len() + right.len() - 2 * shared
}
