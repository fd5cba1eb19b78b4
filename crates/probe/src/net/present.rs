//! The text form of answers: what a zone file would have, the same as dig shows.
//!
//! hickory-proto's own text leaves out quotes, puts bytes through as they are and gives up on some
//! types. What has no form here gets the one that RFC 3597 has for every type: `\# 2 0A0B`.

use hickory_proto::rr::{Name, RData, RecordType};
use hickory_proto::serialize::binary::NameEncoding;
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder, BinEncodable, BinEncoder};

use super::name::{decimal, show};
use crate::hex;

/// The mnemonic of a type; without one `TYPE65280` (RFC 3597, section 5).
pub(super) fn kind(kind: RecordType) -> String {
    match kind {
        // 65305 belongs to nobody: the name is hickory-proto's.
        RecordType::Unknown(_) | RecordType::ANAME | RecordType::ZERO => {
            format!("TYPE{}", u16::from(kind))
        }
        _ => kind.to_string(),
    }
}

/// The type that a mnemonic or `TYPE65280` means.
pub(super) fn parse_kind(text: &str) -> Option<RecordType> {
    let number = text
        .strip_prefix("TYPE")
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse::<u16>().ok());
    match number {
        Some(number) => Some(RecordType::from(number)),
        None => text.parse().ok(),
    }
}

/// Data in presentation form.
pub(super) fn data(data: &RData) -> String {
    match data {
        RData::A(address) => address.to_string(),
        RData::AAAA(address) => address.to_string(),
        RData::CNAME(name) => show(name),
        RData::NS(name) => show(name),
        RData::PTR(name) => show(name),
        RData::MX(mx) => format!("{} {}", mx.preference, show(&mx.exchange)),
        RData::SRV(srv) => format!(
            "{} {} {} {}",
            srv.priority,
            srv.weight,
            srv.port,
            show(&srv.target)
        ),
        RData::SOA(soa) => format!(
            "{} {} {} {} {} {} {}",
            show(&soa.mname),
            show(&soa.rname),
            soa.serial,
            // Times are of 32 bits without a sign (RFC 1035, section 3.3.13).
            soa.refresh.cast_unsigned(),
            soa.retry.cast_unsigned(),
            soa.expire.cast_unsigned(),
            soa.minimum
        ),
        RData::TXT(txt) => {
            let strings: Vec<String> = txt.txt_data.iter().map(|it| quoted(it)).collect();
            strings.join(" ")
        }
        RData::HINFO(hinfo) => format!("{} {}", quoted(&hinfo.cpu), quoted(&hinfo.os)),
        RData::CAA(caa) => format!("{} {} {}", caa.flags(), caa.tag, quoted(&caa.value)),
        RData::NAPTR(naptr) => format!(
            "{} {} {} {} {} {}",
            naptr.order,
            naptr.preference,
            quoted(&naptr.flags),
            quoted(&naptr.services),
            quoted(&naptr.regexp),
            show(&naptr.replacement)
        ),
        RData::TLSA(tlsa) => format!(
            "{} {} {} {}",
            u8::from(tlsa.cert_usage),
            u8::from(tlsa.selector),
            u8::from(tlsa.matching),
            upper_hex(&tlsa.cert_data)
        ),
        RData::SSHFP(sshfp) => format!(
            "{} {} {}",
            u8::from(sshfp.algorithm),
            u8::from(sshfp.fingerprint_type),
            upper_hex(&sshfp.fingerprint)
        ),
        RData::Unknown { code, rdata } if *code == RecordType::DNAME => {
            whole_name(&rdata.anything).unwrap_or_else(|| generic(data))
        }
        _ => generic(data),
    }
}

/// A character string (RFC 1035, section 5.1).
fn quoted(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => {
                text.push('\\');
                text.push(byte.into());
            }
            b' '..=b'~' => text.push(byte.into()),
            _ => decimal(byte, &mut text),
        }
    }
    text.push('"');
    text
}

/// Data that is one name and nothing else, and needs no other bytes of the message.
fn whole_name(bytes: &[u8]) -> Option<String> {
    let mut decoder = BinDecoder::new(bytes);
    let name = Name::read(&mut decoder).ok()?;
    // A pointer would need the rest of the message.
    let whole = name.iter().map(|label| label.len() + 1).sum::<usize>() + 1;
    (whole == bytes.len()).then(|| show(&name))
}

/// RFC 3597, section 5.
fn generic(data: &RData) -> String {
    let mut bytes = Vec::new();
    let mut encoder = BinEncoder::new(&mut bytes);
    encoder.set_name_encoding(NameEncoding::Uncompressed);
    match data.emit(&mut encoder) {
        Ok(()) if bytes.is_empty() => r"\# 0".to_owned(),
        Ok(()) => format!(r"\# {} {}", bytes.len(), upper_hex(&bytes)),
        // It was read from a message, so that it can be written into one.
        Err(_) => String::new(),
    }
}

fn upper_hex(bytes: &[u8]) -> String {
    hex::encode(bytes).to_uppercase()
}
