//! Calls to the API server: each within a time limit, GET alone repeated.

mod stream;

use std::time::Duration;

use digpod_bundle::Status;
use http::{Method, Request};
use kube::Client;
use serde::de::DeserializeOwned;

use crate::error::chain;

pub(crate) use stream::Lines;

/// Calls to one API server.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client,
    limit: Duration,
}

/// Repeats of a GET that the server was too busy for.
const RETRIES: u32 = 2;

/// Why a call gave nothing.
#[derive(Clone, Debug)]
pub(crate) struct CallError {
    /// As the manifest says it.
    pub(crate) status: Status,
    /// HTTP status, 0 without an answer.
    pub(crate) code: u16,
    /// In words.
    pub(crate) reason: String,
}

impl CallError {
    /// Whether no server answered at all: wrong address, no network, bad certificate.
    pub(crate) fn is_unreachable(&self) -> bool {
        self.code == 0
    }
}

impl Api {
    pub(crate) fn new(client: Client, limit: Duration) -> Self {
        Self { client, limit }
    }

    /// GET, read as JSON of this shape.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        let text = self.get_text(path).await?;
        parse(&text)
    }

    /// GET as text.
    pub(crate) async fn get_text(&self, path: &str) -> Result<String, CallError> {
        let mut tries = 0;
        loop {
            let result = self.call(Method::GET, path, Vec::new()).await;
            match result {
                Err(error) if tries < RETRIES && matches!(error.code, 429 | 503 | 504) => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(300 << tries)).await;
                }
                result => return result,
            }
        }
    }

    /// POST of a JSON object.
    pub(crate) async fn create(
        &self,
        path: &str,
        object: &serde_json::Value,
    ) -> Result<serde_json::Value, CallError> {
        let body = serde_json::to_vec(object).unwrap_or_default();
        parse(&self.call(Method::POST, path, body).await?)
    }

    /// DELETE; an object that is not there is no error.
    pub(crate) async fn delete(&self, path: &str) -> Result<(), CallError> {
        let body = br#"{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"propagationPolicy":"Background"}"#;
        match self.call(Method::DELETE, path, body.to_vec()).await {
            Ok(_) => Ok(()),
            Err(error) if error.code == 404 => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn call(&self, method: Method, path: &str, body: Vec<u8>) -> Result<String, CallError> {
        let mut request = Request::builder().method(method).uri(path);
        if !body.is_empty() {
            request = request.header(http::header::CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(body)
            .map_err(|error| failed(error.to_string()))?;
        match tokio::time::timeout(self.limit, self.client.request_text(request)).await {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(error)) => Err(call_error(&error)),
            Err(_) => Err(CallError {
                status: Status::TimedOut,
                code: 0,
                reason: format!("no answer within {} s", self.limit.as_secs()),
            }),
        }
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, CallError> {
    serde_json::from_str(text).map_err(|error| CallError {
        status: Status::Failed,
        code: 200,
        reason: format!("the answer is not the JSON that was asked for: {error}"),
    })
}

fn call_error(error: &kube::Error) -> CallError {
    let status = match error {
        kube::Error::Api(status) => status,
        // kube's own word for it, "ServiceError", says nothing to users.
        kube::Error::Service(error) => return failed(chain(error.as_ref())),
        error => return failed(chain(error)),
    };
    let kind = match status.code {
        401 => Status::Unauthorized,
        403 => Status::Forbidden,
        404 => Status::NotFound,
        408 | 504 => Status::TimedOut,
        _ => Status::Failed,
    };
    let reason = if status.message.is_empty() {
        format!("HTTP status {}", status.code)
    } else {
        status.message.trim().to_owned()
    };
    CallError {
        status: kind,
        code: status.code,
        reason,
    }
}

fn failed(reason: String) -> CallError {
    CallError {
        status: Status::Failed,
        code: 0,
        reason,
    }
}
