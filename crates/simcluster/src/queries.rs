//! The log of DNS queries, noted by the servers that received them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::journal::Journal;

/// One query that a server received, noted when it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceivedQuery {
    /// Microseconds since 1970 by this machine's clock.
    pub at_us: u64,
    /// `address:port` that was asked: the Service's, where its pod answered.
    pub asked: String,
    /// Address of the server that received it.
    pub server: String,
    /// `namespace/name` of the pod that asked; empty for whoever came to the server's own socket.
    pub pod: String,
    /// `udp` or `tcp`.
    pub transport: &'static str,
    /// The message's id.
    pub id: u16,
    /// Whether it has EDNS.
    pub edns: bool,
    /// Whether it was refused for that (fault `refuses-edns`).
    pub refused: bool,
    /// Name of the first question.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub record_type: String,
}

/// All of them.
pub(crate) type Queries = Journal<ReceivedQuery>;

impl ReceivedQuery {
    /// The same, arriving now.
    #[must_use]
    pub(crate) fn now(mut self) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        self.at_us = since.map_or(0, |it| u64::try_from(it.as_micros()).unwrap_or(u64::MAX));
        self
    }
}
