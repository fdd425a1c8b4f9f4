//! A picture that a message mentions: told by its first bytes, not by its name, and no larger than models take.

use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::prompt::Image;
use crate::prompt::talk::Item;

/// Bytes of a picture: the least of what the known providers take.
const CAP: u64 = 5 << 20;

/// How a picture begins, what stands eight bytes in, and what it is called.
const SORTS: &[(&[u8], &[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", b"", "image/png"),
    (b"\xff\xd8\xff", b"", "image/jpeg"),
    (b"GIF87a", b"", "image/gif"),
    (b"GIF89a", b"", "image/gif"),
    (b"RIFF", b"WEBP", "image/webp"),
];

/// The picture that a file is; `None` for one that is none.
pub fn read(path: &Path) -> Option<Result<Image, String>> {
    let mut file = std::fs::File::open(path).ok()?;
    let mut head = [0; 12];
    file.read_exact(&mut head).ok()?;
    let sort = SORTS
        .iter()
        .find(|(start, later, _)| head.starts_with(start) && head[8..].starts_with(later));
    let (_, _, media) = *sort?;
    let mut bytes = head.to_vec();
    if let Err(error) = file.take(CAP).read_to_end(&mut bytes) {
        return Some(Err(error.to_string()));
    }
    if bytes.len() as u64 > CAP {
        let what = format!("the picture has more than {} MB", CAP >> 20);
        return Some(Err(what));
    }
    let data = STANDARD.encode(&bytes);
    Some(Ok(Image { media, data }))
}

/// The item that a picture is.
pub fn item(name: &str, path: &Path, image: Image) -> Item {
    Item {
        name: name.to_owned(),
        file: path.to_string_lossy().into_owned(),
        line: 1,
        rule: "mentioned".into(),
        image: Some(image),
        ..Item::default()
    }
}
