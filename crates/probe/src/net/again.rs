//! What is asked a second time within one try: a truncated answer over TCP, and what a server
//! refuses with EDNS without it.
//!
//! The resolvers of glibc and musl send no EDNS by default: a server that does not know it serves
//! them well, and must not look broken here.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;

use super::Route;
use super::exchange::{Exchange, Got, exchange};
use super::limit::Limits;
use super::message::Asked;
use crate::plan::Transport;

/// Asks one server again.
pub(super) struct Again<'a> {
    pub(super) limits: &'a Limits,
    pub(super) server: SocketAddr,
    pub(super) route: Route,
    pub(super) transport: Transport,
    /// How long was waited for a turn; it is no time of the server's.
    pub(super) paused: Duration,
}

impl Again<'_> {
    /// The whole answer: over TCP where it is truncated.
    pub(super) async fn whole(&mut self, got: Got) -> Exchange {
        match got {
            Got::Whole(exchange) => *exchange,
            Got::Truncated(truncated) => {
                let begin = Instant::now();
                // A repetition waits for its turn, as every message to a server does.
                let until = self.limits.again(self.server).await;
                self.paused += begin.elapsed();
                match until {
                    Some(deadline) => truncated.over_tcp(deadline).await,
                    None => truncated.given_up(),
                }
            }
        }
    }

    /// The answer without EDNS where the server may have refused the question for it.
    pub(super) async fn without_edns(&mut self, mut first: Exchange, asked: &Asked) -> Exchange {
        let Some(code) = first.parsed.rcode.and_then(may_mean_edns) else {
            return first;
        };
        let begin = Instant::now();
        let Some(deadline) = self.limits.again(self.server).await else {
            let note = format!("{code} to a query with EDNS; no time was left to ask without it");
            first.parsed.error = Some(note);
            return first;
        };
        let mut again = Again {
            paused: self.paused + begin.elapsed(),
            ..*self
        };
        let got = exchange(&asked.without_edns(), self.route, self.transport, deadline).await;
        let mut second = again.whole(got).await;
        let outcome = second.parsed.outcome;
        if outcome.is_answer() && second.parsed.rcode.and_then(may_mean_edns).is_none() {
            let note = format!("{code} to the query with EDNS; this answers the one without it");
            second.parsed.error = Some(note);
            second.parsed.edns_refused = first.parsed.rcode;
            self.paused = again.paused;
            return second;
        }
        let outcome = match second.parsed.rcode.and_then(may_mean_edns) {
            Some(code) => code,
            None => outcome.as_str(),
        };
        let note = format!("{code} to the query with EDNS; to the one without it: {outcome}");
        first.parsed.error = Some(note);
        first
    }
}

/// The codes with which servers answer what they do not know (RFC 6891, section 7).
fn may_mean_edns(rcode: u16) -> Option<&'static str> {
    match rcode {
        1 => Some("FORMERR"),
        4 => Some("NOTIMP"),
        16 => Some("BADVERS"),
        _ => None,
    }
}
