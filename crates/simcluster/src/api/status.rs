//! Refusals in the shape and words of the API: `Status` objects.

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::resources::Resource;

/// An answer that is not the one asked for.
#[derive(Debug)]
pub(super) struct Refusal {
    code: StatusCode,
    reason: &'static str,
    message: String,
    details: Value,
    retry_after: Option<u32>,
    /// Token for the rest of a list.
    token: Option<String>,
}

impl Refusal {
    pub(super) fn new(code: StatusCode, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            details: Value::Null,
            retry_after: None,
            token: None,
        }
    }

    fn about(mut self, group: &str, kind: &str, name: &str) -> Self {
        self.details = json!({"kind": kind});
        for (key, value) in [("group", group), ("name", name)] {
            if !value.is_empty() {
                self.details[key] = value.into();
            }
        }
        self
    }

    /// 404 for an object.
    pub(super) fn not_found(resource: &Resource, name: &str) -> Self {
        let message = format!("{} \"{name}\" not found", resource.qualified());
        Self::new(StatusCode::NOT_FOUND, "NotFound", message).about(
            resource.group,
            resource.plural,
            name,
        )
    }

    /// 404 for a path.
    pub(super) fn no_such_path() -> Self {
        let message = "the server could not find the requested resource";
        let mut refusal = Self::new(StatusCode::NOT_FOUND, "NotFound", message);
        refusal.details = json!({});
        refusal
    }

    /// 409 for a name that is taken.
    pub(super) fn exists(resource: &Resource, name: &str) -> Self {
        let message = format!("{} \"{name}\" already exists", resource.qualified());
        Self::new(StatusCode::CONFLICT, "AlreadyExists", message).about(
            resource.group,
            resource.plural,
            name,
        )
    }

    /// 409 for a write that is based on an old version.
    pub(super) fn conflict(resource: &Resource, name: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{name}\": the object has been modified; please apply \
             your changes to the latest version and try again",
            resource.qualified()
        );
        Self::new(StatusCode::CONFLICT, "Conflict", message).about(
            resource.group,
            resource.plural,
            name,
        )
    }

    /// 403, `why` after the colon.
    pub(super) fn forbidden(group: &str, plural: &str, name: &str, why: &str) -> Self {
        let mut what = if group.is_empty() {
            plural.to_owned()
        } else {
            format!("{plural}.{group}")
        };
        if !name.is_empty() {
            what = format!("{what} \"{name}\"");
        }
        let message = format!("{what} is forbidden: {why}");
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message).about(group, plural, name)
    }

    /// 422.
    pub(super) fn invalid(resource: &Resource, name: &str, why: &str) -> Self {
        let message = format!("{} \"{name}\" is invalid: {why}", resource.kind);
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Invalid", message).about(
            resource.group,
            resource.kind,
            name,
        )
    }

    /// 400.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// 410 for a continue token that is too old.
    pub(super) fn expired(offered: Option<String>) -> Self {
        let message = "The provided continue parameter is too old to display a consistent list result. You can \
                       start a new list without the continue parameter, or use the continue token in this \
                       response to retrieve the remainder of the results. Continuing with the provided token \
                       results in an inconsistent list - objects that were created, modified, or deleted \
                       between the time the first chunk was returned and now may show up in the list.";
        let mut refusal = Self::new(StatusCode::GONE, "Expired", message);
        refusal.token = offered;
        refusal
    }

    /// 401.
    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", "Unauthorized")
    }

    /// What a fault said.
    pub(super) fn told(code: u16) -> Self {
        let (reason, message) = match code {
            429 => (
                "TooManyRequests",
                "Too many requests, please try again later.",
            ),
            500 => (
                "InternalError",
                "Internal error occurred: etcdserver: request timed out",
            ),
            503 => (
                "ServiceUnavailable",
                "the server is currently unable to handle the request",
            ),
            504 => (
                "Timeout",
                "Timeout: request did not complete within the allotted timeout",
            ),
            _ => ("Unknown", "the server has refused the request"),
        };
        let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut refusal = Self::new(code, reason, message);
        refusal.retry_after = (code == StatusCode::TOO_MANY_REQUESTS).then_some(1);
        if let Some(seconds) = refusal.retry_after {
            refusal.details = json!({"retryAfterSeconds": seconds});
        }
        refusal
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut status = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code.as_u16(),
        });
        if let Some(token) = self.token {
            status["metadata"]["continue"] = token.into();
        }
        if !self.details.is_null() {
            status["details"] = self.details;
        }
        let mut response = super::json(self.code, &status);
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert("Retry-After", HeaderValue::from(seconds));
        }
        response
    }
}
