//! Calls to the API server.
//!
//! A GET is bounded in time and size and repeated where the server is busy; no other verb is ever
//! repeated, since nobody knows what became of it. Lists are read page by page and object by
//! object as they arrive ([`Api::each`], [`Api::list`]), logs into a ring of their newest bytes
//! ([`Api::tail`]), so that memory does not grow with the cluster.
//!
//! Whoever gathers uses `get` for one object, `list` for few objects, `each` for many:
//!
//! ```ignore
//! let pods = api.list::<Pod>("/api/v1/namespaces/kube-system/pods?labelSelector=…").await;
//! sink.list(layout::DNS_PODS, &call, &pods); // items, or what was read of them, or the gap
//! ```
//!
//! The path of a list has neither `limit` nor `continue`: both are added here.

mod call;
mod clock;
mod deadline;
mod error;
mod exec;
mod pages;
mod retry;
mod split;
mod stream;
mod tail;

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use kube::Client;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use clock::Clock;
use error::parse;

pub(crate) use deadline::Deadline;
pub(crate) use error::CallError;
pub(crate) use exec::Exec;
pub(crate) use pages::{Bounds, ListEnd, Listed};
pub(crate) use stream::Lines;
pub(crate) use tail::{Tail, TailLimits};

/// Reads under way at once. The API server's own share for one user is small (API priority and
/// fairness), and a cluster in trouble should not get more of it.
const AT_ONCE: usize = 10;

/// Calls to one API server.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client,
    limit: Duration,
    reads: Arc<Semaphore>,
    deadline: Option<Arc<Deadline>>,
    clock: Arc<Clock>,
}

impl Api {
    /// Each call may take so long, repeats included.
    pub(crate) fn new(client: Client, limit: Duration) -> Self {
        Self {
            client,
            limit,
            reads: Arc::new(Semaphore::new(AT_ONCE)),
            deadline: None,
            clock: Arc::default(),
        }
    }

    /// The same server; after this moment every call ends at once with the deadline's reason, and
    /// what streams gave until then is kept.
    pub(crate) fn until(&self, deadline: Deadline) -> Self {
        Self {
            deadline: Some(Arc::new(deadline)),
            ..self.clone()
        }
    }

    /// The same server for something that may take so long in all; the run's own end may come before.
    pub(crate) fn for_at_most(&self, limit: Duration) -> Self {
        let at = Instant::now() + limit;
        if self.deadline.as_ref().is_some_and(|it| it.at <= at) {
            return self.clone();
        }
        self.until(Deadline {
            at,
            why: format!("not read within {} s", limit.as_secs()),
        })
    }

    /// So long, or less if the deadline comes before.
    pub(crate) fn within(&self, limit: Duration) -> Duration {
        let left = self
            .deadline
            .as_ref()
            .map(|it| it.at.saturating_duration_since(Instant::now()));
        left.map_or(limit, |left| left.min(limit))
    }

    /// How far the server's clock is ahead of this machine's, as its answers say, in seconds; `None` before the first answer.
    pub(crate) fn clock_ahead(&self) -> Option<i64> {
        self.clock.ahead()
    }

    /// GET, read as JSON of this shape.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        parse(&self.read(path).await?)
    }

    /// GET as text.
    pub(crate) async fn get_text(&self, path: &str) -> Result<String, CallError> {
        String::from_utf8(self.read(path).await?)
            .map_err(|_| CallError::failed("the answer is not UTF-8"))
    }

    /// POST of a JSON object.
    pub(crate) async fn create(
        &self,
        path: &str,
        object: &serde_json::Value,
    ) -> Result<serde_json::Value, CallError> {
        let body = serde_json::to_vec(object).unwrap_or_default();
        parse(&self.write(Method::POST, path, body).await?)
    }

    /// DELETE; an object that is not there is no error.
    pub(crate) async fn delete(&self, path: &str) -> Result<(), CallError> {
        let body = br#"{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"propagationPolicy":"Background"}"#;
        match self.write(Method::DELETE, path, body.to_vec()).await {
            Ok(_) => Ok(()),
            Err(error) if error.code == 404 => Ok(()),
            Err(error) => Err(error),
        }
    }
}
