//! Bodies: reading objects from requests, and answers that went wrong on their way.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt as _, stream};
use serde_json::Value;

use super::status::Refusal;
use super::{Context, protobuf};

impl Context {
    /// The object in the request, JSON or YAML.
    pub(super) fn object(&self) -> Result<Value, Refusal> {
        let kind = self.content_type();
        if self.body.starts_with(protobuf::MAGIC) {
            let unknown = || {
                let message = "the body of the request was in an unknown format - accepted media types \
                               include: application/json, application/yaml";
                Refusal::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "UnsupportedMediaType",
                    message,
                )
            };
            return protobuf::read(&self.body).ok_or_else(unknown);
        }
        let text = std::str::from_utf8(&self.body).map_err(|_| {
            Refusal::bad_request("the body of the request was in an unknown format")
        })?;
        let parsed = if kind.contains("yaml") {
            serde_saphyr::from_str(text).map_err(|err| err.to_string())
        } else {
            serde_json::from_str(text).map_err(|err| err.to_string())
        };
        parsed.map_err(|why| Refusal::bad_request(format!("error decoding the body: {why}")))
    }

    /// What the request says its body is.
    pub(super) fn content_type(&self) -> &str {
        self.headers
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default()
    }

    /// What the client would like to get.
    pub(super) fn accept(&self) -> &str {
        let accept = self.headers.get(axum::http::header::ACCEPT);
        accept
            .and_then(|accept| accept.to_str().ok())
            .unwrap_or_default()
    }
}

/// Time for the first half of a cut answer to leave.
const FLUSH: Duration = Duration::from_millis(50);

/// What a proxy shows to those it keeps out.
pub(super) fn page() -> Response {
    let page = "<html><head><title>Sign in</title></head><body>Sign in to continue</body></html>\n";
    (StatusCode::OK, [(CONTENT_TYPE, "text/html")], page).into_response()
}

/// Sends half of an answer and drops the connection.
pub(super) async fn cut(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let all = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert("Content-Length", all.len().into());
    let half = all.slice(..all.len() / 2);
    let broken = async {
        // Or else the half would be thrown away unsent.
        tokio::time::sleep(FLUSH).await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    };
    let body = stream::iter([Ok::<Bytes, _>(half)]).chain(stream::once(broken));
    Response::from_parts(parts, Body::from_stream(body))
}
