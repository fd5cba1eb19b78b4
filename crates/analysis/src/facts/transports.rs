//! UDP and TCP to the same server, compared.

use std::collections::BTreeMap;

use digpod_probe::{NameClass, Outcome, ServerRole, Transport};

use super::Facts;
use super::addresses::canonical_socket;
use super::readings::{ENOUGH, Reading};
use crate::matrix::Row;

/// One server from one vantage, over both.
#[derive(Clone, Debug)]
pub(crate) struct Both<'a> {
    /// From where.
    pub(crate) vantage: &'a str,
    /// `address:port`.
    pub(crate) server: String,
    /// What it is.
    pub(crate) role: ServerRole,
    /// Over UDP.
    pub(crate) udp: Reading<'a>,
    /// Over TCP.
    pub(crate) tcp: Reading<'a>,
}

/// Which of the two does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dead {
    /// UDP gets no answer, TCP does.
    Udp,
    /// TCP gets no answer, UDP does.
    Tcp,
}

impl Both<'_> {
    /// Whether one of the two gets answers and the other none. What counts is that an answer came,
    /// not what it says.
    pub(crate) fn dead(&self) -> Option<Dead> {
        // A truncated answer came over UDP, and its repetition says something of TCP.
        let cut: u32 = self.udp.rows.iter().map(|row| cut_and_lost(row)).sum();
        let udp = self.udp.answered + cut;
        let (udp_tries, tcp_tries) = (self.udp.tries, self.tcp.tries + cut);
        if udp_tries < ENOUGH || tcp_tries < 2 {
            return None;
        }
        let most = |part: u32, whole: u32| part * 10 >= whole * 9;
        let few = |part: u32, whole: u32| part * 10 <= whole;
        if most(udp, udp_tries) && few(self.tcp.answered, tcp_tries) {
            Some(Dead::Tcp)
        } else if few(udp, udp_tries) && most(self.tcp.answered, tcp_tries) {
            Some(Dead::Udp)
        } else {
            None
        }
    }

    /// Whether some answer did not fit into UDP.
    pub(crate) fn needs_tcp(&self) -> bool {
        self.udp.rows.iter().any(|row| row.truncated > 0)
    }
}

/// Tries whose answer came truncated and did not come over TCP.
fn cut_and_lost(row: &Row) -> u32 {
    let lost = [
        Outcome::Timeout,
        Outcome::ConnectionRefused,
        Outcome::Unreachable,
        Outcome::Error,
    ];
    let lost: u32 = lost.into_iter().map(|outcome| row.count(outcome)).sum();
    row.truncated.min(lost)
}

/// Each server that one vantage asked over both, in the order of vantages and servers.
pub(crate) fn compare<'a>(facts: &'a Facts<'_>) -> Vec<Both<'a>> {
    let mut groups: BTreeMap<(&str, String, ServerRole), Vec<&Row>> = BTreeMap::new();
    let rows = facts.probes.rows.iter();
    for row in rows.filter(|row| !row.is_walk() && row.class != NameClass::Nonexistent) {
        let key = (
            row.vantage.as_str(),
            canonical_socket(&row.server),
            row.role,
        );
        groups.entry(key).or_default().push(row);
    }
    let both = groups.into_iter().map(|((vantage, server, role), rows)| {
        let over = |transport: Transport| {
            let rows = rows.iter().copied();
            Reading::of(rows.filter(|row| row.transport == transport))
        };
        let (udp, tcp) = (over(Transport::Udp), over(Transport::Tcp));
        Both {
            vantage,
            server,
            role,
            udp,
            tcp,
        }
    });
    both.filter(|both| both.udp.tries > 0 && both.tcp.tries > 0)
        .collect()
}
