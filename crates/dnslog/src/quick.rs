//! The usual form of a query line, read eight bytes at a time.

use crate::query::{Flags, QueryLine, duration};
use crate::swar::{self, Digits, Head, Tail, load, low};

/// A line of the usual form. What is not asked of it is not computed: it is read where it is used.
#[derive(Debug)]
pub(crate) struct Quick<'a> {
    pub(crate) client: &'a [u8],
    pub(crate) name: &'a [u8],
    /// Hash of the name.
    pub(crate) hash: u64,
    /// Record type, at most seven bytes, the first one lowest.
    pub(crate) record_type: Head,
    /// Response code, at most eight bytes, likewise.
    pub(crate) rcode: Head,
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
/// What is wrong is collected on the way and asked for once: branches cost more.
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
    at += record_type.length() + 2;
    wrong |= low(load(text, at)?, 3) ^ IN;
    at += 3;
    // `example.org. udp 65 `
    let (hash, name_end) = swar::hash_to_blank(text, at)?;
    let name = text.get(at..name_end)?;
    let proto = load(text, name_end)? << 24 >> 24;
    let tcp = proto == TCP;
    wrong |= u64::from(proto != UDP && !tcp);
    at = name_end + 5;
    let head = Head::to_blank(load(text, at)?);
    let size = head.digits();
    wrong |= size.wrong();
    at += head.length() + 1;
    // `false 1232" `
    let word = load(text, at)?;
    let (no, dnssec_ok) = (low(word, 6) == NO, low(word, 5) == YES);
    wrong |= u64::from(!(no | dnssec_ok));
    at += 5 + usize::from(no);
    let head = Head::to(load(text, at)?, b'"');
    let buffer_size = head.digits();
    wrong |= buffer_size.wrong();
    at += head.length();
    // `" NOERROR qr,aa,rd 130 `
    let rcode_at = at + 2;
    let rcode = Head::to_blank(load(text, rcode_at)?);
    wrong |= u64::from(rcode.bytes() == 0);
    at = rcode_at + rcode.length();
    if text.get(rcode_at - 2..rcode_at) != Some(b"\" ") || text.get(at) != Some(&b' ') {
        return None;
    }
    at += 1;
    let word = load(text, at)?;
    let (own, other) = (word == QR_AA_RD, word == QR_RD_RA);
    let flags;
    if (own | other) & (text.get(at + 8) == Some(&b' ')) {
        flags = Flags::from_bits(0b1001 | u8::from(own) << 1 | u8::from(other) << 4);
        at += 9;
    } else {
        let length = text.get(at..)?.iter().position(|byte| *byte == b' ')?;
        flags = Flags::parse(text.get(at..at + length)?)?;
        at += length + 1;
    }
    let head = Head::to_blank(load(text, at)?);
    let answer_size = head.digits();
    wrong |= answer_size.wrong();
    at += head.length() + 1;
    // `0.000109274s`
    let nanoseconds = match full_duration(text, at) {
        Some(nanoseconds) => nanoseconds,
        None => duration(text, at, text.len())?,
    };
    let quick = Quick {
        client,
        name,
        hash,
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

/// Nanoseconds of `0.000109274s`, the usual length, which must end the text.
#[inline]
fn full_duration(text: &[u8], at: usize) -> Option<u64> {
    let [b'0', b'.', digits @ .., last, b's'] = text.get(at..)?.as_array::<12>()? else {
        return None;
    };
    let last = last.wrapping_sub(b'0');
    let digits = swar::eight_digits(u64::from_le_bytes(*digits))?;
    (last < 10).then(|| digits * 10 + u64::from(last))
}

/// The eighth byte of a type is not known: no blank.
const NO_BLANK: u64 = 0xff << 56;
const DASH: u64 = word(*b" - \0\0\0\0\0");
const UDP: u64 = word(*b" udp \0\0\0");
const TCP: u64 = word(*b" tcp \0\0\0");
const NO: u64 = word(*b"false \0\0");
const YES: u64 = word(*b"true \0\0\0");
const IN: u64 = word(*b"IN \0\0\0\0\0");
const QR_AA_RD: u64 = word(*b"qr,aa,rd");
const QR_RD_RA: u64 = word(*b"qr,rd,ra");

const fn word(text: [u8; 8]) -> u64 {
    u64::from_le_bytes(text)
}
