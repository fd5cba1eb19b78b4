//! How cluster DNS was found: kept in the bundle, so that a wrong turn can be seen.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use digpod_bundle::k8s::Service;
use digpod_bundle::layout;
use serde::Serialize;

use super::addresses;
use crate::sink::Sink;

/// What has been found so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail(Arc<Mutex<Discovery>>);

/// `dns/discovery.json`.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Discovery {
    /// What was taken for what, and why.
    chosen: BTreeMap<&'static str, Chosen>,
    /// Addresses that pods seem to ask, with who says so.
    addresses: Vec<Hint>,
    /// Every Service that looks like DNS.
    services: Vec<Candidate>,
    /// Every place that was looked at.
    tried: Vec<Tried>,
}

#[derive(Debug, Serialize)]
struct Chosen {
    value: String,
    because: String,
}

#[derive(Debug, Serialize)]
struct Candidate {
    service: String,
    addresses: Vec<String>,
    because: String,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Tried {
    call: String,
    result: String,
}

/// An address that pods seem to ask.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hint {
    pub(super) address: String,
    /// Who says so.
    pub(super) from: String,
    /// Whether it is a setting; otherwise it is a custom (the tenth address of the range).
    pub(super) certain: bool,
}

impl Trail {
    /// Something was taken for something.
    pub(super) fn choose(
        &self,
        what: &'static str,
        value: impl Into<String>,
        because: impl Into<String>,
    ) {
        let chosen = Chosen {
            value: value.into(),
            because: because.into(),
        };
        self.with(|it| it.chosen.insert(what, chosen));
    }

    /// A place was looked at.
    pub(super) fn tried(&self, path: &str, result: impl Into<String>) {
        let tried = Tried {
            call: format!("GET {path}"),
            result: result.into(),
        };
        self.with(|it| it.tried.push(tried));
    }

    pub(super) fn hint(&self, hint: Hint) {
        self.with(|it| it.addresses.push(hint));
    }

    /// A Service that looks like DNS.
    pub(super) fn candidate(&self, service: &Service, because: impl Into<String>) {
        let candidate = Candidate {
            service: full_name(service),
            addresses: addresses(service),
            because: because.into(),
        };
        self.with(|it| it.services.push(candidate));
    }

    /// What was taken for this, if anything.
    pub(super) fn chosen(&self, what: &str) -> Option<String> {
        self.with(|it| it.chosen.get(what).map(|chosen| chosen.value.clone()))
    }

    /// Writes what is known by now.
    pub(super) fn write(&self, sink: &Sink) {
        self.with(|it| {
            it.tried.sort();
            it.addresses.sort();
            it.services.sort_by(|a, b| a.service.cmp(&b.service));
            sink.json(layout::DNS_DISCOVERY, "made from the calls it names", it);
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Discovery) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `kube-system/kube-dns`.
pub(super) fn full_name(service: &Service) -> String {
    let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
    format!("{namespace}/{}", service.metadata.name)
}
