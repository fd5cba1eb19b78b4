//! What all parts of a running cluster share.

use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;

use crate::dns::{Asked, Servers};
use crate::fault::Faults;
use crate::json::lock;
use crate::logs::Logs;
use crate::queries::Queries;
use crate::random::Random;
use crate::requests::Requests;
use crate::scenario::Settings;
use crate::store::Store;
use crate::written::Written;

/// A running cluster.
pub(crate) struct Cluster {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) logs: Logs,
    pub(crate) servers: Servers,
    pub(crate) faults: Faults,
    pub(crate) requests: Requests,
    pub(crate) queries: Arc<Queries>,
    /// The bearer token of the user.
    pub(crate) token: String,
    /// Names, uids, the nodes that pods go to.
    pub(crate) random: Random,
    /// Which endpoint a connection to a Service gets.
    pub(crate) balance: Random,
    /// What CoreDNS asked of its upstreams.
    pub(crate) asked: Asked,
    /// What was written in pods.
    pub(crate) written: Written,
    tasks: Mutex<JoinSet<()>>,
}

/// The parts that a cluster is put together from.
pub(crate) struct Parts {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) logs: Logs,
    pub(crate) servers: Servers,
    pub(crate) faults: Faults,
    pub(crate) requests: Requests,
    pub(crate) queries: Queries,
    pub(crate) token: String,
    pub(crate) seed: u64,
}

impl Cluster {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            settings,
            store,
            logs,
            servers,
            faults,
            requests,
            queries,
            token,
            seed,
        } = parts;
        Self {
            settings,
            store,
            logs,
            servers,
            faults,
            requests,
            queries: Arc::new(queries),
            token,
            random: Random::new(seed, "objects"),
            balance: Random::new(seed, "services"),
            asked: Asked::default(),
            written: Written::default(),
            tasks: Mutex::default(),
        }
    }

    /// Runs something until it ends or the cluster does.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// Ends everything that was spawned.
    pub(crate) fn stop(&self) {
        lock(&self.tasks).abort_all();
    }
}
