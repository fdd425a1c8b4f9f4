//! Places before the cursor that are alike in structure, though the names differ: what stood there, and what would
//! stand here if names were exchanged alike.

use super::rank::Scene;
use super::words::Token;

/// Tokens that are compared at most.
const LONG: usize = 9;
/// Places that are kept.
pub const MOST: usize = 8;
/// The best score: every token compared is the same.
pub const BEST: f32 = 2.0 * LONG as f32;

/// A place like the cursor's.
#[derive(Debug, Clone, Copy)]
pub struct Alike {
    /// What stood there.
    pub token: Token,
    /// Two for each same token before it, one for each of the same kind, nearest first until one differs.
    pub score: u32,
    /// If that was a name used shortly before: the name that stands here in the same place.
    pub mirrored: Option<Token>,
}

/// The places most alike, best and nearest first.
pub fn alike(scene: &Scene<'_>) -> Vec<Alike> {
    let all = scene.context;
    let kinds: Vec<u8> = all.iter().map(|t| scene.words.kind(*t)).collect();
    let n = all.len();
    let mut best: Vec<(u32, usize)> = Vec::with_capacity(MOST + 1);
    for i in (1..n).rev() {
        if kinds[i - 1] != kinds[n - 1] {
            continue;
        }
        let mut score = 0;
        for k in 1..=LONG.min(i) {
            if all[i - k] == all[n - k] {
                score += 2;
            } else if kinds[i - k] == kinds[n - k] {
                score += 1;
            } else {
                break;
            }
        }
        let least = best.last().map_or(0, |b| b.0);
        if score > least || best.len() < MOST {
            let at = best.partition_point(|b| b.0 >= score);
            best.insert(at, (score, i));
            best.truncate(MOST);
        }
    }
    let place = |(score, i): (u32, usize)| {
        let word = all[i] >> 1;
        // A name exchanged between there and here is exchanged again.
        let mirrored = (1..=LONG.min(i))
            .take(score as usize)
            .find(|k| all[i - k] >> 1 == word && all[n - k] >> 1 != word)
            .map(|k| all[n - k] & !1 | all[i] & 1);
        Alike {
            token: all[i],
            score,
            mirrored,
        }
    };
    best.into_iter().map(place).collect()
}
