//! Go's own resolver: `net/dnsclient_unix.go`.

use std::net::IpAddr;

use super::{GoError, LookupError, Outcome, Run, Sent, Stop, StopRule, Then, Verdict};
use crate::small;
use crate::{Message, Question, Rcode, RecordType, Reply, Transport};

/// Rounds that are replayed at most; `attempts` can be 16,777,215.
const MAX_ROUNDS: u32 = 1000;

/// A type's way through the servers for one candidate.
struct Lane {
    /// When it ended.
    at: u64,
    result: Result<Message, (GoError, Option<IpAddr>)>,
}

pub(super) fn walk<F: FnMut(&Question<'_>) -> Reply>(run: &mut Run<'_, F>) -> (Outcome, Stop) {
    let candidates = run.plan.candidates.clone();
    let as_is = if run.plan.name.ends_with('.') {
        // The name plus a dot, which no candidate is then.
        format!("{}.", run.plan.name)
    } else {
        run.plan.name.clone() + "."
    };
    let mut rotation = run.chance.rotation;
    let mut error = None;
    for (index, candidate) in candidates.iter().enumerate() {
        run.candidate = index;
        let lanes = lanes(run, &mut rotation, index, candidate.broken.is_some());
        let mut addresses = Vec::new();
        let mut verdict = Verdict::NotTried;
        for lane in lanes {
            match lane.result {
                Ok(message) => addresses.extend(message.addresses),
                Err(failed) => {
                    verdict = worse(verdict, failed.0);
                    if error.is_none() || candidate.name == as_is {
                        error = Some(failed);
                    }
                }
            }
        }
        if !addresses.is_empty() {
            run.verdicts.push(Verdict::Found);
            addresses.sort_unstable();
            let stop = Stop {
                candidate: Some(index),
                rule: StopRule::Found,
            };
            return (Outcome::Addresses(addresses), stop);
        }
        run.verdicts.push(verdict);
    }
    // No candidate is left of a name under `.onion`.
    let (error, server) = error.unwrap_or((GoError::NoAddress, None));
    let stop = Stop {
        candidate: candidates.len().checked_sub(1),
        rule: StopRule::Exhausted,
    };
    (Outcome::Failed(LookupError::Go(error, server)), stop)
}

fn worse(verdict: Verdict, error: GoError) -> Verdict {
    let this = match error {
        GoError::NoSuchHost | GoError::NoAddress => Verdict::NoSuchName,
        GoError::ServerFailure => Verdict::ServFail,
        GoError::ServerMisbehaving | GoError::LameReferral | GoError::InvalidResponse => {
            Verdict::OtherError
        }
        GoError::Timeout => Verdict::TimedOut,
        GoError::ConnectionRefused => Verdict::Closed,
        GoError::CannotMarshal => Verdict::Broken,
    };
    if verdict == Verdict::NotTried {
        this
    } else {
        verdict.max(this)
    }
}

/// All types of a candidate, in the order their results are seen; moves the clock to the last.
fn lanes<F: FnMut(&Question<'_>) -> Reply>(
    run: &mut Run<'_, F>,
    rotation: &mut u32,
    index: usize,
    broken: bool,
) -> Vec<Lane> {
    let bit =
        |mask: u64| u32::try_from(index).is_ok_and(|at| mask.checked_shr(at).unwrap_or(0) & 1 == 1);
    let types = run.plan.types.clone();
    let one_by_one = run.settings.single_request.value;
    let swapped = !one_by_one && types.len() > 1 && bit(run.chance.aaaa_first);
    let first_turn = *rotation;
    let begun = run.asked.len();
    let start = run.now;
    let mut lanes = Vec::new();
    for (position, record_type) in types.iter().copied().enumerate() {
        let turn = u32::try_from(position).unwrap_or(0) ^ u32::from(swapped);
        if !one_by_one {
            run.now = start;
        }
        lanes.push(lane(
            run,
            record_type,
            first_turn.wrapping_add(turn),
            broken,
        ));
    }
    *rotation = first_turn.wrapping_add(u32::try_from(types.len()).unwrap_or(0));
    run.now = lanes.iter().map(|lane| lane.at).max().unwrap_or(start);
    if !one_by_one {
        if bit(run.chance.aaaa_seen_first) {
            lanes.reverse();
        }
        small::sort_by_key(&mut lanes, |lane| lane.at);
        if let Some(asked) = run.asked.get_mut(begun..) {
            small::sort_by_key(asked, |asked| asked.at_ms);
        }
    }
    lanes
}

/// `tryOneName`: one type over all servers, `attempts` times.
fn lane<F: FnMut(&Question<'_>) -> Reply>(
    run: &mut Run<'_, F>,
    record_type: RecordType,
    turn: u32,
    broken: bool,
) -> Lane {
    let count = run.settings.servers.len();
    let offset = if run.settings.rotate.value {
        usize::try_from(turn).unwrap_or_default() % count.max(1)
    } else {
        0
    };
    let mut last = (GoError::NoSuchHost, None);
    for attempt in 1..=run.settings.attempts.value.min(MAX_ROUNDS) {
        if broken {
            let server = run
                .settings
                .servers
                .get((offset + count - 1) % count.max(1));
            last = (GoError::CannotMarshal, server.map(|server| server.address));
            break;
        }
        for shift in 0..count {
            let server = (offset + shift) % count;
            let address = run.settings.servers.get(server).map(|it| it.address);
            match exchange(run, record_type, server, attempt) {
                Ok(message) => {
                    return Lane {
                        at: run.now,
                        result: Ok(message),
                    };
                }
                Err(GoError::NoSuchHost) => {
                    return Lane {
                        at: run.now,
                        result: Err((GoError::NoSuchHost, address)),
                    };
                }
                Err(error) => last = (error, address),
            }
        }
    }
    Lane {
        at: run.now,
        result: Err(last),
    }
}

/// `exchange` and `checkHeader`: one question to one server, by UDP, then TCP if that is truncated.
/// Each way has its own socket and its own timeout.
fn exchange<F: FnMut(&Question<'_>) -> Reply>(
    run: &mut Run<'_, F>,
    record_type: RecordType,
    server: usize,
    attempt: u32,
) -> Result<Message, GoError> {
    let timeout = run.settings.timeout_ms.value;
    let ways: &[Transport] = if run.settings.use_vc.value {
        &[Transport::Tcp]
    } else {
        &[Transport::Udp, Transport::Tcp]
    };
    for transport in ways.iter().copied() {
        let socket = run.new_socket();
        let sent = Sent {
            at: run.now,
            server,
            attempt,
            transport,
            socket,
        };
        let (asked, reply) = run.send(sent, record_type);
        let message = match reply {
            Reply::Closed => {
                run.mark(asked, Then::NextServer);
                return Err(GoError::ConnectionRefused);
            }
            Reply::Stray(message) if transport == Transport::Tcp => {
                run.now += u64::from(message.after_ms);
                run.mark(asked, Then::NextServer);
                return Err(GoError::InvalidResponse);
            }
            Reply::Message(message) if u64::from(message.after_ms) < timeout => message,
            Reply::Message(_) | Reply::Stray(_) | Reply::Silence => {
                run.now += timeout;
                return Err(GoError::Timeout);
            }
        };
        run.now += u64::from(message.after_ms);
        if message.truncated && transport == Transport::Udp {
            run.mark(asked, Then::RepeatedByTcp);
            continue;
        }
        let result = check(message);
        let taken = matches!(result, Ok(_) | Err(GoError::NoSuchHost));
        run.mark(asked, if taken { Then::Taken } else { Then::NextServer });
        return result;
    }
    Err(GoError::Timeout)
}

fn check(message: Message) -> Result<Message, GoError> {
    match message.rcode {
        Rcode::NxDomain => Err(GoError::NoSuchHost),
        Rcode::NoError if message.is_lame_referral() => Err(GoError::LameReferral),
        Rcode::NoError if message.addresses.is_empty() => Err(GoError::NoSuchHost),
        Rcode::NoError => Ok(message),
        Rcode::ServFail => Err(GoError::ServerFailure),
        _ => Err(GoError::ServerMisbehaving),
    }
}
