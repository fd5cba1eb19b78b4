//! What is asked: every owner of the zones with its own types, and names and types that miss.

use std::collections::BTreeSet;

use crate::random::Random;
use crate::words::{GENERIC, ODD};
use crate::zones::{LARGE, REFUSED, longest};

/// How many questions there are.
pub(crate) const COUNT: usize = 500;

/// A question, asked of every server over UDP and TCP.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Question {
    pub(crate) name: String,
    pub(crate) kind: String,
}

impl Question {
    /// Whether its data is compared in the form of RFC 3597.
    pub(crate) fn is_generic(&self) -> bool {
        GENERIC.iter().any(|(_, kind, ..)| *kind == self.kind)
    }

    /// The type as the probe is asked for it: what it has no word for goes by its number.
    pub(crate) fn probe_kind(&self) -> String {
        let number = GENERIC.iter().find(|(_, kind, ..)| *kind == self.kind);
        match number {
            Some((_, "LOC" | "URI" | "RP" | "AFSDB" | "SPF", number, _)) => format!("TYPE{number}"),
            _ => self.kind.clone(),
        }
    }
}

/// All of them, in the same order each time.
pub(crate) fn questions() -> Vec<Question> {
    let mut all = BTreeSet::new();
    let mut ask = |name: &str, kinds: &[&str]| {
        for kind in kinds {
            all.insert(Question {
                name: name.to_owned(),
                kind: (*kind).to_owned(),
            });
        }
    };
    fixed(&mut ask);
    for (label, n) in ODD.iter().zip(60_u8..) {
        ask(&format!("{label}.hard.test."), &["A", "TXT", "MX"]);
        ask(&format!("cname-{n}.hard.test."), &["A"]);
        ask(&format!("srv-{n}.hard.test."), &["SRV"]);
        ask(&format!("{label}.wild.test."), &["A"]);
    }
    for n in 1..=16 {
        ask(&format!("txt{n}.hard.test."), &["TXT"]);
    }
    for n in 1..=10 {
        ask(
            &format!("chain{n}.hard.test."),
            &["A", "AAAA", "TXT", "CNAME"],
        );
    }
    for (label, kind, ..) in GENERIC {
        ask(&format!("{label}.hard.test."), &[kind]);
    }
    for count in LARGE {
        ask(&format!("a{count}.hard.test."), &["A"]);
        ask(&format!("aaaa{count}.hard.test."), &["AAAA"]);
        ask(&format!("srv{count}.hard.test."), &["SRV"]);
    }
    for count in [1, 2, 4, 5, 6, 20, 100] {
        ask(&format!("text{count}.hard.test."), &["TXT"]);
    }
    for n in 0..20 {
        ask(&format!("{n}.2.0.192.in-addr.arpa."), &["PTR"]);
        ask(&format!("{}.2.0.192.in-addr.arpa.", n + 200), &["PTR"]);
        let zeros = "0.".repeat(22);
        let reversed = format!("{n:x}.0.{zeros}0.0.8.b.d.0.1.0.0.2.ip6.arpa.");
        ask(&reversed, &["PTR"]);
    }
    fill(&mut all);
    let all: Vec<Question> = all.into_iter().collect();
    assert_eq!(
        all.len(),
        COUNT,
        "more fixed questions than there is room for"
    );
    all
}

/// Single names of the zones.
fn fixed(ask: &mut impl FnMut(&str, &[&str])) {
    ask("hard.test.", &["SOA", "NS", "A", "MX", "AAAA"]);
    ask("wild.test.", &["SOA", "NS", "A"]);
    ask("upper.test.", &["SOA", "NS"]);
    ask("host.hard.test.", &["A", "AAAA", "HINFO", "TXT"]);
    ask("HoSt.HARD.test.", &["A", "AAAA", "SRV"]);
    ask("v6.hard.test.", &["AAAA", "A"]);
    ask("zero.hard.test.", &["A", "TXT"]);
    ask("oldest.hard.test.", &["A"]);
    ask("day.hard.test.", &["A"]);
    ask("many.hard.test.", &["A"]);
    ask("mail.hard.test.", &["MX", "A", "ANY"]);
    ask("_http._tcp.hard.test.", &["SRV", "A"]);
    ask("_none._tcp.hard.test.", &["SRV"]);
    ask("_ldap._tcp.dc._msdcs.hard.test.", &["SRV"]);
    ask("caa.hard.test.", &["CAA", "ANY"]);
    ask("naptr.hard.test.", &["NAPTR", "ANY"]);
    ask("tlsa.hard.test.", &["TLSA"]);
    ask("sshfp.hard.test.", &["SSHFP"]);
    ask("pointer.hard.test.", &["PTR"]);
    for inner in ["a.b.c.inner", "b.c.inner", "c.inner", "inner", "x.c.inner"] {
        ask(&format!("{inner}.hard.test."), &["A", "TXT"]);
    }
    ask("away.hard.test.", &["A", "NS"]);
    ask("www.away.hard.test.", &["A"]);
    ask("host.tree.hard.test.", &["A"]);
    ask("tree.hard.test.", &["DNAME", "A"]);
    ask("x.old.hard.test.", &["A"]);
    ask("old.hard.test.", &["DNAME"]);
    for alias in [
        "loop1",
        "self",
        "dangling",
        "outside",
        "across",
        "bare",
        "odd-alias",
    ] {
        ask(&format!("{alias}.hard.test."), &["A", "CNAME"]);
    }
    ask("case-alias.hard.test.", &["A", "CNAME"]);
    ask("txts.hard.test.", &["TXT"]);
    ask("txt-long.hard.test.", &["TXT"]);
    ask(&longest(), &["A", "TXT"]);
    ask(&longest().replacen("ll", "no", 1), &["A"]);
    for name in [
        "any",
        "two.labels",
        "fixed.deep",
        "other.deep",
        "deep",
        "x.y.deep",
    ] {
        ask(&format!("{name}.wild.test."), &["A", "TXT"]);
    }
    for name in [
        "x.mx",
        "x.alias",
        "*",
        "\\*",
        "literal\\*",
        "b.c.inner",
        "c.inner",
        "n.c.inner",
    ] {
        ask(&format!("{name}.wild.test."), &["A", "MX"]);
    }
    for name in [
        "WWW.upper.test.",
        "www.Upper.Test.",
        "mixed.labels.upper.test.",
    ] {
        ask(name, &["A", "TXT"]);
    }
    ask("MAIL.UPPER.TEST.", &["MX"]);
    for name in [
        REFUSED,
        "www.refused.test.",
        "elsewhere.test.",
        "www.elsewhere.test.",
        ".",
    ] {
        ask(name, &["A", "NS"]);
    }
}

/// Names that exist with types that they lack, in other letters; and names that do not exist.
fn fill(all: &mut BTreeSet<Question>) {
    const KINDS: [&str; 12] = [
        "A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT", "CAA", "HINFO", "NAPTR",
    ];
    let names: Vec<String> = all.iter().map(|question| question.name.clone()).collect();
    let mut random = Random(20_261_128);
    while all.len() < COUNT {
        let name = &names[random.below(names.len())];
        let name = match random.below(3) {
            0 => name.clone(),
            1 => other_case(name, &mut random),
            _ => {
                let first = format!("nx{}", random.below(1_000_000));
                let parent = name.rsplit('.').nth(2).unwrap_or("hard");
                format!("{first}.{parent}.test.")
            }
        };
        let kind = KINDS[random.below(KINDS.len())].to_owned();
        all.insert(Question { name, kind });
    }
}

fn other_case(name: &str, random: &mut Random) -> String {
    let turned = name.chars().map(|letter| match random.below(2) {
        0 => letter.to_ascii_uppercase(),
        _ => letter,
    });
    turned.collect()
}
