//! What Linux says of a process.

use std::fs;
use std::time::Duration;

/// Milliseconds on a CPU so far, over all living threads. Threads that ended are missing, so pools must not shrink while
/// they are measured.
pub fn cpu_ms(pid: u32) -> f64 {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return 0.0;
    };
    let spent: u64 = threads
        .flatten()
        .filter_map(|thread| {
            fs::read_to_string(thread.path().join("schedstat"))
                .ok()?
                .split(' ')
                .next()?
                .parse::<u64>()
                .ok()
        })
        .sum();
    spent as f64 / 1e6
}

/// Resident megabytes (2^20 bytes).
pub fn rss_mb(pid: u32) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup
        .lines()
        .find(|line| line.starts_with("Rss:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<f64>().ok())
        .unwrap_or_default()
        / 1024.0
}

/// Waits until the process has used less than a millisecond of CPU in four looks of 100 ms.
pub fn settle(pid: u32) {
    let (mut before, mut quiet) = (cpu_ms(pid), 0);
    for _ in 0..600 {
        std::thread::sleep(Duration::from_millis(100));
        let now = cpu_ms(pid);
        quiet = if now - before < 1.0 { quiet + 1 } else { 0 };
        before = now;
        if quiet == 4 {
            return;
        }
    }
}
