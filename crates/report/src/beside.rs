//! What was asked beside the matrix, as sentences: at length where it says something, else in one.

use std::collections::BTreeSet;

use crate::v1::{Lookup, PairCount, Pairs, Report, Search, SearchStep, Size};
use crate::words;

/// A name that is waited for so long is told with that.
const NOTED_MS: u64 = 50;
/// Longer than any answer that is not waited for.
const SLOW_MS: u64 = 2_000;

/// A sentence, and the record that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Whether it says something.
    pub odd: bool,
    /// The sentence.
    pub text: String,
    /// Entry and JSON pointer.
    pub record: Option<(String, String)>,
}

/// In the order search list, pairs, sizes.
pub fn notes(report: &Report) -> Vec<Note> {
    let mut notes = Vec::new();
    searches(&mut notes, &report.search);
    pairs(&mut notes, &report.pairs);
    sizes(&mut notes, &report.sizes);
    notes
}

fn plain(text: String) -> Note {
    Note {
        odd: false,
        text,
        record: None,
    }
}

fn searches(notes: &mut Vec<Note>, all: &[Search]) {
    for search in all.iter().filter(|it| it.odd) {
        let mut told: Vec<(Vec<&str>, String, &Lookup)> = Vec::new();
        for lookup in &search.lookups {
            let text = walk(lookup);
            match told.iter_mut().find(|(_, other, _)| *other == text) {
                Some((resolvers, ..)) => resolvers.push(&lookup.resolver),
                None => told.push((vec![&lookup.resolver], text, lookup)),
            }
        }
        for (resolvers, text, lookup) in told {
            let stop = lookup.stop.as_ref();
            let at = lookup.steps.iter().find(|step| Some(&step.name) == stop);
            notes.push(Note {
                odd: true,
                text: format!(
                    "{} as typed, {}: asks {text}",
                    search.typed,
                    resolvers.join(" and ")
                ),
                record: at.and_then(|it| Some((it.entry.clone()?, it.pointer.clone()?))),
            });
        }
    }
    for search in all.iter().filter(|it| !it.odd) {
        let wait = search.lookups.iter().map(|it| it.wait_ms).max();
        let ends = search.lookups.first().map_or_else(String::new, end);
        notes.push(plain(format!(
            "{} as typed, along the search list: glibc, musl and Go {ends}, within {}{}",
            search.typed,
            duration(wait.unwrap_or(0)),
            search.lookups.first().map_or_else(String::new, unasked),
        )));
    }
}

/// The names that the probe left out.
fn unasked(lookup: &Lookup) -> String {
    let names = lookup.steps.iter().filter(|it| it.outcome.is_none());
    let names: Vec<&str> = names.map(|it| it.name.trim_end_matches('.')).collect();
    match names.join(", ") {
        names if names.is_empty() => names,
        names => format!("; not asked, taken for NXDOMAIN: {names}"),
    }
}

/// `get 10.0.7.7 for redis.shop.svc.cluster.local`, or what came of the last name.
fn end(lookup: &Lookup) -> String {
    let stop = lookup.stop.as_deref().unwrap_or(&lookup.why);
    let stop = stop.trim_end_matches('.');
    if lookup.found {
        return format!("get {} for {stop}", lookup.result);
    }
    format!("find nothing ({})", lookup.result)
}

/// `a (NXDOMAIN), b (timeout, 2.0 s) and ends there after 2.0 s with …`.
fn walk(lookup: &Lookup) -> String {
    let stop = lookup.stop.as_ref();
    let end = lookup.steps.iter().position(|it| Some(&it.name) == stop);
    let tried = lookup.steps.iter().take(end.map_or(0, |at| at + 1));
    // glibc leaves out the rest of the list after silence.
    let tried = tried.filter(|it| it.verdict != "not tried");
    let told = |it: &SearchStep| {
        let got = it
            .outcome
            .as_deref()
            .unwrap_or("not asked, taken for NXDOMAIN");
        let name = it.name.trim_end_matches('.');
        let mut said = vec![got.to_owned()];
        if it.wait_ms >= NOTED_MS {
            said.push(format!("would wait {}", duration(it.wait_ms)));
        }
        match it.silence.join(" and ") {
            silence if silence.is_empty() => format!("{name} ({})", said.join(", ")),
            silence => format!("{name} ({}: {silence})", said.join(", ")),
        }
    };
    let tried: Vec<String> = tried.map(told).collect();
    if tried.is_empty() {
        return format!("nothing: {}", lookup.why);
    }
    let why = if lookup.found {
        String::new()
    } else {
        format!(": {}", lookup.why)
    };
    let (tried, wait) = (tried.join(", "), duration(lookup.wait_ms));
    let slow = slow_step(lookup).map_or_else(String::new, |it| {
        format!(", {} of it for {it}", duration(slowest(lookup)))
    });
    let share = match lookup.tries {
        0 => String::new(),
        all => format!(" (in {} of {all} tries)", lookup.slow_tries),
    };
    format!(
        "{tried} and would get {} after {wait}{slow}{share}{why}",
        lookup.result
    )
}

/// The longest wait for one name, in milliseconds.
fn slowest(lookup: &Lookup) -> u64 {
    let waits = lookup.steps.iter().map(|it| it.wait_ms);
    waits.max().unwrap_or(0)
}

/// The name that costs the time, where there are several and it takes seconds.
fn slow_step(lookup: &Lookup) -> Option<&str> {
    let slowest = slowest(lookup);
    let step = lookup.steps.iter().find(|it| it.wait_ms == slowest)?;
    // A single one stands there with its wait already.
    let noted = lookup.steps.iter().filter(|it| it.wait_ms >= NOTED_MS);
    let most = noted.count() > 1 && slowest * 2 > lookup.wait_ms;
    (slowest >= SLOW_MS && most).then(|| step.name.trim_end_matches('.'))
}

fn pairs(notes: &mut Vec<Note>, all: &[Pairs]) {
    let lost = |it: &PairCount| it.halves_lost.saturating_add(it.both_lost);
    let is_odd = |it: &&Pairs| lost(&it.one_socket) + lost(&it.two_sockets) > 0;
    for pairs in all.iter().filter(is_odd) {
        let of = |it: &PairCount, from: &str| {
            let both = match it.both_lost {
                0 => String::new(),
                both => format!(" and {both} both halves"),
            };
            format!(
                "from {from} {} of {} lost one half{both}",
                it.halves_lost, it.pairs
            )
        };
        notes.push(Note {
            odd: true,
            text: format!(
                "A and AAAA in one moment, {}: {}, {}",
                pairs.vantage,
                of(&pairs.one_socket, "one socket (as glibc)"),
                of(&pairs.two_sockets, "two sockets"),
            ),
            record: Some((pairs.entry.clone(), pairs.pointer.clone())),
        });
    }
    let quiet: Vec<&Pairs> = all.iter().filter(|it| !is_odd(it)).collect();
    let asked = |it: &&Pairs| it.one_socket.pairs + it.two_sockets.pairs;
    let count: u32 = quiet.iter().map(asked).fold(0, u32::saturating_add);
    if count > 0 {
        let from: Vec<&str> = quiet.iter().map(|it| it.vantage.as_str()).collect();
        notes.push(plain(format!(
            "A and AAAA in one moment, {}: nothing lost of {}",
            from.join(", "),
            words::count(count as usize, "pair"),
        )));
    }
}

fn sizes(notes: &mut Vec<Note>, all: &[Size]) {
    let differs = |it: &&Size| it.odd || !it.doubt.is_empty();
    for size in all.iter().filter(differs) {
        let said: Vec<String> = size
            .outcomes
            .iter()
            .map(|it| match size.tries {
                1 => it.outcome.clone(),
                tries => format!("{} {}/{tries}", it.outcome, it.count),
            })
            .collect();
        let allows = match size.payload {
            0 => "no EDNS (512 bytes)".to_owned(),
            bytes => format!("{bytes} bytes by EDNS"),
        };
        let tries = match size.tries {
            1 => ", one try",
            _ => "",
        };
        let but = match size.doubt.as_str() {
            "one-try" => ", which one try does not prove",
            "sometimes" => ", and here too at times",
            "several-upstreams" => ", but each try may have had another upstream",
            "other-answer" => ", but no size brings that answer about",
            _ => "",
        };
        notes.push(Note {
            odd: size.odd,
            text: format!(
                "with {allows}, {} asks {} for {} {}: {}{tries}; with the usual size it works{but}",
                size.vantage,
                size.server.strip_suffix(":53").unwrap_or(&size.server),
                size.name.trim_end_matches('.'),
                size.record_type,
                said.join(", "),
            ),
            record: Some((size.entry.clone(), size.pointer.clone())),
        });
    }
    let quiet: Vec<&Size> = all.iter().filter(|it| !differs(it)).collect();
    if quiet.is_empty() {
        return;
    }
    let servers: BTreeSet<&str> = quiet.iter().map(|it| it.server.as_str()).collect();
    let cut: u32 = quiet
        .iter()
        .map(|it| it.truncated)
        .fold(0, u32::saturating_add);
    let cut = match cut {
        0 => String::new(),
        cut => format!(
            "; {} cut and fetched over TCP",
            words::count(cut as usize, "answer")
        ),
    };
    notes.push(plain(format!(
        "other sizes of answers, {}: no different from the usual one{cut}",
        words::count(servers.len(), "server"),
    )));
}

/// Milliseconds for a person.
pub(crate) fn duration(ms: u64) -> String {
    match ms {
        0 => "less than 1 ms".to_owned(),
        1..1_000 => format!("{ms} ms"),
        _ => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
    }
}
