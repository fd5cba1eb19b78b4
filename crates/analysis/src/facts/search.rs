//! The walk along a search list: what each resolver implementation makes of the answers that the
//! failing pod's sibling got for every name that may be tried.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use digpod_bundle::{Place, layout};
use digpod_probe::{Outcome, ProbeOutput, Record, Transport, candidates};
use digpod_resolv::{
    Environment, Family, Implementation, Message, Question, Rcode, RecordType, Reply, Simulation,
    Verdict, read_as, simulate,
};

use super::Facts;

/// Names that somebody typed, and what becomes of them.
#[derive(Clone, Debug)]
pub(crate) struct Walk<'a> {
    /// As it was typed.
    pub(crate) typed: &'a str,
    /// Of each implementation, in the order glibc, musl, Go, with the answers of the first try.
    pub(crate) lookups: Vec<Simulation>,
    /// The same with the answers of each further try.
    pub(crate) again: Vec<Vec<Simulation>>,
    /// The same with the first answer that any try got: what is silent here never answered.
    pub(crate) settled: Vec<Simulation>,
    /// Whether a question was answered in one try and not in another, so that silence may be chance.
    pub(crate) is_lossy: bool,
    /// What each try got.
    tries: BTreeMap<u32, Got<'a>>,
    /// All of them.
    all: Got<'a>,
}

/// By name and type, and by the server that was asked: a walk goes on to the next server.
type Got<'a> = BTreeMap<(String, String), Vec<(&'a Record, Place)>>;

impl<'a> Walk<'a> {
    /// The record of a candidate that shows best what came of it in any try: with an answer, or of A.
    pub(crate) fn record(&self, name: &str) -> Option<(&'a Record, &Place)> {
        best(last_words(&self.all, name))
    }

    /// The same of one try; its answers are those that [`Walk::again`] was replayed with.
    pub(crate) fn record_of(&self, name: &str, try_: usize) -> Option<(&'a Record, &Place)> {
        best(last_words(self.tries.values().nth(try_)?, name))
    }

    /// What a candidate got in a try, of both types where resolvers may make something else of them.
    pub(crate) fn got(&self, name: &str, try_: usize) -> Option<String> {
        let words = last_words(self.tries.values().nth(try_)?, name);
        let exists = |it: Outcome| it <= Outcome::Nodata;
        match words.map(|it| it.map(|(record, _)| record.outcome)) {
            [Some(a), Some(aaaa)] if a != aaaa && !(exists(a) && exists(aaaa)) => {
                Some(format!("A {}, AAAA {}", a.as_str(), aaaa.as_str()))
            }
            both => Some(both.into_iter().flatten().min()?.as_str().to_owned()),
        }
    }

    /// Where it stands what a server said of the typed name alone.
    pub(crate) fn said_by(&self, server: IpAddr) -> Option<&Place> {
        let steps = self.all.get(&(self.alone(), "A".to_owned()))?;
        let mut of_server = steps.iter().filter(|(it, _)| is_of(&it.server, server));
        of_server.next().map(|(_, place)| place)
    }

    /// The typed name alone, with its final dot.
    pub(crate) fn alone(&self) -> String {
        alone(self.typed)
    }
}

fn alone(typed: &str) -> String {
    format!("{}.", typed.trim_end_matches('.').to_ascii_lowercase())
}

type Words<'w, 'a> = [Option<&'w (&'a Record, Place)>; 2];

/// What A and AAAA of a name got: the last answer of a walk over servers, or the last silence.
fn last_words<'w, 'a>(got: &'w Got<'a>, name: &str) -> Words<'w, 'a> {
    ["A", "AAAA"].map(|kind| {
        let steps = got.get(&(name.to_ascii_lowercase(), kind.to_owned()))?;
        let mut answers = steps.iter().rev();
        let answer = answers.find(|(record, _)| record.outcome.is_answer());
        answer.or(steps.last())
    })
}

fn best<'w, 'a>(words: Words<'w, 'a>) -> Option<(&'a Record, &'w Place)> {
    let words = words.into_iter().flatten();
    let best = words.min_by_key(|(record, _)| record.outcome);
    best.map(|(record, place)| (*record, place))
}

/// Names whose walks are told.
pub(crate) const MOST_NAMES: usize = 16;
/// Suffixes that the kubelet lets a pod have (kubernetes/kubernetes, `pkg/apis/core/validation`,
/// `MaxDNSSearchPaths`).
const MOST_SUFFIXES: usize = 32;
/// Tries of a walk that are replayed.
const MOST_TRIES: usize = 5;
/// Servers that a try asks for a name.
const MOST_STEPS: usize = 8;
/// Rounds over the servers that are replayed.
const MOST_ATTEMPTS: u32 = 10;

/// Implementations whose walks are told.
const IMPLEMENTATIONS: [Implementation; 3] = [
    Implementation::GLIBC,
    Implementation::MUSL,
    Implementation::GO,
];

/// What becomes of each typed name in the failing pod.
pub(crate) fn walks<'a>(facts: &'a Facts<'_>) -> Vec<Walk<'a>> {
    let Some(output) = facts.probes.outputs.get("workload") else {
        return Vec::new();
    };
    let mut typed: Vec<&str> = Vec::new();
    for name in output.records.iter().filter_map(|it| it.typed.as_deref()) {
        if typed.len() < MOST_NAMES && !typed.contains(&name) {
            typed.push(name);
        }
    }
    if is_overlong(output) {
        return Vec::new();
    }
    let walks = typed.into_iter().map(|typed| walk(output, typed));
    let mut walks: Vec<Walk<'_>> = walks.filter(|it| !it.tries.is_empty()).collect();
    // One try of a walk shows no loss; the other questions to the same servers do.
    let mut rows = facts.probes.through_service();
    if rows.any(|it| it.vantage == "workload" && (1..it.tries()).contains(&it.answered())) {
        for walk in &mut walks {
            walk.is_lossy = true;
        }
    }
    walks
}

/// More suffixes than the kubelet allows were written by somebody else, to keep us busy.
pub(crate) fn is_overlong(output: &ProbeOutput) -> bool {
    candidates(&output.resolv_conf, "name").len() > MOST_SUFFIXES + 1
}

pub(crate) fn walk<'a>(output: &'a ProbeOutput, typed: &'a str) -> Walk<'a> {
    let mut tries: BTreeMap<u32, Got<'_>> = BTreeMap::new();
    for (at, record) in output.records.iter().enumerate() {
        let may = tries.len() < MOST_TRIES || tries.contains_key(&record.try_);
        if may && record.typed.as_deref() == Some(typed) {
            let entry = layout::probe_records("workload");
            let place = Place::json(&entry, format!("/records/{at}/outcome"));
            let key = (record.name.to_ascii_lowercase(), record.record_type.clone());
            let got = tries.entry(record.try_).or_default();
            let steps = got.entry(key).or_default();
            if steps.len() < MOST_STEPS {
                steps.push((record, place));
            }
        }
    }
    // Without the name alone nothing can be said of where a try ends.
    let alone = alone(typed);
    tries.retain(|_, got| got.keys().any(|(name, _)| *name == alone));
    let mut all: Got<'_> = BTreeMap::new();
    for (key, steps) in tries.values().flatten() {
        let known = all.entry(key.clone()).or_default();
        known.extend(steps.iter().cloned());
    }
    let replayed = |got: &Got<'_>| {
        let lookups = IMPLEMENTATIONS.map(|it| replay(output, typed, got, it));
        Vec::from(lookups)
    };
    let mut lookups = tries.values().map(replayed);
    Walk {
        typed,
        lookups: lookups.next().unwrap_or_default(),
        again: lookups.collect(),
        settled: replayed(&all),
        is_lossy: all.values().any(|steps| is_lossy(steps)),
        tries,
        all,
    }
}

/// Whether a server answered one try and not another.
fn is_lossy(steps: &[(&Record, Place)]) -> bool {
    steps.iter().any(|(one, _)| {
        let other = |(it, _): &(&Record, Place)| {
            it.server == one.server && it.outcome.is_answer() != one.outcome.is_answer()
        };
        steps.iter().any(other)
    })
}

fn replay(
    output: &ProbeOutput,
    typed: &str,
    got: &Got<'_>,
    implementation: Implementation,
) -> Simulation {
    let mut settings = read_as(&output.resolv_conf, implementation, &Environment::default());
    // Go knows no limit.
    settings.attempts.value = settings.attempts.value.min(MOST_ATTEMPTS);
    simulate(&settings, typed, Family::Any, |question| {
        let steps =
            |kind: RecordType| got.get(&(question.name.to_ascii_lowercase(), kind.to_string()));
        // What the probe did not ask says nothing: it is taken for what such names mostly are. Of a
        // type alone the other one tells whether the name is there.
        let kinds = [question.record_type, RecordType::A, RecordType::Aaaa];
        let Some(steps) = kinds.into_iter().find_map(steps) else {
            return Reply::nx_domain();
        };
        let asked = |step: &&&(&Record, Place)| is_of(&step.0.server, question.address);
        let answered = |step: &&&(&Record, Place)| step.0.outcome.is_answer();
        // A server that nobody had to ask after the first one is silent here: no replay gets to it
        // either, but for musl, which takes whichever answers.
        let all = || steps.iter().filter(|it| asked(&it));
        let step = all().find(|it| answered(&it)).or_else(|| all().next());
        step.map_or(Reply::Silence, |(record, _)| reply(record, question))
    })
}

/// Whether an `address:port` is of this address.
pub(crate) fn is_of(server: &str, address: IpAddr) -> bool {
    server
        .parse::<SocketAddr>()
        .is_ok_and(|it| it.ip() == address)
}

/// A record as a resolver would see it.
fn reply(record: &Record, question: &Question<'_>) -> Reply {
    let after_ms = u32::try_from(record.latency_us / 1000).unwrap_or(u32::MAX);
    let rcode = match record.outcome {
        Outcome::Ok | Outcome::Nodata => Rcode::NoError,
        Outcome::Nxdomain => Rcode::NxDomain,
        Outcome::Servfail => Rcode::ServFail,
        Outcome::Refused => Rcode::Refused,
        Outcome::OtherRcode => {
            Rcode::from_number(u8::try_from(record.rcode.unwrap_or(2)).unwrap_or(2))
        }
        Outcome::ConnectionRefused => return Reply::Closed,
        _ => return Reply::Silence,
    };
    let wanted = |address: &IpAddr| match question.record_type {
        RecordType::A => address.is_ipv4(),
        RecordType::Aaaa => address.is_ipv6(),
    };
    let answers = record.answers.iter();
    let flag = |flag: &str| record.flags.iter().any(|it| it == flag);
    Reply::Message(Message {
        addresses: answers
            .filter_map(|answer| answer.data.parse().ok())
            .filter(wanted)
            .collect(),
        alias: record.answers.iter().any(|it| it.record_type == "CNAME"),
        authoritative: flag("aa"),
        recursion_available: flag("ra"),
        // Large answers were fetched over TCP by the probe; a resolver would do the same.
        truncated: record.retried_over_tcp
            && question.transport == digpod_resolv::Transport::Udp
            && record.transport == Transport::Udp,
        after_ms,
        ..Message::new(rcode)
    })
}

/// What an implementation is called.
pub(crate) fn implementation(lookup: &Simulation) -> &'static str {
    match lookup.plan.implementation.name() {
        "go" => "Go",
        other => other,
    }
}

/// Where a lookup found its addresses.
pub(crate) fn found_at(lookup: &Simulation) -> Option<&str> {
    let candidates = lookup.plan.candidates.iter();
    let mut with = candidates.zip(&lookup.verdicts);
    let (candidate, _) = with.find(|(_, verdict)| **verdict == Verdict::Found)?;
    Some(&candidate.name)
}

/// The same, if it is not the typed name alone.
pub(crate) fn found_elsewhere<'s>(lookup: &'s Simulation, alone: &str) -> Option<&'s str> {
    found_at(lookup).filter(|name| !name.eq_ignore_ascii_case(alone))
}
