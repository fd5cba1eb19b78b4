//! Time stamps at the front of a line.

use crate::swar;

/// Longer stamps are none.
pub(crate) const MAX_STAMP: usize = 40;
/// `2026-11-25T04:56`, the part that lines of one minute share.
const HEAD: usize = 16;

/// Reads stamps and remembers the minute of the last one: lines of one minute are read once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stamps {
    head: [u8; HEAD],
    /// Minutes since 1970 of `head`, in the zone of the stamp.
    local: i64,
}

impl Stamps {
    /// Length of an RFC 3339 stamp that a blank follows, and its minute since 1970-01-01T00:00Z.
    /// The offset may stand without colon, as journalctl writes it.
    #[inline]
    pub(crate) fn rfc3339(&mut self, line: &[u8]) -> Option<(usize, i64)> {
        let end = self.checked(line)?;
        if line.get(end) != Some(&b' ') {
            return None;
        }
        let offset = match line.get(end - 1) {
            Some(b'Z') => 0,
            _ => offset(line.get(..end)?)?,
        };
        Some((end, self.local - offset))
    }

    /// The same for text that is nothing but a stamp.
    #[inline]
    pub(crate) fn whole(&mut self, text: &[u8]) -> Option<i64> {
        let mut line = [b' '; MAX_STAMP + 1];
        line.get_mut(..text.len())?.copy_from_slice(text);
        self.rfc3339(&line)
            .filter(|(end, _)| *end == text.len())
            .map(|(_, minute)| minute)
    }

    #[inline]
    fn checked(&mut self, line: &[u8]) -> Option<usize> {
        let head = line.first_chunk::<HEAD>()?;
        if *head != self.head {
            self.local = minute(head)?;
            self.head = *head;
        }
        let Some([b':', a, b]) = line.get(HEAD..HEAD + 3) else {
            return None;
        };
        if !(a.is_ascii_digit() && b.is_ascii_digit()) {
            return None;
        }
        // Nine decimals and `Z`: the usual form.
        if line.get(29) == Some(&b'Z')
            && line.get(19) == Some(&b'.')
            && swar::load(line, 20).and_then(swar::eight_digits).is_some()
            && line.get(28).is_some_and(u8::is_ascii_digit)
        {
            return Some(30);
        }
        let rest = line.get(19..MAX_STAMP.min(line.len()))?;
        let length = zone_end(rest)?;
        Some(19 + length)
    }
}

/// Length of `[.ddd…](Z|±hh[:]mm)`.
fn zone_end(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    if rest.first() == Some(&b'.') {
        at = 1 + rest
            .iter()
            .skip(1)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if at == 1 {
            return None;
        }
    }
    let shape: &[u8] = match rest.get(at..)? {
        [b'Z', ..] => return Some(at + 1),
        [b'+' | b'-', _, _, b':', ..] => b"dd:dd",
        [b'+' | b'-', ..] => b"dddd",
        _ => return None,
    };
    let digits = rest.get(at + 1..at + 1 + shape.len())?;
    fits(digits, shape).then_some(at + 1 + shape.len())
}

/// Minutes east of Greenwich that a stamp ends with.
fn offset(stamp: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match stamp {
        [.., sign @ (b'+' | b'-'), a, b, b':', c, d] | [.., sign @ (b'+' | b'-'), a, b, c, d] => {
            (*sign, two(*a, *b), two(*c, *d))
        }
        _ => return None,
    };
    let minutes = hours * 60 + minutes;
    Some(if sign == b'-' { -minutes } else { minutes })
}

fn two(tens: u8, ones: u8) -> i64 {
    i64::from(tens.wrapping_sub(b'0')) * 10 + i64::from(ones.wrapping_sub(b'0'))
}

/// Minutes since 1970 of `2026-11-25T04:56`.
fn minute(head: &[u8; HEAD]) -> Option<i64> {
    if !fits(head, b"dddd-dd-ddTdd:dd") {
        return None;
    }
    let two = |at: usize| Some(two(*head.get(at)?, *head.get(at + 1)?));
    let (year, month, day) = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
    let (hour, minute) = (two(11)?, two(14)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 {
        return None;
    }
    // Days since 1970 in the Gregorian calendar; years begin in March so that leap days come last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some((days * 24 + hour) * 60 + minute)
}

/// Length of a stamp of `CoreDNS` up to 1.2.5, `2018/05/01 10:11:12`, and its minute; it is in
/// the zone of the container, which is nearly always UTC.
pub(crate) fn slashed(line: &[u8]) -> Option<(usize, i64)> {
    let shape = b"dddd/dd/dd dd:dd:dd ";
    if !fits(line.get(..shape.len())?, shape) {
        return None;
    }
    let mut head = *line.first_chunk::<HEAD>()?;
    (head[4], head[7], head[10]) = (b'-', b'-', b'T');
    Some((shape.len() - 1, minute(&head)?))
}

/// Length of journalctl's short stamp, `Nov 25 08:16:41`; it has no year.
pub(crate) fn short(line: &[u8]) -> Option<usize> {
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let shape = b"dd:dd:dd ";
    let (month, rest) = line.split_first_chunk::<3>()?;
    let (day, rest) = rest.split_first_chunk::<4>()?;
    let known = MONTHS.as_chunks::<3>().0.contains(month);
    let day = matches!(day, [b' ', b' ' | b'0'..=b'9', b'0'..=b'9', b' ']);
    (known && day && fits(rest.get(..shape.len())?, shape)).then_some(15)
}

/// Does each byte match the shape, where `d` is any digit?
fn fits(text: &[u8], shape: &[u8]) -> bool {
    text.len() == shape.len()
        && text.iter().zip(shape).all(|(byte, want)| match want {
            b'd' => byte.is_ascii_digit(),
            _ => byte == want,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_minutes_since_1970_whatever_their_zone() {
        // Computed by GNU date: date -u -d … +%s, divided by 60.
        let cases = [
            ("1970-01-01T00:00:00Z ", 20, 0),
            ("2026-11-25T04:56:38.123456789Z ", 30, 29_926_376),
            ("2026-11-25T04:56:38.5Z ", 22, 29_926_376),
            ("2026-11-25T06:56:38+02:00 x", 25, 29_926_376),
            ("2026-11-24T23:26:38-0530 host", 24, 29_926_376),
            ("2024-02-29T23:59:59.000000000Z ", 30, 28_487_519),
            ("2000-03-01T00:00:00Z ", 20, 15_864_480),
        ];
        let mut stamps = Stamps::default();
        for (line, length, minute) in cases {
            assert_eq!(
                stamps.rfc3339(line.as_bytes()),
                Some((length, minute)),
                "{line}"
            );
        }
        for line in [
            "2026-13-25T04:56:38Z ",
            "2026-11-25T04:56:38Z",
            "2026-11-25T04:56:38 ",
            "2026-11-25T04:56:3xZ ",
            "2026-11-25T04:56:38.Z ",
            "2026-11-25 04:56:38Z ",
        ] {
            assert_eq!(stamps.rfc3339(line.as_bytes()), None, "{line}");
        }
        assert_eq!(
            slashed(b"2018/05/01 10:11:12 [INFO] x"),
            Some((19, 25_419_491))
        );
        assert_eq!(short(b"Nov  5 08:16:41 node x"), Some(15));
        assert_eq!(short(b"Nox 25 08:16:41 node x"), None);
    }
}
