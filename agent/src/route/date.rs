//! Moments as credentials write them: the stamps of signatures, the ends of tokens.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `20150830T123600Z`, as signatures want it; its first eight letters are the day.
pub fn stamp(moment: SystemTime) -> String {
    let seconds = since_1970(moment);
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// `2015-08-30T12:36:00Z`, as files of credentials want it.
pub fn written(moment: SystemTime) -> String {
    let stamp = stamp(moment);
    format!(
        "{}-{}-{}T{}:{}:{}",
        &stamp[..4],
        &stamp[4..6],
        &stamp[6..8],
        &stamp[9..11],
        &stamp[11..13],
        &stamp[13..]
    )
}

/// How long it is until `moment`; nothing when it is over.
pub fn left(moment: SystemTime) -> Duration {
    moment.duration_since(SystemTime::now()).unwrap_or_default()
}

/// Whole seconds since 1970; 0 for what lies before.
pub fn since_1970(moment: SystemTime) -> u64 {
    moment
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// The moment that `seconds` after 1970 is.
pub fn at(seconds: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// `2026-11-22T01:15:00Z`, also with a fraction (which is dropped), an offset, `UTC` at its end or a space in its middle.
pub fn parse(text: &str) -> Option<SystemTime> {
    let (day, clock) = text.trim().split_once(['T', ' '])?;
    let zone = clock.find(['Z', 'U', '+', '-'])?;
    let (clock, zone) = clock.split_at(zone);
    let mut day = day.splitn(3, '-').map(str::parse::<u64>);
    let (year, month, day) = (day.next()?.ok()?, day.next()?.ok()?, day.next()?.ok()?);
    let mut clock = clock
        .split('.')
        .next()?
        .splitn(3, ':')
        .map(str::parse::<u64>);
    let (hour, minute, second) = (
        clock.next()?.ok()?,
        clock.next()?.ok()?,
        clock.next()?.ok()?,
    );
    let sane = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !sane {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    at(seconds.checked_add_signed(-offset(zone)?)?)
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    let (sign, clock) = match zone.split_at(1) {
        ("Z", "") | ("U", "TC") => return Some(0),
        ("+", clock) => (1, clock),
        ("-", clock) => (-1, clock),
        _ => return None,
    };
    let digits: String = clock.chars().filter(|c| *c != ':').collect();
    let number: i64 = digits.parse().ok().filter(|_| digits.len() == 4)?;
    Some(sign * (number / 100 * 3600 + number % 100 * 60))
}

/// Days from 1970 to a date. Counted from 1 March of the year 0: with the leap day last, months count evenly.
pub fn days(year: u64, month: u64, day: u64) -> u64 {
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468
}

/// Year, month and day of the day that many after 1970; the way back of [`days`].
fn civil(day: u64) -> (u64, u64, u64) {
    let day = day + 719_468;
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let m = (5 * day + 2) / 153;
    let month = if m < 10 { m + 3 } else { m - 9 };
    (
        era * 400 + year + u64::from(month <= 2),
        month,
        day - (153 * m + 2) / 5 + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_and_ends_are_exact() {
        for (seconds, stamped) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (1_440_938_160, "20150830T123600Z"),
            (4_102_444_799, "20991231T235959Z"),
        ] {
            let moment = at(seconds).expect("a moment");
            assert_eq!(stamp(moment), stamped);
            assert_eq!(parse(&written(moment)), Some(moment));
        }
        for (text, seconds) in [
            ("2015-08-30T12:36:00Z", Some(1_440_938_160)),
            ("2015-08-30T12:36:00.123456Z", Some(1_440_938_160)),
            ("2015-08-30T12:36:00UTC", Some(1_440_938_160)),
            ("2015-08-30 12:36:00+00:00", Some(1_440_938_160)),
            ("2015-08-30T14:36:00+02:00", Some(1_440_938_160)),
            ("2015-08-30T07:06:00-0530", Some(1_440_938_160)),
            ("2015-08-30T12:36:00", None),
            ("2015-13-30T12:36:00Z", None),
            ("1440938160", None),
            ("", None),
        ] {
            assert_eq!(parse(text).map(since_1970), seconds, "{text}");
        }
        for day in (0..40_000).step_by(7) {
            let (year, month, date) = civil(day);
            assert_eq!(days(year, month, date), day);
        }
    }
}
