//! glibc: `res_query.c` (the walk) and `dns-host.c` (the result).

mod send;

use super::{LookupError, Outcome, Run, Stop, StopRule, Verdict};
pub(crate) use send::wait_for_server;

use crate::plan::is_glibc_hostname;
use crate::{Broken, Family, Message, Origin, Question, Rcode, RecordType, Reply, Version};

/// The stable branches from here on no longer wait for an AAAA reply that was not asked for, when
/// `single-request` gets an error for A (bug 30081), and tell `AF_INET` that an alias without
/// address has no data, while a candidate that is no host's name does not exist; before it was the
/// other way round.
const STABLE: Version = Version::new(2, 36, 0);

/// `h_errno` of a candidate that gave nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HostError {
    HostNotFound,
    NoData,
    TryAgain,
    NoRecovery,
}

/// `errno` after the servers were asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Errno {
    None,
    ConnectionRefused,
    TimedOut,
}

/// State that outlives one question: the thread's `res_state`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the resolver's own flags, each with its own life"
)]
struct State {
    version: Version,
    types: Vec<RecordType>,
    single: bool,
    reopen: bool,
    rotation: u32,
    errno: Errno,
    /// Code of the reply that came first last: the walk looks at it after a failure.
    first_rcode: Rcode,
    /// Socket per server, open until the resolver closes them all.
    sockets: Vec<Option<u32>>,
    stuck: bool,
    /// Whether anything came for the current candidate.
    any_reply: bool,
}

impl State {
    fn new<F>(run: &Run<'_, F>, version: Version) -> Self {
        let settings = run.settings;
        Self {
            version,
            types: run.plan.types.clone(),
            single: settings.single_request.value || settings.single_request_reopen.value,
            reopen: settings.single_request_reopen.value,
            rotation: run.chance.rotation,
            errno: Errno::None,
            first_rcode: Rcode::NoError,
            sockets: vec![None; settings.servers.len()],
            stuck: false,
            any_reply: false,
        }
    }
}

/// Replies of a server in the order they came.
type Replies = (Option<Message>, Option<Message>);

pub(super) fn walk<F: FnMut(&Question<'_>) -> Reply>(
    run: &mut Run<'_, F>,
    version: Version,
) -> (Outcome, Stop) {
    let mut state = State::new(run, version);
    let candidates = run.plan.candidates.clone();
    let mut as_is_error = None;
    let mut got = (false, false);
    let mut last = HostError::HostNotFound;
    let mut list_ended = false;
    let mut last_index = None;
    let mut reached_root = false;
    let may_end_as_is = run.plan.name.contains('.') || !run.settings.no_tld_query.value;
    for (index, candidate) in candidates.iter().enumerate() {
        let mut origin = candidate.origin.clone();
        if matches!(origin, Origin::Search { .. }) && list_ended {
            // The root in the list stands for the name as it is, if it was not reached.
            let stands_for_it = candidate.name.strip_suffix('.') == Some(run.plan.name.as_str())
                && may_end_as_is
                && !reached_root;
            if !stands_for_it {
                run.verdicts.push(Verdict::NotTried);
                continue;
            }
            origin = Origin::AsIsLast;
        }
        reached_root |= candidate.name.strip_suffix('.') == Some(run.plan.name.as_str());
        run.candidate = index;
        last_index = Some(index);
        let result = query(run, &mut state, candidate.broken);
        let stop = |rule| Stop {
            candidate: Some(index),
            rule,
        };
        let error = match result {
            Ok(addresses) if addresses.is_empty() || !is_glibc_hostname(&candidate.name) => {
                run.verdicts.push(Verdict::AliasOnly);
                // `gethostbyname2_r`, which serves `AF_INET`, says it otherwise.
                let error =
                    if run.family == Family::V4 && addresses.is_empty() == (version >= STABLE) {
                        LookupError::NoData
                    } else {
                        LookupError::NoName
                    };
                return (Outcome::Failed(error), stop(StopRule::AliasEnds));
            }
            Ok(addresses) => {
                run.verdicts.push(Verdict::Found);
                return (Outcome::Addresses(addresses), stop(StopRule::Found));
            }
            Err(error) => error,
        };
        run.verdicts
            .push(verdict(error, &state, candidate.broken.is_some()));
        if state.stuck {
            return (
                Outcome::Failed(LookupError::NeverReturns),
                stop(StopRule::NeverEnds),
            );
        }
        last = error;
        match origin {
            Origin::AsIsFirst => as_is_error = Some(error),
            Origin::Search { .. } => {
                if state.errno == Errno::ConnectionRefused {
                    return (
                        Outcome::Failed(LookupError::Again),
                        stop(StopRule::NobodyListens),
                    );
                }
                match error {
                    HostError::NoData => got.0 = true,
                    HostError::HostNotFound => {}
                    HostError::TryAgain if state.first_rcode == Rcode::ServFail => got.1 = true,
                    HostError::TryAgain | HostError::NoRecovery => list_ended = true,
                }
            }
            Origin::Rooted | Origin::AsIsLast => {}
        }
    }
    let error = match (as_is_error, got) {
        (Some(error), _) => error,
        (None, (true, _)) => HostError::NoData,
        (None, (false, true)) => HostError::TryAgain,
        (None, (false, false)) => last,
    };
    let stop = Stop {
        candidate: last_index,
        rule: StopRule::Exhausted,
    };
    (
        Outcome::Failed(lookup_error(run.family, error, state.errno)),
        stop,
    )
}

/// `getaddrinfo`'s code. For `AF_INET` alone it goes another way, through `gethostbyname2_r`,
/// which forgets a failure that was no timeout.
fn lookup_error(family: Family, error: HostError, errno: Errno) -> LookupError {
    match (family, error) {
        (_, HostError::NoData) => LookupError::NoData,
        (Family::V4, HostError::TryAgain) if errno == Errno::None => LookupError::NoName,
        (_, HostError::TryAgain) => LookupError::Again,
        (_, HostError::HostNotFound | HostError::NoRecovery) => LookupError::NoName,
    }
}

fn verdict(error: HostError, state: &State, broken: bool) -> Verdict {
    match error {
        _ if broken => Verdict::Broken,
        HostError::HostNotFound => Verdict::NoSuchName,
        HostError::NoData => Verdict::NoData,
        HostError::NoRecovery => Verdict::OtherError,
        HostError::TryAgain if state.errno == Errno::ConnectionRefused => Verdict::Closed,
        HostError::TryAgain => match state.first_rcode {
            Rcode::ServFail => Verdict::ServFail,
            Rcode::NotImp | Rcode::Refused => Verdict::OtherError,
            _ => Verdict::TimedOut,
        },
    }
}

/// `__res_context_query`: one candidate, judged. Addresses may be none if there is only an alias.
fn query<F: FnMut(&Question<'_>) -> Reply>(
    run: &mut Run<'_, F>,
    state: &mut State,
    broken: Option<Broken>,
) -> Result<Vec<std::net::IpAddr>, HostError> {
    state.first_rcode = Rcode::NoError;
    if broken.is_some() {
        state.errno = Errno::None;
        return Err(HostError::NoRecovery);
    }
    // With `no-aaaa` a question for AAAA becomes one for A, and its answer is thrown away.
    let hidden = run.family == Family::V6 && run.settings.no_aaaa.value;
    state.any_reply = false;
    let Some((first, second)) = send::ask_servers(run, state) else {
        // Then an empty buffer is taken for an answer without records.
        return Err(if hidden && !state.any_reply {
            HostError::NoData
        } else {
            HostError::TryAgain
        });
    };
    let one = first.or(second.clone());
    let Some(one) = one else {
        return Err(HostError::TryAgain);
    };
    let other = second.unwrap_or_else(|| one.clone());
    let has_data = |it: &Message| it.rcode == Rcode::NoError && it.has_answer() && !hidden;
    if has_data(&one) || has_data(&other) {
        let mut addresses = one.addresses.clone();
        addresses.extend(&other.addresses);
        addresses.sort_unstable();
        addresses.dedup();
        return Ok(addresses);
    }
    let rcode = if one.rcode == Rcode::NoError {
        other.rcode
    } else {
        one.rcode
    };
    Err(match rcode {
        Rcode::NxDomain => HostError::HostNotFound,
        Rcode::ServFail => HostError::TryAgain,
        Rcode::NoError => HostError::NoData,
        _ => HostError::NoRecovery,
    })
}
