//! Zones that are hard to ask: every record type, odd labels, chains, wildcards, large sets.

use std::fmt::Write as _;

use crate::words::{GENERIC, ODD, STRINGS};

/// A zone as all servers load it.
pub(crate) struct Zone {
    pub(crate) origin: &'static str,
    pub(crate) text: String,
}

/// BIND and Unbound refuse to answer from it, and CoreDNS does not load it.
pub(crate) const REFUSED: &str = "refused.test.";

/// Server of a delegated zone; nobody asks it.
pub(crate) const DELEGATED: &str = "192.0.2.53";

/// Address records of each large set, around the sizes at which answers stop fitting: 512 bytes,
/// 1,232, 4,096, and what TCP takes.
pub(crate) const LARGE: [u32; 8] = [25, 31, 70, 74, 80, 250, 260, 1000];

/// A name of 255 bytes on the wire, the most there is.
pub(crate) fn longest() -> String {
    let label = "l".repeat(63);
    let rest = "m".repeat(255 - 3 * 64 - "hard.test.".len() - 1 - 1);
    format!("{label}.{label}.{label}.{rest}.hard.test.")
}

/// All of them.
pub(crate) fn zones() -> Vec<Zone> {
    vec![
        zone("hard.test.", &hard()),
        zone("wild.test.", &wild()),
        zone("Upper.TEST.", &upper()),
        zone("2.0.192.in-addr.arpa.", &reverse()),
        zone("8.b.d.0.1.0.0.2.ip6.arpa.", &reverse6()),
        zone(REFUSED, "www IN A 192.0.2.1\n"),
    ]
}

/// A zone's file with its SOA and name server.
fn zone(origin: &'static str, rest: &str) -> Zone {
    let text = format!(
        "$ORIGIN {origin}\n$TTL 3600\n\
         @ 7200 IN SOA ns.hard.test. host\\.master.hard.test. 4294967295 7200 3600 1209600 3600\n\
         @ 7200 IN NS ns.hard.test.\n{rest}"
    );
    Zone { origin, text }
}

fn hard() -> String {
    let mut text = String::from(
        "ns IN A 127.0.0.1\n\
         @ IN A 192.0.2.1\n\
         @ IN MX 0 .\n\
         host IN A 192.0.2.10\n\
         host IN AAAA 2001:db8::10\n\
         host IN HINFO \"PC \\\"quoted\\\"\" \"Linux\\\\6\"\n\
         v6 IN AAAA ::\n\
         v6 IN AAAA ::ffff:192.0.2.1\n\
         v6 IN AAAA 2001:db8:0:0:1:0:0:1\n\
         v6 IN AAAA 2001:db8:0:1:1:1:1:1\n\
         v6 IN AAAA ::1.2.3.4\n\
         v6 IN AAAA fe80::1\n\
         zero 0 IN A 192.0.2.20\n\
         zero 0 IN TXT \"never kept\"\n\
         oldest 2147483647 IN A 192.0.2.21\n\
         day 86400 IN A 192.0.2.22\n\
         many IN A 192.0.2.30\nmany IN A 192.0.2.31\nmany IN A 192.0.2.32\n\
         mail IN MX 10 mx1\nmail IN MX 20 mx2.wild.test.\nmail IN MX 65535 MX-Upper.Hard.Test.\n\
         _http._tcp IN SRV 0 65535 8080 host\n\
         _http._tcp IN SRV 10 0 0 odd\\.target\n\
         _none._tcp IN SRV 0 0 0 .\n\
         _ldap._tcp.dc._msdcs IN SRV 0 100 389 Host\n\
         caa IN CAA 0 issue \"ca.test; account=\\\"1\\\"\"\n\
         caa IN CAA 128 iodef \"mailto:x@hard.test\"\n\
         caa IN CAA 1 tbs \"\"\n\
         naptr IN NAPTR 100 10 \"S\" \"SIP+D2U\" \"\" _sip._udp.hard.test.\n\
         naptr IN NAPTR 100 20 \"U\" \"E2U+sip\" \"!^(.*)$!sip:\\\\1@hard.test!\" .\n\
         tlsa IN TLSA 3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971\n\
         sshfp IN SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789\n\
         pointer IN PTR x\\.y\\032z.hard.test.\n\
         a.b.c.inner IN A 192.0.2.40\n\
         away IN NS ns1.away\naway IN NS ns.elsewhere.test.\nns1.away IN A 192.0.2.53\n\
         tree IN DNAME hard.test.\n\
         old IN DNAME new\\.place.wild.test.\n\
         loop1 IN CNAME loop2\nloop2 IN CNAME loop1\nself IN CNAME self\n\
         dangling IN CNAME missing\n\
         outside IN CNAME www.elsewhere.test.\n\
         across IN CNAME a.wild.test.\n\
         bare IN CNAME nodata\nnodata IN TXT \"no address\"\n\
         odd-alias IN CNAME dot\\.inside\n\
         Case-Alias IN CNAME HOST\n",
    );
    for n in 1..10 {
        line(
            &mut text,
            format_args!("chain{n} {} IN CNAME chain{}", 3600 * n, n + 1),
        );
    }
    text.push_str("chain10 IN A 192.0.2.50\nchain10 IN AAAA 2001:db8::50\n");
    for (label, n) in ODD.iter().zip(60_u8..) {
        line(&mut text, format_args!("{label} IN A 192.0.2.{n}"));
        line(
            &mut text,
            format_args!("{label} IN TXT \"of an odd label\""),
        );
        line(
            &mut text,
            format_args!("cname-{n} IN CNAME {label}.hard.test."),
        );
        line(
            &mut text,
            format_args!("srv-{n} IN SRV 1 2 3 {label}.hard.test."),
        );
    }
    for (strings, n) in STRINGS.iter().zip(1..) {
        line(&mut text, format_args!("txt{n} IN TXT {strings}"));
        line(&mut text, format_args!("txts IN TXT {strings}"));
    }
    line(
        &mut text,
        format_args!("txt-long IN TXT \"{}\"", "x".repeat(255)),
    );
    for (label, kind, number, data) in GENERIC {
        // CoreDNS's reader knows no SPF: the number and bytes are the same record.
        match kind {
            "SPF" => line(
                &mut text,
                format_args!("{label} IN TYPE{number} \\# 12 0B763D73706631202D616C6C"),
            ),
            _ => line(&mut text, format_args!("{label} IN {kind} {data}")),
        }
    }
    line(&mut text, format_args!("{} IN A 192.0.2.99", longest()));
    large(&mut text);
    text
}

/// Sets of many records.
fn large(text: &mut String) {
    for count in LARGE {
        for n in 0..count {
            let (high, low) = (n / 250, n % 250 + 1);
            line(text, format_args!("a{count} IN A 10.0.{high}.{low}"));
            if count <= 260 {
                line(
                    text,
                    format_args!("aaaa{count} IN AAAA 2001:db8::{high}:{low:x}"),
                );
                line(
                    text,
                    format_args!("srv{count} IN SRV {n} 1 53 host{n}.hard.test."),
                );
            }
        }
    }
    for count in [1, 2, 4, 5, 6, 20, 100] {
        for n in 0..count {
            let filling = "y".repeat(200);
            line(text, format_args!("text{count} IN TXT \"{n} {filling}\""));
        }
    }
}

fn wild() -> String {
    String::from(
        "a IN A 192.0.2.200\n\
         * IN A 192.0.2.201\n\
         * IN TXT \"from the \\\"wildcard\\\"\"\n\
         *.deep IN CNAME a\n\
         fixed.deep IN A 192.0.2.202\n\
         *.mx IN MX 10 a\n\
         b.c.inner IN A 192.0.2.203\n\
         *.alias IN CNAME host.hard.test.\n\
         literal\\* IN A 192.0.2.204\n",
    )
}

fn upper() -> String {
    String::from(
        "WWW IN A 192.0.2.210\nwww IN TXT \"lower owner\"\n\
         MiXeD.LaBeLs IN CNAME WwW\nMail IN MX 5 MAIL.Upper.TEST.\n",
    )
}

fn reverse() -> String {
    let mut text = String::new();
    for n in 0..32 {
        line(
            &mut text,
            format_args!("{n} IN CNAME {n}.0/25.2.0.192.in-addr.arpa."),
        );
        line(
            &mut text,
            format_args!("{n}.0/25 IN PTR host-{n}.Hard.Test."),
        );
    }
    for n in 200..216 {
        line(
            &mut text,
            format_args!("{n} IN PTR odd\\.name\\032{n}.hard.test."),
        );
    }
    text
}

fn reverse6() -> String {
    let mut text = String::new();
    for n in 0..16 {
        let zeros = "0.".repeat(22);
        line(
            &mut text,
            format_args!("{n:x}.0.{zeros}0.0 IN PTR v6-{n}.hard.test."),
        );
    }
    text
}

fn line(text: &mut String, record: std::fmt::Arguments<'_>) {
    let _ = writeln!(text, "{record}");
}
