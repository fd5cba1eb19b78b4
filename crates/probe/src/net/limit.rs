//! When a server may be asked next, and until when anything may be asked at all.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    end: Instant,
    gap: Duration,
    servers: Mutex<BTreeMap<SocketAddr, Arc<Server>>>,
    in_flight: Arc<Semaphore>,
}

/// The pace of one server.
struct Server {
    /// Tries wait here in the order in which they came.
    queue: tokio::sync::Mutex<()>,
    next: Mutex<Instant>,
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
            end: start + budget,
            gap: Duration::from_secs(1)
                .checked_div(rate_per_server)
                .unwrap_or_default(),
            servers: Mutex::new(BTreeMap::new()),
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
        }
    }

    /// Waits until `server` may be sent so many messages, not before `earliest`; `None` if the
    /// budget ends first.
    pub(super) async fn turn(
        &self,
        server: SocketAddr,
        earliest: Instant,
        messages: u32,
    ) -> Option<OwnedSemaphorePermit> {
        if earliest > self.last_send {
            return None;
        }
        // A place in the queue is taken only now, so that a question which pauses keeps no other
        // one waiting.
        sleep_until(earliest).await;
        let server = self.server(server);
        let turn = async {
            let _place = server.queue.lock().await;
            // A free place first: waiting for one after the turn would send many at once when
            // places become free.
            let permit = Arc::clone(&self.in_flight).acquire_owned().await.ok()?;
            while let Err(next) = server.take(self.gap * messages) {
                sleep_until(next).await;
            }
            Some(permit)
        };
        timeout_at(self.last_send, turn).await.ok()?
    }

    /// Waits until `server` may be asked once more about a try that is under way. It goes before
    /// those that wait for their first turn. Gives until when the answer is waited for; `None` if
    /// the budget ends first.
    pub(super) async fn again(&self, server: SocketAddr) -> Option<Instant> {
        let slot = self.server(server).reserve(self.gap, self.end)?;
        sleep_until(slot).await;
        Some((Instant::now() + self.timeout).min(self.end))
    }

    fn server(&self, server: SocketAddr) -> Arc<Server> {
        let mut all = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        let pace = all.entry(server).or_insert_with(|| {
            Arc::new(Server {
                queue: tokio::sync::Mutex::new(()),
                next: Mutex::new(self.start),
            })
        });
        Arc::clone(pace)
    }
}

impl Server {
    fn next(&self) -> MutexGuard<'_, Instant> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next turn, whoever waits for it; none from `end` on.
    fn reserve(&self, gap: Duration, end: Instant) -> Option<Instant> {
        let mut next = self.next();
        let slot = (*next).max(Instant::now());
        if slot >= end {
            return None;
        }
        *next = slot + gap;
        Some(slot)
    }

    /// Takes the turn if it has come; otherwise tells when it may.
    fn take(&self, gap: Duration) -> Result<(), Instant> {
        let mut next = self.next();
        let now = Instant::now();
        if now < *next {
            return Err(*next);
        }
        *next = now + gap;
        Ok(())
    }
}
