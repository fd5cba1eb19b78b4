//! One request and its answer: bounded in time and size, reads repeated where that may help.

use std::time::Duration;

use http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use kube::client::Body;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::deadline::Limit;
use super::error::Refusal;
use super::{Api, CallError, retry};

/// Most bytes of an answer that is kept whole. An object has at most 1.5 MiB (etcd's limit of a
/// request), so whatever is larger is no object.
pub(super) const MOST_BYTES: usize = 8 << 20;
/// Most bytes read of a refusal.
const MOST_REFUSAL: usize = 64 << 10;

/// The body of an answer while it arrives.
pub(super) struct Answer {
    body: Body,
    limit: Limit,
    /// How long each part may take to come.
    patience: Duration,
    _read: Option<OwnedSemaphorePermit>,
}

/// Why a request was not answered with what it asked for.
pub(super) struct Refused {
    pub(super) error: CallError,
    /// What the server said.
    pub(super) refusal: Refusal,
    /// A read may be repeated after so long.
    again: Option<Duration>,
}

impl Answer {
    /// Allows the whole body so much time; each part still has to come within a call's limit.
    pub(super) fn with_time(mut self, time: Duration, api: &Api) -> Self {
        self.limit = Limit::new(time, api.deadline.as_deref());
        self
    }

    /// The next part; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Result<impl AsRef<[u8]> + use<>, CallError>> {
        loop {
            let part = tokio::time::timeout(self.patience, self.body.frame());
            let frame = match self.limit.wait(part).await {
                Ok(Ok(frame)) => frame?,
                Ok(Err(_)) => {
                    let seconds = self.patience.as_secs();
                    return Some(Err(CallError {
                        status: digpod_bundle::Status::TimedOut,
                        code: 0,
                        reason: format!("the answer stopped for {seconds} s"),
                    }));
                }
                Err(error) => return Some(Err(error)),
            };
            match frame {
                // What is no data is a trailer.
                Ok(frame) => {
                    if let Ok(data) = frame.into_data() {
                        return Some(Ok(data));
                    }
                }
                Err(error) => return Some(Err(CallError::broken(&error))),
            }
        }
    }

    /// The whole body, if it is not larger than this.
    async fn whole(mut self, most: usize) -> Result<Vec<u8>, CallError> {
        let mut all = Vec::new();
        while let Some(part) = self.next().await {
            let part = part?;
            if all.len() + part.as_ref().len() > most {
                return Err(CallError::failed(format!(
                    "the answer is larger than {} MiB, which no object of Kubernetes is",
                    most >> 20
                )));
            }
            all.extend_from_slice(part.as_ref());
        }
        Ok(all)
    }
}

impl Api {
    /// GET; the answer's body is still to be read.
    pub(super) async fn open(&self, path: &str) -> Result<Answer, Refused> {
        // Waiting for one's turn is no fault of the server: only the run's end bounds it.
        let turn = Limit::new(Duration::from_hours(1), self.deadline.as_deref());
        let read = turn.wait(self.reads.clone().acquire_owned()).await;
        let read = read.map_err(Refused::without_answer)?.ok();
        let limit = Limit::new(self.limit, self.deadline.as_deref());
        let mut tries = 0;
        loop {
            match self
                .send(Method::GET, path, Vec::new(), &limit, tries)
                .await
            {
                Ok(body) => {
                    return Ok(Answer {
                        body,
                        limit,
                        patience: self.limit,
                        _read: read,
                    });
                }
                Err(refused) => match refused.again {
                    Some(wait) if tries < retry::MOST && Instant::now() + wait < limit.at => {
                        tries += 1;
                        tokio::time::sleep(wait).await;
                    }
                    _ => return Err(refused),
                },
            }
        }
    }

    /// GET whose answer comes as long as something happens. It takes no turn of the reads, which
    /// it would keep until its end, and is not repeated: what it tells can be read in other ways.
    pub(super) async fn open_endless(
        &self,
        path: &str,
        patience: Duration,
    ) -> Result<Answer, CallError> {
        let limit = Limit::new(self.limit, self.deadline.as_deref());
        let sent = self.send(Method::GET, path, Vec::new(), &limit, 0).await;
        Ok(Answer {
            body: sent.map_err(|refused| refused.error)?,
            limit: Limit::new(patience, self.deadline.as_deref()),
            patience,
            _read: None,
        })
    }

    /// GET of something that fits in memory.
    pub(super) async fn read(&self, path: &str) -> Result<Vec<u8>, CallError> {
        let answer = self.open(path).await.map_err(|refused| refused.error)?;
        answer.whole(MOST_BYTES).await
    }

    /// POST or DELETE: sent once, whatever happens, and never made to wait for reads.
    pub(super) async fn write(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, CallError> {
        let limit = Limit::new(self.limit, self.deadline.as_deref());
        let sent = self.send(method, path, body, &limit, 0).await;
        let answer = Answer {
            body: sent.map_err(|refused| refused.error)?,
            limit,
            patience: self.limit,
            _read: None,
        };
        answer.whole(MOST_BYTES).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        limit: &Limit,
        tries: u32,
    ) -> Result<Body, Refused> {
        let mut request = Request::builder().method(method).uri(path);
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Body::from(body))
            .map_err(|error| Refused::without_answer(CallError::broken(&error)))?;
        let begin = Instant::now();
        let sent = limit.wait(self.client.send(request)).await;
        let response = match sent.map_err(Refused::without_answer)? {
            Ok(response) => response,
            Err(error) => {
                return Err(Refused {
                    again: retry::after_break(&error, tries),
                    ..Refused::without_answer(CallError::broken(&error))
                });
            }
        };
        self.clock.note(response.headers(), begin.elapsed());
        if response.status().is_success() {
            return Ok(response.into_body());
        }
        Err(self.refused(response, limit, tries).await)
    }

    async fn refused(&self, response: Response<Body>, limit: &Limit, tries: u32) -> Refused {
        let code: StatusCode = response.status();
        let again = retry::after_status(code, response.headers(), tries);
        let answer = Answer {
            body: response.into_body(),
            limit: limit.clone(),
            patience: self.limit,
            _read: None,
        };
        let body = answer.whole(MOST_REFUSAL).await.unwrap_or_default();
        let refusal = Refusal::read(&body);
        let mut error = refusal.error(code);
        if let Some(wait) = again
            && Instant::now() + wait >= limit.at
        {
            let seconds = wait.as_secs();
            error.reason = format!("{} (to be asked again after {seconds} s)", error.reason);
        }
        Refused {
            error,
            refusal,
            again,
        }
    }
}

impl Refused {
    pub(super) fn without_answer(error: CallError) -> Self {
        Self {
            error,
            refusal: Refusal::default(),
            again: None,
        }
    }
}
