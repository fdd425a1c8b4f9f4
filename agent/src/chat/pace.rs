//! How often the text of an answer is told: the first piece at once, then so that the words around the pieces stay a small part of all.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

/// Pieces that are told as they come, before any text has paid for them.
const FREE: usize = 24;
/// Bytes of text that pay for one more piece: its frame has some 140.
const PAYS: usize = 2500;
/// Between two pieces while there are paid ones.
const QUICK: Duration = Duration::from_millis(33);
/// Between two pieces when there are none: a slow stream is worth its bytes.
const SLOW: Duration = Duration::from_millis(500);

/// Hands on the pieces that come from `pieces` until it ends, joined as the pace wants.
pub async fn pace<T: Future<Output = ()>>(
    mut pieces: mpsc::UnboundedReceiver<String>,
    mut tell: impl FnMut(String) -> T,
) {
    let (mut told, mut bytes) = (0_usize, 0_usize);
    let mut last: Option<Instant> = None;
    while let Some(mut text) = pieces.recv().await {
        loop {
            let paid = told < FREE + (bytes + text.len()) / PAYS;
            let wait = if paid { QUICK } else { SLOW };
            let Some(due) = last.map(|last| last + wait) else {
                break;
            };
            // Enough of it pays for itself.
            if paid && text.len() >= PAYS {
                break;
            }
            match timeout_at(due, pieces.recv()).await {
                Ok(Some(more)) => text.push_str(&more),
                Ok(None) | Err(_) => break,
            }
        }
        if text.is_empty() {
            continue;
        }
        told += 1;
        bytes += text.len();
        last = Some(Instant::now());
        tell(text).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn paced(pieces: Vec<(u64, String)>) -> Vec<String> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let feed = async move {
            for (ms, piece) in pieces {
                if ms > 0 {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                }
                sender.send(piece).unwrap();
            }
        };
        let mut told = Vec::new();
        let tell = |text| {
            told.push(text);
            std::future::ready(())
        };
        tokio::join!(feed, pace(receiver, tell));
        told
    }

    #[tokio::test]
    async fn the_first_piece_goes_at_once_and_nothing_is_lost() {
        let pieces: Vec<_> = (0..2000).map(|n| (0, format!("piece {n} "))).collect();
        let whole: String = pieces.iter().map(|(_, piece)| piece.as_str()).collect();
        let told = paced(pieces).await;
        assert_eq!(told[0], "piece 0 ");
        assert_eq!(told.concat(), whole);
        let frames = told.len() * 140;
        assert!(
            frames * 10 < whole.len() + 24 * 1400,
            "{} pieces for {} bytes",
            told.len(),
            whole.len()
        );
    }
}
