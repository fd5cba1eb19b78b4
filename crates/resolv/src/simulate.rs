//! Replays a lookup: the questions that a resolver sends, the rule that ends the walk, what the
//! program gets and how long it waits.

mod glibc;
mod go;
mod musl;
mod outcome;
mod show;

use std::collections::BTreeMap;
use std::net::IpAddr;

pub(crate) use glibc::wait_for_server;
pub use outcome::{GoError, LookupError, Outcome, Stop, StopRule, Verdict};

use crate::{
    Family, Implementation, Plan, Question, RecordType, Reply, Settings, Transport, Unasked, plan,
};

/// What is left to chance in a lookup, so that a replay is one of the ways it can go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chance {
    /// `rotate`: the server that the first question starts at. glibc draws it per process.
    pub rotation: u32,
    /// Go with `rotate`: bit `n` is set if AAAA of candidate `n` takes its turn before A.
    pub aaaa_first: u64,
    /// Go: bit `n` is set if of two results of candidate `n` at the same time AAAA is seen first.
    pub aaaa_seen_first: u64,
}

/// A lookup that was replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// The names that may be tried.
    pub plan: Plan,
    /// The questions in the order they are sent.
    pub asked: Vec<Asked>,
    /// What became of each candidate of the plan.
    pub verdicts: Vec<Verdict>,
    /// Where the walk ended, and why.
    pub stop: Stop,
    /// What the program gets.
    pub outcome: Outcome,
    /// Milliseconds until it gets it; network time counts as the replies say.
    pub wait_ms: u64,
}

/// A question that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Milliseconds since the lookup began.
    pub at_ms: u64,
    /// Index in [`Plan::candidates`].
    pub candidate: usize,
    /// The type that is asked for.
    pub record_type: RecordType,
    /// Index in [`Settings::servers`].
    pub server: usize,
    /// The server's address.
    pub address: IpAddr,
    /// The round over the servers, from 1.
    pub attempt: u32,
    /// How it is sent.
    pub transport: Transport,
    /// Which socket of the lookup it leaves from, from 1: the same number is the same port.
    pub socket: u32,
    /// Whether it has an OPT record.
    pub edns0: bool,
    /// What the server did.
    pub reply: Reply,
    /// What the resolver made of it.
    pub then: Then,
}

/// What a resolver makes of a reply, or of none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Then {
    /// The reply counts.
    Taken,
    /// The reply is dropped and another one waited for.
    Ignored,
    /// The server is given up, the next one is asked.
    NextServer,
    /// The question is repeated by TCP.
    RepeatedByTcp,
    /// The question is sent to the same server again at once (musl after SERVFAIL).
    SentAgain,
    /// No reply came in time.
    TimedOut,
    /// Another reply decided before this one came.
    NotNeeded,
    /// It is waited for without end.
    WaitedForever,
}

/// Replays the lookup of `name`; `answer` says what each server does with each question.
///
/// Go knows no limit of `attempts`; a replay follows a thousand rounds.
///
/// Replies come `after_ms` after their question; of replies at the same time the one whose
/// question was sent first counts as first.
///
/// ```
/// use digpod_resolv::{Environment, Family, Implementation, Outcome, Reply, read_as, simulate};
///
/// let text = "nameserver 10.0.0.10\nsearch shop.svc.cluster.local\noptions ndots:5\n";
/// let musl = read_as(text, "musl 1.2.3".parse()?, &Environment::default());
/// let replay = simulate(&musl, "web.bank.example", Family::Any, |question| {
///     match question.name {
///         // Somebody made `web.bank.example.shop.svc.cluster.local.` exist without addresses.
///         "web.bank.example.shop.svc.cluster.local." => Reply::no_data(),
///         _ => Reply::addresses(["192.0.2.1".parse().unwrap()]),
///     }
/// });
/// // musl stops there, though the name as it is has an address.
/// assert!(matches!(replay.outcome, Outcome::Failed(_)));
/// assert_eq!(replay.asked.len(), 2);
/// # Ok::<(), digpod_resolv::UnknownImplementation>(())
/// ```
pub fn simulate(
    settings: &Settings,
    name: &str,
    family: Family,
    answer: impl FnMut(&Question<'_>) -> Reply,
) -> Simulation {
    simulate_with(settings, name, family, Chance::default(), answer)
}

/// [`simulate`] where what is left to chance is given.
pub fn simulate_with(
    settings: &Settings,
    name: &str,
    family: Family,
    chance: Chance,
    answer: impl FnMut(&Question<'_>) -> Reply,
) -> Simulation {
    let plan = plan(settings, name, family);
    let mut first = BTreeMap::new();
    let same = plan.candidates.iter().enumerate();
    let same = same
        .map(|(index, candidate)| *first.entry(candidate.name.as_str()).or_insert(index))
        .collect();
    let mut run = Run {
        settings,
        same,
        plan,
        family,
        chance,
        answer,
        asked: Vec::new(),
        verdicts: Vec::new(),
        counts: BTreeMap::new(),
        now: 0,
        sockets: 0,
        candidate: 0,
    };
    let (outcome, stop) = match (run.plan.unasked, settings.implementation) {
        (Some(unasked), implementation) => unasked_outcome(unasked, implementation),
        (None, Implementation::Glibc(version)) => glibc::walk(&mut run, version),
        (None, Implementation::Musl(version)) => musl::walk(&mut run, version),
        (None, Implementation::Go(_)) => go::walk(&mut run),
    };
    let candidates = run.plan.candidates.len();
    run.verdicts.resize(candidates, Verdict::NotTried);
    Simulation {
        plan: run.plan,
        asked: run.asked,
        verdicts: run.verdicts,
        stop,
        outcome,
        wait_ms: run.now,
    }
}

fn unasked_outcome(unasked: Unasked, implementation: Implementation) -> (Outcome, Stop) {
    let failed = |error| Outcome::Failed(error);
    let outcome = match (unasked, implementation) {
        (Unasked::Literal(address), _) => Outcome::Addresses(vec![address]),
        (Unasked::Onion, _) => failed(LookupError::Go(GoError::NoAddress, None)),
        (Unasked::SortlistHangs, _) => failed(LookupError::NeverReturns),
        (Unasked::SearchAborts, _) => failed(LookupError::Aborts),
        (_, Implementation::Go(_)) => failed(LookupError::Go(GoError::NoSuchHost, None)),
        _ => failed(LookupError::NoName),
    };
    let stop = Stop {
        candidate: None,
        rule: StopRule::NothingAsked,
    };
    (outcome, stop)
}

/// A lookup on its way.
struct Run<'a, F> {
    settings: &'a Settings,
    plan: Plan,
    /// For each candidate the first one with its name.
    same: Vec<usize>,
    family: Family,
    chance: Chance,
    answer: F,
    asked: Vec<Asked>,
    verdicts: Vec<Verdict>,
    counts: BTreeMap<(IpAddr, usize, RecordType, Transport), u32>,
    now: u64,
    sockets: u32,
    candidate: usize,
}

/// Where and how a question is sent.
#[derive(Clone, Copy)]
struct Sent {
    at: u64,
    server: usize,
    attempt: u32,
    transport: Transport,
    socket: u32,
}

impl<F: FnMut(&Question<'_>) -> Reply> Run<'_, F> {
    fn new_socket(&mut self) -> u32 {
        self.sockets += 1;
        self.sockets
    }

    /// Sends a question about the current candidate; the index in `asked` and the reply.
    fn send(&mut self, sent: Sent, record_type: RecordType) -> (usize, Reply) {
        let Sent {
            server, transport, ..
        } = sent;
        let name = self
            .plan
            .candidates
            .get(self.candidate)
            .map_or("", |candidate| candidate.name.as_str());
        // A name may stand twice in the plan; a server cannot tell.
        let same = self.same.get(self.candidate).copied().unwrap_or_default();
        let address = self
            .settings
            .servers
            .get(server)
            .map_or(std::net::Ipv4Addr::LOCALHOST.into(), |it| it.address);
        let nth = self
            .counts
            .entry((address, same, record_type, transport))
            .or_default();
        *nth += 1;
        let reply = (self.answer)(&Question {
            server,
            address,
            name,
            record_type,
            transport,
            nth: *nth,
        });
        self.asked.push(Asked {
            at_ms: sent.at,
            candidate: self.candidate,
            record_type,
            server,
            address,
            attempt: sent.attempt,
            transport,
            socket: sent.socket,
            edns0: self.settings.edns0.value
                && !(self.settings.no_aaaa.value && self.family == Family::V6),
            reply: reply.clone(),
            then: Then::TimedOut,
        });
        (self.asked.len() - 1, reply)
    }

    fn mark(&mut self, asked: usize, then: Then) {
        if let Some(asked) = self.asked.get_mut(asked) {
            asked.then = then;
        }
    }
}
