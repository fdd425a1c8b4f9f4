//! Event streams of AWS, written down as lines: a name, a space, a payload.

/// Lines `NAME PAYLOAD` as frames; `exception:NAME` is a frame of an exception.
#[must_use]
pub fn framed(text: &str) -> Vec<u8> {
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines
        .flat_map(|(name, payload)| match name.strip_prefix("exception:") {
            Some(name) => frame("exception", name, payload.as_bytes()),
            None => frame("event", name, payload.as_bytes()),
        })
        .collect()
}

/// The data of server-sent events, each in a frame as InvokeModel sends it; lines that begin with `exception:` as there.
#[must_use]
pub fn wrapped(text: &str) -> Vec<u8> {
    let lines = text.lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with("event: "))
        .flat_map(|line| match line.strip_prefix("data: ") {
            Some(data) => {
                let payload = format!(
                    "{{\"bytes\":\"{}\",\"p\":\"abcdef\"}}",
                    base64(data.as_bytes())
                );
                frame("event", "chunk", payload.as_bytes())
            }
            None => framed(line),
        })
        .collect()
}

/// One frame with both of its sums.
fn frame(kind: &str, name: &str, payload: &[u8]) -> Vec<u8> {
    let mut headers = Vec::new();
    for (key, value) in [
        (format!(":{kind}-type"), name),
        (":content-type".to_owned(), "application/json"),
        (":message-type".to_owned(), kind),
    ] {
        headers.push(key.len() as u8);
        headers.extend_from_slice(key.as_bytes());
        headers.push(7);
        headers.extend_from_slice(&(value.len() as u16).to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let total = 12 + headers.len() + payload.len() + 4;
    let mut frame = (total as u32).to_be_bytes().to_vec();
    frame.extend_from_slice(&(headers.len() as u32).to_be_bytes());
    frame.extend_from_slice(&crc32(&frame).to_be_bytes());
    frame.extend_from_slice(&headers);
    frame.extend_from_slice(payload);
    frame.extend_from_slice(&crc32(&frame).to_be_bytes());
    frame
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
    let sum = bytes
        .iter()
        .fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), step));
    !sum
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let four = |chunk: &[u8]| {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        (0..4)
            .map(|at| match at <= chunk.len() {
                true => LETTERS[(bits >> (18 - 6 * at)) as usize & 63] as char,
                false => '=',
            })
            .collect::<String>()
    };
    bytes.chunks(3).map(four).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_letters_are_those_of_everybody() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        for (text, wanted) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v")] {
            assert_eq!(base64(text.as_bytes()), wanted);
        }
    }
}
