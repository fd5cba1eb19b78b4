//! How long a program may wait for a name.

use crate::simulate::wait_for_server;
use crate::{
    Broken, Family, Implementation, LookupError, Outcome, Reply, Settings, plan, simulate,
};

/// How long a lookup takes when things go wrong, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// When no server replies at all.
    pub silent_ms: u64,
    /// The longest that replies of any kind can make it by UDP: each candidate uses up its time
    /// and still lets the walk go on. No limit holds once glibc waits for a reply by TCP.
    pub longest_ms: u64,
    /// Whether the program waits without end when no server replies (glibc by TCP), or whatever
    /// they reply (glibc at a `sortlist` line it cannot read); then the figures say nothing.
    pub for_ever: bool,
}

/// How long a program may wait for `name`.
///
/// ```
/// use digpod_resolv::{Environment, Family, Implementation, read_as, worst_case_wait};
///
/// // Two servers by default: 5 s and 5 s, twice, for each of the names that are tried.
/// let text = "nameserver 10.0.0.10\nnameserver 10.0.0.11\n";
/// let glibc = read_as(text, Implementation::GLIBC, &Environment::default());
/// assert_eq!(worst_case_wait(&glibc, "bank.example", Family::Any).silent_ms, 20_000);
/// ```
pub fn worst_case_wait(settings: &Settings, name: &str, family: Family) -> Wait {
    let plan = plan(settings, name, family);
    let usable = plan
        .candidates
        .iter()
        .filter(|candidate| candidate.broken.is_none())
        .count();
    let candidates = u64::try_from(usable).unwrap_or(u64::MAX);
    let count = settings.servers.len();
    let servers = u64::try_from(count).unwrap_or(u64::MAX);
    let attempts = u64::from(settings.attempts.value);
    let timeout = settings.timeout_ms.value;
    let mut silent_ms = 0;
    let mut for_ever = false;
    if !matches!(settings.implementation, Implementation::Go(_)) {
        let silent = simulate(settings, name, family, |_| Reply::Silence);
        silent_ms = silent.wait_ms;
        for_ever = silent.outcome == Outcome::Failed(LookupError::NeverReturns);
    }
    let longest_ms = match settings.implementation {
        Implementation::Glibc(_) => {
            let waits = || (0..count).map(|server| wait_for_server(timeout, server, count));
            let round: u64 = waits().sum();
            // The step to single-request, and the one to a new socket, come once each.
            let steps = [
                settings.single_request.value,
                settings.single_request_reopen.value,
            ];
            let both = plan.types.len() > 1 && !settings.use_vc.value;
            let left = match steps {
                _ if !both => 0,
                [_, true] => 0,
                [true, false] => 1,
                [false, false] => 2,
            };
            candidates * attempts * round + left * waits().max().unwrap_or(0)
        }
        Implementation::Musl(_) => {
            // A mangled question is sent and waited for, what is no name is not.
            let asked = plan.candidates.iter();
            let asked = asked.filter(|it| it.broken != Some(Broken::NotAName));
            asked.map(|_| timeout).sum()
        }
        Implementation::Go(_) => {
            let lanes = if settings.single_request.value {
                u64::try_from(plan.types.len()).unwrap_or(1)
            } else {
                1
            };
            let silent = candidates
                .saturating_mul(lanes * servers)
                .saturating_mul(attempts)
                .saturating_mul(timeout);
            if plan.unasked.is_none() {
                silent_ms = silent;
            }
            // A truncated reply just before the time is up, then nothing by TCP.
            let ways = if settings.use_vc.value { 1 } else { 2 };
            silent.saturating_mul(ways)
        }
    };
    Wait {
        for_ever,
        silent_ms,
        longest_ms: if plan.unasked.is_some() {
            0
        } else {
            longest_ms.max(silent_ms)
        },
    }
}
