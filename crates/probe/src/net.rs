//! The engine: carries a plan out with its own packets.

mod again;
mod exchange;
mod files;
mod fuzzed;
mod jobs;
mod limit;
mod message;
mod name;
mod pages;
mod pair;
mod present;
mod room;
mod run;
mod watch;

use std::net::SocketAddr;
use std::sync::Arc;

pub use files::{Disk, FileContent, NoDisk};
#[doc(hidden)]
pub use fuzzed::read_reply;
pub use run::{opening, run};
pub use watch::watch;

/// Where a packet for an address goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// To this address.
    To(SocketAddr),
    /// Nowhere, and the network says so at once.
    Unreachable,
    /// Nowhere, and nobody says so.
    Drop,
}

/// What surrounds a probe.
#[derive(Clone)]
pub struct Setup {
    /// resolv.conf as the probe finds it.
    pub resolv_conf: String,
    /// Node it runs on, if known.
    pub node: Option<String>,
    /// When it begins, RFC 3339 UTC.
    pub started: String,
    /// Turns the plan's addresses into the ones that packets go to. Records keep the plan's.
    pub route: Arc<dyn Fn(SocketAddr) -> Route + Send + Sync>,
    /// Where the plan's files are read.
    pub disk: Arc<dyn Disk>,
}

impl Setup {
    /// Every address means itself.
    pub fn direct(resolv_conf: impl Into<String>) -> Self {
        Self {
            resolv_conf: resolv_conf.into(),
            node: None,
            started: String::new(),
            route: Arc::new(Route::To),
            disk: Arc::new(NoDisk),
        }
    }

    /// With the node's name.
    #[must_use]
    pub fn on_node(mut self, node: Option<String>) -> Self {
        self.node = node;
        self
    }

    /// With the time of its beginning, RFC 3339 UTC.
    #[must_use]
    pub fn started_at(mut self, started: impl Into<String>) -> Self {
        self.started = started.into();
        self
    }

    /// With files to read.
    #[must_use]
    pub fn with_disk(mut self, disk: impl Disk + 'static) -> Self {
        self.disk = Arc::new(disk);
        self
    }

    /// With another way for packets.
    #[must_use]
    pub fn routed(mut self, route: impl Fn(SocketAddr) -> Route + Send + Sync + 'static) -> Self {
        self.route = Arc::new(route);
        self
    }
}
