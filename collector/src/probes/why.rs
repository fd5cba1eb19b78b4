//! Why a probe brought nothing back.

use digpod_bundle::{Item, Status};

use crate::api::CallError;

/// As the manifest says it.
#[derive(Clone, Debug)]
pub(super) struct Why {
    pub(super) status: Status,
    pub(super) reason: String,
    pub(super) missing_permission: Option<String>,
}

impl Why {
    pub(super) fn new(status: Status, reason: String) -> Self {
        Self {
            status,
            reason,
            missing_permission: None,
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
