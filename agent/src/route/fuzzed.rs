//! The readers of answers, for the fuzzing of all readers.

use super::aws::frames::Frames;
use super::shape::Cutter;
use super::sse::{Lines, Sse};

/// However an answer is cut, the same events are in it.
pub fn answers(input: &[u8]) {
    read(Sse::default, input);
    read(Lines::default, input);
    read(Frames::default, input);
}

fn read<C: Cutter>(new: fn() -> C, input: &[u8]) {
    let events = |size: usize| {
        let (mut cutter, mut found) = (new(), Vec::new());
        let mut broken = false;
        for piece in input.chunks(size.max(1)) {
            broken = Cutter::feed(&mut cutter, piece, &mut found).is_err();
            if broken {
                break;
            }
        }
        (found, broken)
    };
    let whole = events(input.len());
    assert_eq!(whole, events(1));
    assert_eq!(whole, events(7));
}
