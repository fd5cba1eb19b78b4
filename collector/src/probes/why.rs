//! Why a probe brought nothing back.

use digpod_bundle::{Item, Status};

use crate::api::CallError;

/// As the manifest says it.
#[derive(Clone, Debug)]
pub(super) struct Why {
    pub(super) status: Status,
    pub(super) reason: String,
    pub(super) missing_permission: Option<String>,
    /// Its image could not be pulled: there is another way.
    pub(super) unpulled: Option<Box<Unpulled>>,
}

/// A pod whose image could not be pulled.
#[derive(Clone, Debug)]
pub(super) struct Unpulled {
    /// In the words of the kubelet and the registry.
    pub(super) words: String,
    pub(super) pod: String,
    /// Where it was to run.
    pub(super) node: Option<String>,
}

impl Why {
    pub(super) fn new(status: Status, reason: String) -> Self {
        Self {
            status,
            reason,
            missing_permission: None,
            unpulled: None,
        }
    }

    pub(super) fn failed(reason: String) -> Self {
        Self::new(Status::Failed, reason)
    }

    /// Of a call that failed; the permission is what it would have needed.
    pub(super) fn call(what: &str, error: &CallError, permission: String) -> Self {
        Self {
            status: error.status,
            reason: format!("{what}: {}", error.reason),
            missing_permission: (error.status == Status::Forbidden).then_some(permission),
            unpulled: None,
        }
    }

    /// Of a creation. 403 may be a missing permission or admission's refusal: only the former says
    /// `User "…" cannot`.
    pub(super) fn refused(what: &str, error: &CallError, permission: String) -> Self {
        let no_permission = error.reason.contains("cannot create resource");
        let status = match error.code {
            403 if no_permission => Status::Forbidden,
            403 | 422 | 400 => Status::RefusedByAdmission,
            _ => error.status,
        };
        Self {
            status,
            reason: format!("{what}: {}", error.reason),
            missing_permission: (status == Status::Forbidden).then_some(permission),
            unpulled: None,
        }
    }

    /// As the item of an entry.
    pub(super) fn item(self, entry: String) -> Item {
        Item {
            entry,
            status: self.status,
            reason: Some(self.reason),
            missing_permission: self.missing_permission,
            ..Item::default()
        }
    }
}
