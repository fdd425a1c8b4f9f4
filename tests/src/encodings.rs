//! Looking for a text under whatever it may be hidden in.

/// A text in eight encodings.
fn encoded(text: &str) -> Vec<Vec<u8>> {
    let bytes = text.as_bytes();
    let base64 = |bytes: &[u8], skip: usize| {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let inner = &bytes[(3 - skip) % 3..];
        let whole = &inner[..inner.len() / 3 * 3];
        let four = |chunk: &[u8]| {
            let bits = u32::from(chunk[0]) << 16 | u32::from(chunk[1]) << 8 | u32::from(chunk[2]);
            [18, 12, 6, 0].map(|shift| LETTERS[(bits >> shift) as usize & 63])
        };
        whole.chunks(3).flat_map(four).collect::<Vec<u8>>()
    };
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
    vec![
        bytes.to_vec(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        base64(bytes, 0),
        base64(bytes, 1),
        base64(bytes, 2),
        hex.into_bytes(),
        percent.into_bytes(),
    ]
}

/// Whether `sent` holds `text` in any of eight encodings: as it is, in UTF-16 of both kinds, in Base64 at each of three places, in
/// hexadecimal digits, percent-encoded.
#[must_use]
pub fn holds(sent: &[u8], text: &str) -> bool {
    let found = |wanted: &Vec<u8>| {
        sent.windows(wanted.len())
            .any(|window| window == &wanted[..])
    };
    encoded(text).iter().any(found)
}
