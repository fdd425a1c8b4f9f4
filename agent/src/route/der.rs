//! Just enough of a certificate's encoding to say who issued it.

/// Object identifiers of names, the best one first: common name, organisation, unit.
const NAMES: &[&[u8]] = &[&[0x55, 4, 3], &[0x55, 4, 10], &[0x55, 4, 11]];
/// Most characters of a name that are shown: a stranger wrote it.
const SHOWN: usize = 80;

const INTEGER: u8 = 0x02;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;

/// The name of who issued `certificate`, as far as it is printable.
pub fn issuer(certificate: &[u8]) -> Option<String> {
    let (body, _) = expect(SEQUENCE, certificate)?;
    let (mut rest, _) = expect(SEQUENCE, body)?;
    if let Some((_, after)) = expect(VERSION, rest) {
        rest = after;
    }
    let (_, rest) = expect(INTEGER, rest)?;
    let (_, rest) = expect(SEQUENCE, rest)?;
    let (issuer, _) = expect(SEQUENCE, rest)?;
    NAMES.iter().find_map(|wanted| named(wanted, issuer))
}

/// The value of the attribute `wanted` in the names of `issuer`.
fn named(wanted: &[u8], mut issuer: &[u8]) -> Option<String> {
    while let Some((mut set, after)) = expect(SET, issuer) {
        issuer = after;
        while let Some((pair, after)) = expect(SEQUENCE, set) {
            set = after;
            let (object, rest) = expect(OBJECT, pair)?;
            let (_, value, _) = element(rest)?;
            let text: String = String::from_utf8_lossy(value)
                .chars()
                .filter(|c| !c.is_control())
                .take(SHOWN)
                .collect();
            if object == wanted && !text.trim().is_empty() {
                return Some(text.trim().to_owned());
            }
        }
    }
    None
}

/// The content of the first element if it has this tag, and what follows it.
fn expect(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = element(bytes)?;
    (found == tag).then_some((content, rest))
}

/// Tag and content of the first element, and what follows it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, first, rest @ ..] = bytes else {
        return None;
    };
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = digits
                .iter()
                .fold(0, |length, digit| length << 8 | usize::from(*digit));
            (length, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = match content.len() {
            short @ 0..0x80 => vec![short as u8],
            long => vec![0x82, (long >> 8) as u8, long as u8],
        };
        [&[tag], &length[..], content].concat()
    }

    fn certificate(version: bool, names: &[(&[u8], &str)]) -> Vec<u8> {
        let names: Vec<u8> = names
            .iter()
            .flat_map(|(object, text)| {
                let pair = [put(OBJECT, object), put(0x0c, text.as_bytes())].concat();
                put(SET, &put(SEQUENCE, &pair))
            })
            .collect();
        let version = match version {
            true => put(VERSION, &put(INTEGER, &[2])),
            false => vec![],
        };
        let body = [
            version,
            put(INTEGER, &[1; 20]),
            put(SEQUENCE, &put(OBJECT, &[1, 2])),
            put(SEQUENCE, &names),
            put(SEQUENCE, &[0; 300]),
        ];
        put(SEQUENCE, &put(SEQUENCE, &body.concat()))
    }

    #[test]
    fn the_issuer_is_named() {
        let (country, common, organisation) = (&[0x55, 4, 6][..], NAMES[0], NAMES[1]);
        for (version, names, wanted) in [
            (
                true,
                &[(country, "DE"), (common, "Some Ä CA")][..],
                Some("Some Ä CA"),
            ),
            (false, &[(organisation, "Org"), (common, "CA")], Some("CA")),
            (true, &[(country, "DE"), (organisation, "Org")], Some("Org")),
            (true, &[(common, "a\n\u{1b}[2Jb")], Some("a[2Jb")),
            (true, &[(country, "DE")], None),
            (true, &[], None),
        ] {
            let bytes = certificate(version, names);
            assert_eq!(issuer(&bytes).as_deref(), wanted, "{names:?}");
            for cut in 0..bytes.len() {
                assert_eq!(issuer(&bytes[..cut]), None, "cut after {cut}");
            }
        }
    }
}
