//! Failures of the Kubernetes API by kind of object and reason.

use std::collections::BTreeMap;

use memchr::{memchr, memmem, memrchr};

use crate::event::{ApiFailure, ApiReason};

/// Kinds of objects told apart.
const MAX_KINDS: usize = 64;

/// Counts by kind and reason.
#[derive(Clone, Debug, Default)]
pub(crate) struct Api {
    kinds: BTreeMap<Vec<u8>, BTreeMap<ApiReason, u64>>,
}

impl Api {
    pub(crate) fn add(&mut self, kind: &[u8], reason: ApiReason) {
        self.put(kind, reason, 1);
    }

    fn put(&mut self, kind: &[u8], reason: ApiReason, count: u64) {
        if let Some(reasons) = self.kinds.get_mut(kind) {
            *reasons.entry(reason).or_default() += count;
            return;
        }
        let kind = if self.kinds.len() < MAX_KINDS {
            kind
        } else {
            &[]
        };
        *self
            .kinds
            .entry(kind.to_vec())
            .or_default()
            .entry(reason)
            .or_default() += count;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (kind, reasons) in &other.kinds {
            for (reason, count) in reasons {
                self.put(kind, *reason, *count);
            }
        }
    }

    pub(crate) fn finish(self) -> Vec<ApiFailure> {
        let mut failures = Vec::new();
        for (kind, reasons) in self.kinds {
            let kind = String::from_utf8_lossy(&kind).into_owned();
            failures.extend(reasons.into_iter().map(|(reason, count)| ApiFailure {
                kind: kind.clone(),
                reason,
                count,
            }));
        }
        failures
    }
}

/// Texts that are looked for in lines of Kubernetes' logger, made ready once.
#[derive(Clone, Debug)]
pub(crate) struct Finders {
    failed: memmem::Finder<'static>,
    unhandled: memmem::Finder<'static>,
    forbidden: memmem::Finder<'static>,
}

impl Default for Finders {
    fn default() -> Self {
        Self {
            failed: memmem::Finder::new("ailed to "),
            unhandled: memmem::Finder::new("Unhandled Error"),
            forbidden: memmem::Finder::new("is forbidden"),
        }
    }
}

impl Finders {
    /// client-go's reflector could not list or watch: of which kind of object, and why.
    pub(crate) fn api_failure<'a>(&self, message: &'a [u8]) -> Option<(&'a [u8], ApiReason)> {
        self.failed(message)
            .then(|| (object_kind(message), self.reason(message)))
    }

    fn failed(&self, message: &[u8]) -> bool {
        self.failed.find_iter(message).any(|at| {
            let rest = message.get(at + 9..).unwrap_or_default();
            rest.starts_with(b"list") || rest.starts_with(b"watch")
        }) || self.unhandled.find(message).is_some()
            || message.starts_with(b"Kubernetes API connection failure")
    }

    /// The usual ends first.
    fn reason(&self, message: &[u8]) -> ApiReason {
        if message.ends_with(b"i/o timeout") {
            ApiReason::Timeout
        } else if message.ends_with(b"connection refused") {
            ApiReason::Refused
        } else if self.forbidden.find(message).is_some() {
            ApiReason::Forbidden
        } else {
            api_reason(message)
        }
    }
}

/// `EndpointSlice` of `*v1beta1.EndpointSlice`.
fn object_kind(message: &[u8]) -> &[u8] {
    let Some(star) = memchr(b'*', message) else {
        return &[];
    };
    let rest = message.get(star + 1..).unwrap_or_default();
    let word = rest
        .iter()
        .take(64)
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'.')
        .count();
    let word = rest.get(..word).unwrap_or_default();
    memrchr(b'.', word)
        .and_then(|dot| word.get(dot + 1..))
        .unwrap_or_default()
}

fn api_reason(message: &[u8]) -> ApiReason {
    const TABLE: &[(&str, ApiReason)] = &[
        ("i/o timeout", ApiReason::Timeout),
        ("connection refused", ApiReason::Refused),
        ("no route to host", ApiReason::Unroutable),
        ("network is unreachable", ApiReason::Unroutable),
        ("x509: ", ApiReason::Certificate),
        ("Unauthorized", ApiReason::Unauthorized),
        (
            "could not find the requested resource",
            ApiReason::UnknownKind,
        ),
        ("no such host", ApiReason::NameUnresolved),
        ("TLS handshake timeout", ApiReason::Timeout),
        ("deadline exceeded", ApiReason::Timeout),
        ("Client.Timeout", ApiReason::Timeout),
    ];
    let found = TABLE
        .iter()
        .find(|(text, _)| memmem::find(message, text.as_bytes()).is_some());
    found.map_or(ApiReason::Other, |(_, reason)| *reason)
}
