//! musl: `lookup_name.c` (the walk and the result), `res_msend.c` (all servers at once).

use std::net::IpAddr;

use super::{Asked, LookupError, Outcome, Run, Sent, Stop, StopRule, Then, Verdict};
use crate::{Broken, Message, Question, Rcode, RecordType, Reply, Transport, Version};

/// From here on a truncated reply is repeated by TCP, NODATA has a code of its own, and a candidate
/// that is no valid name does not end the walk.
const TCP: Version = Version::new(1, 2, 4);
/// From here on both replies must have come; before, one with addresses was enough.
const BOTH_COUNT: Version = Version::new(1, 2, 1);

/// What a candidate came to.
enum Result {
    Found(Vec<IpAddr>),
    NoSuchName,
    Ends(LookupError, Verdict, StopRule),
}

pub(super) fn walk<F: FnMut(&Question<'_>) -> Reply>(
    run: &mut Run<'_, F>,
    version: Version,
) -> (Outcome, Stop) {
    let candidates = run.plan.candidates.clone();
    for (index, candidate) in candidates.iter().enumerate() {
        run.candidate = index;
        let stop = |rule| Stop {
            candidate: Some(index),
            rule,
        };
        if candidate.broken == Some(Broken::NotAName) {
            run.verdicts.push(Verdict::Broken);
            if version >= TCP {
                // It counts as a name that does not exist.
                continue;
            }
            return (
                Outcome::Failed(LookupError::NoName),
                stop(StopRule::BrokenEnds),
            );
        }
        if let Some(error) = no_time(run) {
            run.verdicts.push(Verdict::TimedOut);
            return (Outcome::Failed(error), stop(StopRule::NoTime));
        }
        let begun = run.asked.len();
        let replies = ask_all(run, version, candidate.broken.is_some());
        let dropped = dropped(run.asked.get(begun..).unwrap_or_default());
        match judge(&replies, dropped, version) {
            Result::Found(addresses) => {
                run.verdicts.push(Verdict::Found);
                return (Outcome::Addresses(addresses), stop(StopRule::Found));
            }
            Result::NoSuchName => run.verdicts.push(Verdict::NoSuchName),
            Result::Ends(error, verdict, rule) => {
                run.verdicts.push(verdict);
                let rule = if index + 1 == candidates.len() {
                    StopRule::Exhausted
                } else {
                    rule
                };
                return (Outcome::Failed(error), stop(rule));
            }
        }
    }
    let stop = Stop {
        candidate: candidates.len().checked_sub(1),
        rule: StopRule::Exhausted,
    };
    (Outcome::Failed(LookupError::NoName), stop)
}

/// `attempts:0` is a division by zero, `timeout:0` leaves the loop before it begins.
fn no_time<F>(run: &Run<'_, F>) -> Option<LookupError> {
    match (run.settings.attempts.value, run.settings.timeout_ms.value) {
        (0, _) => Some(LookupError::DividesByZero),
        (_, 0) => Some(LookupError::Again),
        _ => None,
    }
}

/// What to call a candidate without a reply that counts: musl waits on after an error, until the
/// time is up.
fn dropped(asked: &[Asked]) -> Verdict {
    let errors = asked
        .iter()
        .filter_map(|asked| match (&asked.reply, asked.then) {
            (Reply::Message(message), Then::SentAgain | Then::Ignored) => match message.rcode {
                Rcode::ServFail => Some(Verdict::ServFail),
                Rcode::NoError | Rcode::NxDomain => None,
                _ => Some(Verdict::OtherError),
            },
            _ => None,
        });
    errors.min().unwrap_or(Verdict::TimedOut)
}

fn judge(replies: &[Option<Message>], dropped: Verdict, version: Version) -> Result {
    let no_data = if version >= TCP {
        LookupError::NoData
    } else {
        LookupError::NoName
    };
    let addresses: Vec<IpAddr> = replies
        .iter()
        .flatten()
        .filter(|message| message.rcode == Rcode::NoError)
        .flat_map(|message| message.addresses.iter().copied())
        .collect();
    let old = version < BOTH_COUNT;
    if old && !addresses.is_empty() {
        return Result::Found(addresses);
    }
    // The old way looks at the first reply only.
    let judged = if old { replies.get(..1) } else { Some(replies) };
    for reply in judged.unwrap_or_default() {
        let Some(message) = reply else {
            return Result::Ends(LookupError::Again, dropped, StopRule::FailureEnds);
        };
        match message.rcode {
            Rcode::NoError => {}
            Rcode::NxDomain => return Result::NoSuchName,
            Rcode::ServFail => {
                return Result::Ends(LookupError::Again, Verdict::ServFail, StopRule::FailureEnds);
            }
            _ => {
                return Result::Ends(
                    LookupError::Fail,
                    Verdict::OtherError,
                    StopRule::FailureEnds,
                );
            }
        }
    }
    if addresses.is_empty() {
        Result::Ends(no_data, Verdict::NoData, StopRule::NoDataEnds)
    } else {
        Result::Found(addresses)
    }
}

/// A reply on its way.
struct Event {
    at: u64,
    asked: usize,
    query: usize,
    server: usize,
    stray: bool,
    by_tcp: bool,
    /// The connection was refused.
    closed: bool,
    message: Message,
}

/// `__res_msend_rc`: both questions to all servers, again after each interval, until both have a
/// reply that counts or the time is up. A candidate has one socket.
fn ask_all<F: FnMut(&Question<'_>) -> Reply>(
    run: &mut Run<'_, F>,
    version: Version,
    mangled: bool,
) -> Vec<Option<Message>> {
    let types = run.plan.types.clone();
    let socket = run.new_socket();
    let start = run.now;
    let end = start + run.settings.timeout_ms.value;
    let attempts = run.settings.attempts.value.max(1);
    let interval = run.settings.timeout_ms.value / u64::from(attempts);
    let mut replies: Vec<Option<Message>> = vec![None; types.len()];
    let mut events: Vec<Event> = Vec::new();
    let mut by_tcp = vec![false; types.len()];
    'rounds: for attempt in 1..=attempts {
        let round = start + interval * u64::from(attempt - 1);
        let next_round = if attempt == attempts {
            end
        } else {
            round + interval
        };
        let mut again = 2 * types.len();
        run.now = round;
        for (query, record_type) in types.iter().copied().enumerate() {
            if replies.get(query).is_some_and(Option::is_some) || by_tcp.get(query) == Some(&true) {
                continue;
            }
            for server in 0..run.settings.servers.len() {
                let sent = Sent {
                    at: run.now,
                    server,
                    attempt,
                    transport: Transport::Udp,
                    socket,
                };
                ask(run, sent, (query, record_type), mangled, &mut events);
            }
        }
        while let Some(position) = earliest(&events, next_round) {
            let event = events.remove(position);
            run.now = event.at;
            if replies.get(event.query).is_none_or(Option::is_some) {
                run.mark(event.asked, Then::NotNeeded);
                continue;
            }
            let waits_for_tcp = by_tcp.get(event.query) == Some(&true) && !event.by_tcp;
            if event.stray || waits_for_tcp {
                run.mark(event.asked, Then::Ignored);
                continue;
            }
            let record_type = types.get(event.query).copied().unwrap_or(RecordType::A);
            let sent = Sent {
                at: run.now,
                server: event.server,
                attempt,
                transport: Transport::Udp,
                socket,
            };
            match event.message.rcode {
                Rcode::NoError | Rcode::NxDomain if !event.closed => {}
                // What fails by TCP ends the candidate.
                _ if event.by_tcp => {
                    run.mark(event.asked, Then::NextServer);
                    return replies;
                }
                Rcode::ServFail if again > 0 => {
                    again -= 1;
                    run.mark(event.asked, Then::SentAgain);
                    ask(run, sent, (event.query, record_type), mangled, &mut events);
                    continue;
                }
                _ => {
                    run.mark(event.asked, Then::Ignored);
                    continue;
                }
            }
            if event.message.truncated && version >= TCP && !event.by_tcp {
                run.mark(event.asked, Then::RepeatedByTcp);
                if let Some(by_tcp) = by_tcp.get_mut(event.query) {
                    *by_tcp = true;
                }
                let socket = run.new_socket();
                let sent = Sent {
                    transport: Transport::Tcp,
                    socket,
                    ..sent
                };
                ask(run, sent, (event.query, record_type), mangled, &mut events);
                continue;
            }
            run.mark(event.asked, Then::Taken);
            settle(run, attempt, record_type);
            if let Some(reply) = replies.get_mut(event.query) {
                *reply = Some(event.message);
            }
            if replies.iter().all(Option::is_some) {
                for event in &events {
                    run.mark(event.asked, Then::NotNeeded);
                }
                break 'rounds;
            }
        }
        run.now = next_round;
    }
    replies
}

/// Nobody waits any more for the other servers' replies to a question of this round.
fn settle<F>(run: &mut Run<'_, F>, attempt: u32, record_type: RecordType) {
    let candidate = run.candidate;
    let asked = run.asked.iter_mut().rev();
    for asked in asked.take_while(|it| it.candidate == candidate && it.attempt == attempt) {
        if asked.record_type == record_type && asked.then == Then::TimedOut {
            asked.then = Then::NotNeeded;
        }
    }
}

fn ask<F: FnMut(&Question<'_>) -> Reply>(
    run: &mut Run<'_, F>,
    sent: Sent,
    (query, record_type): (usize, RecordType),
    mangled: bool,
    events: &mut Vec<Event>,
) {
    let (asked, reply) = run.send(sent, record_type);
    // Nobody understands a mangled question. ICMP errors do not reach an unconnected socket.
    let by_tcp = sent.transport == Transport::Tcp;
    let closed = matches!(reply, Reply::Closed);
    let (stray, message) = match reply {
        _ if mangled => return,
        Reply::Message(message) => (false, message),
        Reply::Stray(message) => (true, message),
        Reply::Closed if by_tcp => (false, Message::new(Rcode::NoError)),
        Reply::Silence | Reply::Closed => return,
    };
    events.push(Event {
        at: sent.at + u64::from(message.after_ms),
        asked,
        query,
        server: sent.server,
        stray,
        by_tcp,
        closed,
        message,
    });
}

/// The first reply before `end`; of several at one time the one asked for first.
fn earliest(events: &[Event], end: u64) -> Option<usize> {
    let (position, event) = events
        .iter()
        .enumerate()
        .min_by_key(|(_, event)| (event.at, event.asked))?;
    (event.at < end).then_some(position)
}
