//! The health of upstreams, as CoreDNS's `forward` keeps it: checked only after an error.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};

use super::exchange::ask;
use crate::cluster::Cluster;
use crate::json::lock;
use crate::route::{Vantage, route};

/// An upstream with more failed checks than this is down.
const MAX_FAILS: u32 = 2;
const INTERVAL: Duration = Duration::from_millis(500);
const WAIT: Duration = Duration::from_secs(1);

/// Failed checks of each upstream that is being checked.
#[derive(Clone, Debug, Default)]
pub(super) struct Health(Arc<Mutex<BTreeMap<SocketAddr, u32>>>);

impl Health {
    /// Whether an upstream is passed over.
    pub(super) fn down(&self, upstream: SocketAddr) -> bool {
        lock(&self.0)
            .get(&upstream)
            .is_some_and(|fails| *fails > MAX_FAILS)
    }

    /// Checks an upstream until it answers, if nobody does so already.
    pub(super) fn check(&self, cluster: &Arc<Cluster>, vantage: &Vantage, upstream: SocketAddr) {
        {
            let mut fails = lock(&self.0);
            if fails.contains_key(&upstream) {
                return;
            }
            fails.insert(upstream, 0);
        }
        let (weak, vantage, health) = (Arc::downgrade(cluster), vantage.clone(), self.clone());
        cluster.spawn(async move {
            let mut query = Message::new(0, MessageType::Query, OpCode::Query);
            query.add_query(Query::query(Name::root(), RecordType::NS));
            while let Some(cluster) = weak.upgrade() {
                let way = route(&cluster, &vantage, upstream);
                drop(cluster);
                if ask(way, &query, false, WAIT).await.is_ok() {
                    lock(&health.0).remove(&upstream);
                    return;
                }
                if let Some(fails) = lock(&health.0).get_mut(&upstream) {
                    *fails = fails.saturating_add(1);
                }
                tokio::time::sleep(INTERVAL).await;
            }
        });
    }
}
