//! The usual form of a query line, read eight bytes at a time.

use crate::query::{Flags, POWERS, QueryLine, duration};
use crate::swar::{Digits, Head, Tail, load, low};

/// A line of the usual form. What is not asked of it is not computed: it is read where it is used.
#[derive(Debug)]
pub(crate) struct Quick<'a> {
    pub(crate) client: &'a [u8],
    pub(crate) name: &'a [u8],
    /// Record type, at most seven bytes, the first one lowest.
    pub(crate) record_type: Head,
    /// Response code, at most eight bytes, likewise.
    pub(crate) rcode: Tail,
    pub(crate) tcp: bool,
    pub(crate) dnssec_ok: bool,
    pub(crate) flags: Flags,
    pub(crate) answer_size: Digits,
    pub(crate) nanoseconds: u64,
    port: Digits,
    id: Digits,
    size: Digits,
    buffer_size: Digits,
    /// Where the record type and the code stand.
    type_at: usize,
    rcode_at: usize,
}

/// Reads a line of class `IN`, over `udp` or `tcp`, in the format `{common}`, with no field of
/// unusual length; `None` for any other. `blank` is where the client ends.
///
/// What stands before the name is read from the front and what follows it from the end: where a field
/// stands is known only when its neighbour was read, and so two such chains run side by side. What
/// is wrong is collected on the way and asked for once: branches cost more.
#[inline]
pub(crate) fn quick(text: &[u8], blank: usize) -> Option<Quick<'_>> {
    // `10.0.0.7:38234 - 36651 `
    let tail = Tail::behind(load(text, blank.checked_sub(8)?)?, b':');
    let port = tail.digits();
    let mut wrong = port.wrong_16_bits();
    let mut client = text.get(..blank.checked_sub(tail.length() + 1)?)?;
    if let Some(bracketed) = client.strip_prefix(b"[") {
        client = bracketed.strip_suffix(b"]")?;
    }
    wrong |= u64::from(client.is_empty());
    wrong |= low(load(text, blank)?, 3) ^ DASH;
    let mut at = blank + 3;
    let head = Head::to_blank(load(text, at)?);
    let id = head.digits();
    wrong |= id.wrong_16_bits();
    at += head.length() + 1;
    // `"AAAA IN `
    let word = load(text, at)?;
    let type_at = at + 1;
    let record_type = Head::to_blank(word >> 8 | NO_BLANK);
    wrong |= low(word, 1) ^ u64::from(b'"');
    wrong |= u64::from(record_type.length() > 7);
    at += record_type.length() + 2;
    wrong |= low(load(text, at)?, 3) ^ IN;
    let name_at = at + 3;
    // ` 130 0.000109274s`
    let (nanoseconds, mut end) = last_duration(text)?;
    let tail = before(text, end)?;
    let answer_size = tail.digits();
    wrong |= answer_size.wrong();
    end = end.checked_sub(tail.length() + 1)?;
    wrong |= u64::from(text.get(end) != Some(&b' '));
    // ` qr,aa,rd`
    let word = load(text, end.checked_sub(8)?)?;
    let (own, other) = (word == QR_AA_RD, word == QR_RD_RA);
    let flags;
    if (own | other) & (text.get(end.checked_sub(9)?) == Some(&b' ')) {
        flags = Flags::from_bits(0b1001 | u8::from(own) << 1 | u8::from(other) << 4);
        end -= 9;
    } else {
        let start = text.get(..end)?.iter().rposition(|byte| *byte == b' ')?;
        flags = Flags::parse(text.get(start + 1..end)?)?;
        end = start;
    }
    // `" NOERROR`
    let rcode = before(text, end)?;
    let rcode_at = end - rcode.length();
    wrong |= u64::from(rcode.bytes() == 0);
    end = rcode_at.checked_sub(2)?;
    wrong |= u64::from(text.get(end..rcode_at) != Some(b"\" "));
    // ` false 1232`
    let tail = before(text, end)?;
    let buffer_size = tail.digits();
    wrong |= buffer_size.wrong();
    end = end.checked_sub(tail.length() + 8)?;
    let word = load(text, end)?;
    let (no, dnssec_ok) = (word >> 8 == NO, word >> 16 == YES);
    wrong |= u64::from(!(no | dnssec_ok));
    end += 2 - usize::from(no);
    // ` udp 65`
    let tail = before(text, end)?;
    let size = tail.digits();
    wrong |= size.wrong();
    end = end.checked_sub(tail.length() + 5)?;
    let proto = load(text, end.checked_sub(3)?)? >> 24;
    let tcp = proto == TCP;
    wrong |= u64::from(proto != UDP && !tcp);
    let quick = Quick {
        client,
        name: text.get(name_at..end)?,
        record_type,
        rcode,
        tcp,
        dnssec_ok,
        flags,
        answer_size,
        nanoseconds,
        port,
        id,
        size,
        buffer_size,
        type_at,
        rcode_at,
    };
    (wrong == 0).then_some(quick)
}

/// What stands between the last blank and `end`, at most eight bytes.
#[inline]
fn before(text: &[u8], end: usize) -> Option<Tail> {
    Some(Tail::behind(load(text, end.checked_sub(8)?)?, b' '))
}

impl<'a> Quick<'a> {
    /// All of it, from the text that it was read from.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "below 65,536 and of at most eight digits, as was asked before"
    )]
    pub(crate) fn line(&self, text: &'a [u8]) -> Option<QueryLine<'a>> {
        Some(QueryLine {
            client: self.client,
            port: self.port.value() as u16,
            id: self.id.value() as u16,
            record_type: text.get(self.type_at..self.type_at + self.record_type.length())?,
            class: b"IN",
            name: self.name,
            proto: if self.tcp { b"tcp" } else { b"udp" },
            size: self.size.value() as u32,
            dnssec_ok: self.dnssec_ok,
            buffer_size: self.buffer_size.value() as u32,
            rcode: text.get(self.rcode_at..self.rcode_at + self.rcode.length())?,
            flags: self.flags,
            answer_size: self.answer_size.value() as u32,
            nanoseconds: self.nanoseconds,
            opcode: None,
        })
    }
}

/// Nanoseconds of `0.000109274s` at the end of the text, of eight to 15 bytes, and where the blank
/// before it stands. The last digits are often missing: zeros there are not written.
#[inline]
fn last_duration(text: &[u8]) -> Option<(u64, usize)> {
    let blank = text.len().checked_sub(9)?;
    let blank = blank.checked_sub(before(text, blank + 1)?.length())?;
    if text.get(blank) != Some(&b' ') {
        return None;
    }
    let decimals = text.len().wrapping_sub(blank + 4);
    let head = load(text, blank + 1)?;
    // The eight bytes before the `s`; of nine decimals the first one is in the head.
    let last = load(text, text.len() - 9)?;
    let digits = Tail::of(last, decimals.min(8)).digits();
    let first = if decimals == 9 {
        (head >> 16 & 0xff) ^ 0x30
    } else {
        0
    };
    if let Some(power) = POWERS.get(9_usize.wrapping_sub(decimals))
        && (low(head, 2) ^ ZERO_POINT) | digits.wrong() | u64::from(first > 9) == 0
        && text.last() == Some(&b's')
    {
        return Some(((first * 100_000_000 + digits.value()) * power, blank));
    }
    Some((duration(text, blank + 1, text.len())?, blank))
}

/// The eighth byte of a type is not known: no blank.
const NO_BLANK: u64 = 0xff << 56;
const DASH: u64 = word(*b" - \0\0\0\0\0");
const UDP: u64 = word(*b" udp \0\0\0");
const TCP: u64 = word(*b" tcp \0\0\0");
const NO: u64 = word(*b" false \0");
const YES: u64 = word(*b" true \0\0");
const ZERO_POINT: u64 = word(*b"0.\0\0\0\0\0\0");
const IN: u64 = word(*b"IN \0\0\0\0\0");
const QR_AA_RD: u64 = word(*b"qr,aa,rd");
const QR_RD_RA: u64 = word(*b"qr,rd,ra");

const fn word(text: [u8; 8]) -> u64 {
    u64::from_le_bytes(text)
}
