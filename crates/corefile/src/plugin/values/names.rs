//! Domain names, and names of types, classes and codes (github.com/miekg/dns, plugin/normalize.go).

use super::{atoi, transport};
use crate::reverse;

/// `dns.IsDomainName`: labels of 1 to 63 bytes, 256 bytes in all; `\.` and `\DDD` are one byte.
pub(crate) fn is_domain_name(name: &str) -> bool {
    if name.is_empty() {
        return false;
    }
    if name == "." {
        return true;
    }
    let bytes = fqdn(name).into_bytes();
    let (mut at, mut label, mut total) = (0, 0_usize, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                let ddd = bytes.get(at + 1..at + 4);
                let is_ddd = ddd.is_some_and(|ddd| ddd.iter().all(u8::is_ascii_digit));
                if !is_ddd && at + 1 >= bytes.len() {
                    return false;
                }
                at += if is_ddd { 3 } else { 1 };
                label += 1;
            }
            b'.' => {
                if label == 0 || label > 63 {
                    return false;
                }
                total += label + 1;
                if total > 256 {
                    return false;
                }
                label = 0;
            }
            _ => label += 1,
        }
        at += 1;
    }
    label == 0
}

/// `dns.Fqdn`.
pub(crate) fn fqdn(name: &str) -> String {
    let Some(body) = name.strip_suffix('.') else {
        return format!("{name}.");
    };
    let slashes = body.bytes().rev().take_while(|byte| *byte == b'\\').count();
    if slashes % 2 == 0 {
        name.to_owned()
    } else {
        format!("{name}.")
    }
}

/// `plugin.Name.Normalize`.
pub(crate) fn normal(name: &str) -> String {
    fqdn(name).to_lowercase()
}

/// `plugin.Host.NormalizeExact`: the zones that an argument stands for, none if it is no zone.
pub(crate) fn zones(text: &str) -> Vec<String> {
    let (_, rest) = transport(text);
    if rest.ends_with(':') || rest.is_empty() {
        return Vec::new();
    }
    let zone = match rest.rsplit_once(':') {
        Some((zone, port)) if atoi(port).is_ok() => zone,
        _ => rest,
    };
    if zone.len() > 255 || !is_domain_name(zone) {
        return Vec::new();
    }
    match reverse::zones(zone) {
        Some(_) if zone.starts_with(':') || (zone.starts_with('0') && zone.contains(':')) => {
            Vec::new()
        }
        Some(zones) => zones,
        None => vec![normal(zone)],
    }
}

/// `dns.StringToType`, case as written there.
pub(crate) fn is_type(text: &str) -> bool {
    TYPES.split(' ').any(|name| name == text)
}

const TYPES: &str = "A AAAA AFSDB AMTRELAY ANY APL ATMA AVC AXFR CAA CDNSKEY CDS CERT CNAME CSYNC \
DHCID DLV DNAME DNSKEY DS EID EUI48 EUI64 GID GPOS HINFO HIP HTTPS IPSECKEY ISDN IXFR KEY KX L32 \
L64 LOC LP MAILA MAILB MB MD MF MG MINFO MR MX NAPTR NID NIMLOC NINFO NS NSEC NSEC3 NSEC3PARAM \
NULL NXNAME NXT None OPENPGPKEY OPT PTR PX RESINFO RKEY RP RRSIG RT Reserved SIG SMIMEA SOA SPF \
SRV SSHFP SVCB TA TALINK TKEY TLSA TSIG TXT UID UINFO UNSPEC URI X25 ZONEMD NSAP-PTR";

/// `dns.StringToClass`.
pub(crate) fn is_class(text: &str) -> bool {
    matches!(text, "IN" | "CS" | "CH" | "HS" | "NONE" | "ANY")
}

/// `dns.StringToOpcode`.
pub(crate) fn is_opcode(text: &str) -> bool {
    matches!(text, "QUERY" | "IQUERY" | "STATUS" | "NOTIFY" | "UPDATE")
}

/// `dns.StringToRcode`, upper case.
pub(crate) fn is_rcode(text: &str) -> bool {
    RCODES.split(' ').any(|name| name == text)
}

const RCODES: &str = "NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP NOTIMPL REFUSED YXDOMAIN YXRRSET \
NXRRSET NOTAUTH NOTZONE DSOTYPENI BADSIG BADKEY BADTIME BADMODE BADNAME BADALG BADTRUNC BADCOOKIE";
