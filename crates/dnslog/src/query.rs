//! A line of plugin `log` and its fields (rule catalogue, appendix A.3).

use memchr::{memchr, memrchr};

use crate::lines::client_end;
use crate::quick::quick;
use crate::swar;

/// A query as plugin `log` writes it, in the format `{common}` or `{combined}` of any release.
///
/// The texts are as they stand in the log: names in lower case with a final dot, special
/// characters escaped as in zone files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryLine<'a> {
    /// Address of the client, an IPv6 one without its brackets.
    pub client: &'a [u8],
    /// Port of the client; 0 where the release did not write it (before 1.1).
    pub port: u16,
    /// Id of the query; 0 where the release did not write it (before 1.1).
    pub id: u16,
    /// Record type, `A` or `TYPE65280`.
    pub record_type: &'a [u8],
    /// Class, nearly always `IN`.
    pub class: &'a [u8],
    /// Name that was asked for.
    pub name: &'a [u8],
    /// `udp`, `tcp`, or another transport.
    pub proto: &'a [u8],
    /// Size of the query in bytes.
    pub size: u32,
    /// The bit that asks for DNSSEC records.
    pub dnssec_ok: bool,
    /// Largest answer over UDP that the client takes, in bytes.
    pub buffer_size: u32,
    /// Response code, `NOERROR`; a number where it has no name; `-` where no answer was recorded.
    pub rcode: &'a [u8],
    /// Flags of the answer.
    pub flags: Flags,
    /// Size of the answer before compression, in bytes.
    pub answer_size: u32,
    /// How long the answer took, in nanoseconds; upstreams' time is included.
    pub nanoseconds: u64,
    /// Opcode, only in the format `{combined}`.
    pub opcode: Option<u8>,
}

/// Flags of an answer; empty where no answer was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flags(u8);

impl Flags {
    const NAMES: [&'static str; 8] = ["qr", "aa", "tc", "rd", "ra", "z", "ad", "cd"];

    /// None of the flags.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// `aa`: `CoreDNS` answered itself, or repeats from its cache what it answered itself.
    pub const fn authoritative(self) -> bool {
        self.0 & 2 != 0
    }
    /// `tc`: the answer was cut; the client asks again over TCP.
    pub const fn truncated(self) -> bool {
        self.0 & 4 != 0
    }
    /// `ra`: recursion is available; without `aa` the answer came from an upstream.
    pub const fn recursion_available(self) -> bool {
        self.0 & 16 != 0
    }
    /// As the log writes them, `qr,aa,rd`; `-` for none.
    pub fn text(self) -> String {
        if self.is_empty() {
            return "-".to_owned();
        }
        let set = (0..8).filter(|bit| self.0 >> bit & 1 == 1);
        let names: Vec<&str> = set
            .filter_map(|bit| Self::NAMES.get(bit).copied())
            .collect();
        names.join(",")
    }

    /// The set as a number below 256.
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }
    pub(crate) const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    #[inline]
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        // What nearly every answer has.
        match text {
            b"qr,aa,rd" => Some(Self(0b1011)),
            b"qr,rd,ra" => Some(Self(0b1_1001)),
            b"qr,aa,rd,ra" => Some(Self(0b1_1011)),
            _ => Self::parse_each(text),
        }
    }

    fn parse_each(text: &[u8]) -> Option<Self> {
        let mut bits = 0;
        let mut rest = text;
        loop {
            let (bit, length) = match rest {
                [b'q', b'r', ..] => (1, 2),
                [b'a', b'a', ..] => (2, 2),
                [b't', b'c', ..] => (4, 2),
                [b'r', b'd', ..] => (8, 2),
                [b'r', b'a', ..] => (16, 2),
                [b'z', ..] => (32, 1),
                [b'a', b'd', ..] => (64, 2),
                [b'c', b'd', ..] => (128, 2),
                [b'-'] => return Some(Self(bits)),
                _ => return None,
            };
            bits |= bit;
            rest = match rest.get(length..) {
                Some([]) => return Some(Self(bits)),
                Some([b',', rest @ ..]) => rest,
                _ => return None,
            };
        }
    }
}

/// Where the blanks stand that part the fields.
struct Cuts {
    /// Ends of the client, `-`, id, type and class.
    front: [usize; 5],
    /// Ends of name, proto, size, do, buffer size, rcode, flags and answer size.
    back: [usize; 8],
    /// End of the duration.
    end: usize,
}

impl<'a> QueryLine<'a> {
    /// Reads a line without its level, like
    /// `10.0.0.7:38234 - 36651 "A IN example.org. udp 65 false 1232" NOERROR qr,aa,rd 130 0.000109s`.
    ///
    /// `None` where any field is missing or is not what its place asks for: a format of one's own,
    /// or a line that was cut.
    #[inline]
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        quick(text, client_end(text))
            .and_then(|quick| quick.line(text))
            .or_else(|| Self::parse_slowly(text))
    }

    /// The format `{combined}`, names with blanks, long names, lines of the first releases.
    #[cold]
    pub(crate) fn parse_slowly(text: &'a [u8]) -> Option<Self> {
        let mut opcode = None;
        let mut end = text.len();
        if let Some(rest) = text.strip_suffix(b"\"") {
            let quote = memrchr(b'"', rest)?;
            opcode = Some(u8::try_from(swar::number(rest, quote + 1, rest.len())?).ok()?);
            end = quote
                .checked_sub(1)
                .filter(|at| text.get(*at) == Some(&b' '))?;
        }
        let dated = dated(text);
        let mut front = [0; 5];
        let mut from = 0;
        let mut known = 0;
        if let Some(dated) = &dated {
            front[2] = dated.before;
            from = dated.before + 1;
            known = 3;
        }
        for cut in front.iter_mut().skip(known) {
            *cut = from + memchr(b' ', text.get(from..end)?)?;
            from = *cut + 1;
        }
        let mut back = [0; 8];
        let mut to = end;
        for cut in back.iter_mut().rev() {
            *cut = memrchr(b' ', text.get(from..to)?)? + from;
            to = *cut;
        }
        let cuts = Cuts { front, back, end };
        let mut line = match dated {
            None => cuts.fields(text)?,
            Some(dated) => QueryLine {
                client: dated.client,
                port: dated.port,
                id: dated.id,
                ..cuts.question(text)?
            },
        };
        line.opcode = opcode;
        Some(line)
    }
}

impl Cuts {
    fn fields<'a>(&self, text: &'a [u8]) -> Option<QueryLine<'a>> {
        let [client, dash, id, ..] = self.front;
        if text.get(client..=dash) != Some(b" - ") {
            return None;
        }
        let mut line = self.question(text)?;
        (line.client, line.port) = endpoint(text.get(..client)?)?;
        line.id = u16::try_from(swar::number(text, dash + 1, id)?).ok()?;
        Some(line)
    }

    /// All from the record type on; client and id are left empty.
    fn question<'a>(&self, text: &'a [u8]) -> Option<QueryLine<'a>> {
        let [_, _, before, record_type, class] = self.front;
        let [
            name,
            proto,
            size,
            dnssec_ok,
            buffer_size,
            rcode,
            flags,
            answer_size,
        ] = self.back;
        if text.get(before + 1) != Some(&b'"') || text.get(buffer_size - 1) != Some(&b'"') {
            return None;
        }
        let dnssec_ok = match text.get(size + 1..dnssec_ok)? {
            b"false" => false,
            b"true" => true,
            _ => return None,
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "nine digits at most are below 2^32"
        )]
        let number = |start, end: usize| {
            let number = swar::number(text, start, end)?;
            (number < 1_000_000_000).then_some(number as u32)
        };
        Some(QueryLine {
            client: &[],
            port: 0,
            id: 0,
            record_type: text.get(before + 2..record_type)?,
            class: text.get(record_type + 1..class)?,
            name: text.get(class + 1..name)?,
            proto: text.get(name + 1..proto)?,
            size: number(proto + 1, size)?,
            dnssec_ok,
            buffer_size: number(self.back[3] + 1, buffer_size - 1)?,
            rcode: text.get(buffer_size + 1..rcode)?,
            flags: Flags::parse(text.get(rcode + 1..flags)?)?,
            answer_size: number(flags + 1, answer_size)?,
            nanoseconds: duration(text, answer_size + 1, self.end)?,
            opcode: None,
        })
    }
}

/// `<ip>:<port>`.
#[inline]
fn endpoint(text: &[u8]) -> Option<(&[u8], u16)> {
    let colon = memrchr(b':', text.get(text.len().saturating_sub(6)..)?)?;
    let colon = colon + text.len().saturating_sub(6);
    let port = u16::try_from(swar::number(text, colon + 1, text.len())?).ok()?;
    let client = match text.get(..colon)? {
        [b'[', inner @ .., b']'] => inner,
        [] => return None,
        client => client,
    };
    Some((client, port))
}

/// What stands before the record type in a line of a first release: `<ip>:<port> - [<date>] <id> "`,
/// before 1.1 `<ip> - [<date>] "`.
struct Dated<'a> {
    client: &'a [u8],
    port: u16,
    id: u16,
    /// The blank before the quote.
    before: usize,
}

fn dated(text: &[u8]) -> Option<Dated<'_>> {
    let dash = memchr::memmem::find(text.get(..64).unwrap_or(text), b" - [")?;
    let date = dash + 4;
    let blank = date + memchr(b']', text.get(date..)?)? + 1;
    let client = text.get(..dash)?;
    if text.get(blank + 1) == Some(&b'"') {
        let bare = client
            .strip_prefix(b"[")
            .and_then(|it| it.strip_suffix(b"]"))
            .unwrap_or(client);
        std::str::from_utf8(bare)
            .ok()?
            .parse::<std::net::IpAddr>()
            .ok()?;
        return Some(Dated {
            client: bare,
            port: 0,
            id: 0,
            before: blank,
        });
    }
    let before = blank + 1 + memchr(b' ', text.get(blank + 1..)?)?;
    let id = u16::try_from(swar::number(text, blank + 1, before)?).ok()?;
    let (client, port) = endpoint(client)?;
    Some(Dated {
        client,
        port,
        id,
        before,
    })
}

/// Powers of ten.
pub(crate) const POWERS: [u64; 10] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
];

/// Nanoseconds of `0.000109s`, or of Go's own form (`1.2ms`, `1m2.5s`) that releases before 1.2 wrote.
pub(crate) fn duration(text: &[u8], start: usize, end: usize) -> Option<u64> {
    let last = end.checked_sub(1)?;
    if text.get(start..start + 2) == Some(b"0.") && text.get(last) == Some(&b's') {
        let first = start + 2;
        let count = last.wrapping_sub(first);
        if (1..=8).contains(&count) {
            return Some(swar::number(text, first, last)? * POWERS.get(9 - count)?);
        }
        if count == 9 {
            return Some(
                swar::number(text, first, last - 1)? * 10 + swar::number(text, last - 1, last)?,
            );
        }
    }
    go_duration(text.get(start..end)?)
}

/// A sum of decimal numbers with units. More than nine decimals, which Go prints where a number of
/// seconds has no shorter form, are rounded.
fn go_duration(text: &[u8]) -> Option<u64> {
    let mut rest = text;
    let mut sum = 0_u128;
    while !rest.is_empty() {
        let mut number = 0_u128;
        let mut scale = 1_u128;
        let mut point = false;
        let mut digits = 0;
        while let Some((byte, after)) = rest.split_first() {
            match byte {
                b'0'..=b'9' if digits < 20 => {
                    number = number * 10 + u128::from(byte - b'0');
                    scale *= if point { 10 } else { 1 };
                    digits += 1;
                }
                // Below any unit's nanosecond.
                b'0'..=b'9' if point => {}
                b'.' if !point => point = true,
                _ => break,
            }
            rest = after;
        }
        let units: [(&[u8], u128); 8] = [
            (b"ms", 1_000_000),
            ("µs".as_bytes(), 1_000),
            (b"us", 1_000),
            ("μs".as_bytes(), 1_000),
            (b"ns", 1),
            (b"s", 1_000_000_000),
            (b"m", 60_000_000_000),
            (b"h", 3_600_000_000_000),
        ];
        let (unit, size) = units.into_iter().find(|(unit, _)| rest.starts_with(unit))?;
        if digits == 0 {
            return None;
        }
        sum += (number * size + scale / 2) / scale;
        rest = rest.get(unit.len()..)?;
    }
    if text.is_empty() {
        None
    } else {
        u64::try_from(sum).ok()
    }
}

#[cfg(test)]
mod tests;
