//! Whether two saw the same answer.

use std::collections::BTreeMap;
use std::net::Ipv6Addr;

use crate::seen::{Answer, Seen};
use crate::words::GENERIC;

/// Seconds that a TTL may have counted down between two questions to a cache. The TTLs of the zones
/// are 0 or hours apart.
const COUNTED_DOWN: u32 = 600;

/// How two answers are the same.
pub(crate) struct Class {
    pub(crate) rcode: String,
    /// Records compared.
    pub(crate) records: usize,
    pub(crate) again_over_tcp: bool,
    pub(crate) known: Known,
}

/// Differences that have a reason.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Known {
    /// None: word by word the same.
    Same,
    /// A type that dig has words for and the probe shows in the form of RFC 3597, as dig does when
    /// it is asked to: nobody's pods ask for these, and no byte is lost.
    Generic,
    /// An IPv6 address of `::/96`, which dig writes as `::1.2.3.4`. That meaning of it is gone (RFC
    /// 4291, section 2.5.5.1), and RFC 5952, section 5, wants it only for prefixes that have one.
    OldForm,
    /// A record without any data, which only types of no known use have. hickory-proto, which reads
    /// messages for the probe, takes it for one of an update: the record says malformed, with the
    /// bytes.
    NoData,
}

/// What the probe says of [`Known::NoData`].
const NO_DATA: &str = "unexpected record with length 0 in non-update message";

/// What is known of an answer that the probe could not read.
pub(crate) fn unread(dig: &Seen, why: String) -> Result<Class, String> {
    let empty = dig.answers.iter().all(|answer| answer.data == r"\# 0");
    if !empty || dig.answers.is_empty() || !why.contains(NO_DATA) {
        return Err(why);
    }
    Ok(Class {
        rcode: dig.rcode.clone(),
        records: 0,
        again_over_tcp: false,
        known: Known::NoData,
    })
}

/// Compares everything that both show; what differs otherwise.
pub(crate) fn compare(dig: &Seen, probe: &Seen) -> Result<Class, String> {
    let differ = || Err(format!("\n dig   {dig:?}\n probe {probe:?}"));
    if (&dig.rcode, &dig.flags) != (&probe.rcode, &probe.flags)
        || dig.again_over_tcp != probe.again_over_tcp
        || dig.answers.len() != probe.answers.len()
    {
        return differ();
    }
    // Servers turn sets round: their order says nothing.
    let mut ours = probe.answers.clone();
    let mut theirs = dig.answers.clone();
    let generic = theirs.iter().any(|answer| answer.data.starts_with(r"\# "));
    if generic {
        ours.iter_mut().for_each(by_number);
    }
    let old_form = theirs.iter_mut().map(rust_form).filter(|it| *it).count() > 0;
    ours.sort();
    theirs.sort();
    let same = ours.iter().zip(&theirs).all(|(ours, theirs)| {
        (&ours.name, &ours.kind, &ours.data) == (&theirs.name, &theirs.kind, &theirs.data)
            && ours.ttl.abs_diff(theirs.ttl) <= COUNTED_DOWN
            && (ours.ttl == 0) == (theirs.ttl == 0)
    });
    if !same {
        return differ();
    }
    Ok(Class {
        rcode: dig.rcode.clone(),
        records: ours.len(),
        again_over_tcp: probe.again_over_tcp,
        known: match (generic, old_form) {
            (true, _) => Known::Generic,
            (_, true) => Known::OldForm,
            _ => Known::Same,
        },
    })
}

/// dig names types by their number where it shows data in that form.
fn by_number(answer: &mut Answer) {
    if let Some((_, _, number, _)) = GENERIC.iter().find(|(_, kind, ..)| *kind == answer.kind) {
        answer.kind = format!("TYPE{number}");
    }
}

/// Whether dig shows an IPv6 address in the old form; it then stands there as Rust writes it.
fn rust_form(answer: &mut Answer) -> bool {
    let Ok(address) = answer.data.parse::<Ipv6Addr>() else {
        return false;
    };
    let old = answer.data.contains('.') && address.to_ipv4_mapped().is_none();
    if old {
        answer.data = address.to_string();
    }
    old
}

/// What was compared.
#[derive(Default)]
pub(crate) struct Counts {
    rcodes: BTreeMap<String, usize>,
    records: usize,
    again_over_tcp: usize,
    known: BTreeMap<Known, usize>,
    pub(crate) looked_again: usize,
}

impl Counts {
    pub(crate) fn add(&mut self, class: &Class) {
        *self.rcodes.entry(class.rcode.clone()).or_default() += 1;
        self.records += class.records;
        self.again_over_tcp += usize::from(class.again_over_tcp);
        *self.known.entry(class.known).or_default() += 1;
    }

    pub(crate) fn show(&self) -> String {
        let all: usize = self.rcodes.values().sum();
        let rcodes = self
            .rcodes
            .iter()
            .map(|(code, count)| format!("{code} {count}"));
        let known = |known| self.known.get(&known).copied().unwrap_or_default();
        format!(
            "{all} questions ({}), {} records; {} truncated and asked again over TCP; {} the same, {} \
             the same in the form of RFC 3597, {} with ::1.2.3.4 in another form, {} without data; {} looked at again",
            rcodes.collect::<Vec<_>>().join(", "),
            self.records,
            self.again_over_tcp,
            known(Known::Same),
            known(Known::Generic),
            known(Known::OldForm),
            known(Known::NoData),
            self.looked_again
        )
    }
}
