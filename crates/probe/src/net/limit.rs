//! When a server may be asked next, and until when anything may be asked at all.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until, timeout_at};

/// Most tries that wait for their answer at the same time: well under the usual 1,024 open files.
const IN_FLIGHT: usize = 512;

/// The limits of one run.
pub(super) struct Limits {
    /// When the run began.
    pub(super) start: Instant,
    /// How long one try waits, at most half of the budget.
    pub(super) timeout: Duration,
    /// The last moment at which a try may still be sent, so that it can wait its full time.
    last_send: Instant,
    gap: Duration,
    next: Mutex<BTreeMap<SocketAddr, Instant>>,
    in_flight: Arc<Semaphore>,
}

impl Limits {
    pub(super) fn new(timeout_ms: u32, budget_ms: u32, rate_per_server: u32) -> Self {
        let budget = Duration::from_millis(budget_ms.into());
        let timeout = Duration::from_millis(timeout_ms.into()).min(budget / 2);
        let start = Instant::now();
        Self {
            start,
            timeout,
            last_send: start + budget.saturating_sub(timeout),
            gap: Duration::from_secs(1)
                .checked_div(rate_per_server)
                .unwrap_or_default(),
            next: Mutex::new(BTreeMap::new()),
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
        }
    }

    /// Waits until `server` may be asked, not before `earliest`; `None` if the budget ends first.
    pub(super) async fn turn(
        &self,
        server: SocketAddr,
        earliest: Instant,
    ) -> Option<OwnedSemaphorePermit> {
        if earliest > self.last_send {
            return None;
        }
        // A slot is taken only now, so that a question which pauses keeps no other one waiting.
        sleep_until(earliest).await;
        sleep_until(self.slot(server)?).await;
        timeout_at(self.last_send, Arc::clone(&self.in_flight).acquire_owned())
            .await
            .ok()?
            .ok()
    }

    fn slot(&self, server: SocketAddr) -> Option<Instant> {
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = next.get(&server).map_or(now, |next| now.max(*next));
        if slot > self.last_send {
            return None;
        }
        next.insert(server, slot + self.gap);
        Some(slot)
    }
}
