//! `nextline undo`: the last applied edit is taken back, to the byte.

use super::{code, complain};
use crate::edit::disk;
use crate::settings::state_dir;

/// Runs `nextline undo`.
pub fn run() -> u8 {
    let Some(state) = state_dir() else {
        return complain("there is no home directory, so no edit was kept");
    };
    match disk::undo(&state) {
        Ok(Some(files)) => {
            for file in files {
                eprintln!("nextline: {} has its old text again", file.display());
            }
            code::OK
        }
        Ok(None) => complain("there is no edit to undo"),
        Err(why) => complain(&why),
    }
}
