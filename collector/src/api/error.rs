//! Why a call gave nothing, in the manifest's words.

use digpod_bundle::Status;
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::chain;

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

    /// The server answered, and it was of no use.
    pub(super) fn failed(reason: impl Into<String>) -> Self {
        Self {
            status: Status::Failed,
            code: 200,
            reason: reason.into(),
        }
    }

    /// No answer.
    pub(super) fn broken(error: &(dyn std::error::Error + 'static)) -> Self {
        // kube's own word for what its layers below say, "ServiceError", says nothing to users.
        let reason = match error.downcast_ref::<kube::Error>() {
            Some(kube::Error::Service(inner)) => chain(inner.as_ref()),
            _ => chain(error),
        };
        Self {
            status: Status::Failed,
            code: 0,
            // rustls' long word for it ends in a link that helps nobody on call.
            reason: match reason.split_once("peer closed connection without sending TLS") {
                Some(_) => "the connection was cut in the middle of the answer".to_owned(),
                None => reason,
            },
        }
    }
}

/// `Status` of the API: what a refusal says. Proxies on the way say something else or nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Refusal {
    message: String,
    metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    r#continue: String,
}

impl Refusal {
    /// Reads the body of a refusal.
    pub(super) fn read(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    /// The token with which a list that expired (410) goes on, at the cost of consistency
    /// (API concepts: "410 Gone", `metadata.continue`).
    pub(super) fn token(&self) -> Option<&str> {
        Some(self.metadata.r#continue.as_str()).filter(|token| !token.is_empty())
    }

    /// As an error.
    pub(super) fn error(&self, code: StatusCode) -> CallError {
        let status = match code.as_u16() {
            401 => Status::Unauthorized,
            403 => Status::Forbidden,
            404 => Status::NotFound,
            408 | 504 => Status::TimedOut,
            _ => Status::Failed,
        };
        let message = self.message.trim();
        let reason = if message.is_empty() {
            format!("HTTP status {}", code.as_u16())
        } else {
            message.to_owned()
        };
        CallError {
            status,
            code: code.as_u16(),
            reason,
        }
    }
}

/// An answer as JSON of a shape.
pub(super) fn parse<T: DeserializeOwned>(answer: &[u8]) -> Result<T, CallError> {
    serde_json::from_slice(answer).map_err(|error| not_json(&error.to_string()))
}

/// An answer that is something else than was asked for.
pub(super) fn not_json(why: &str) -> CallError {
    CallError::failed(format!(
        "the answer is not the JSON that was asked for: {why}"
    ))
}
