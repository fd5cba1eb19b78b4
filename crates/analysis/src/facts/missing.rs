//! Why something is not there, in words: from the manifest's status of the entry.

use digpod_bundle::{Bundle, Item, Status};
use serde::de::DeserializeOwned;

use super::{Gap, Lack, Seen};

/// The gap that an absent entry is.
pub(crate) fn gap(bundle: &Bundle, entry: &str) -> Gap {
    let reason = match bundle.item(entry) {
        Some(item) if !item.status.has_content() => reason(item),
        Some(item) if item.status == Status::Empty => reason(item),
        _ => "was not collected".to_owned(),
    };
    Gap {
        lacks: Lack::Entry,
        entry: entry.to_owned(),
        reason,
    }
}

/// A question that nobody asked.
pub(crate) fn unasked(entry: &str, reason: String) -> Gap {
    let entry = entry.to_owned();
    let lacks = Lack::Questions;
    Gap {
        entry,
        reason,
        lacks,
    }
}

/// A question that was asked, and too seldom for what a rule would say of it.
pub(crate) fn too_few(entry: &str, asked: &str, tries: u32, needed: u32) -> Gap {
    let times = match tries {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        _ => format!("{tries} times"),
    };
    Gap {
        entry: entry.to_owned(),
        reason: format!("{asked} only {times}, of {needed} tries needed"),
        lacks: Lack::Tries(needed),
    }
}

/// The manifest's words for an item that is not `ok`.
pub(crate) fn reason(item: &Item) -> String {
    let what = match item.status {
        Status::Ok => "is there",
        Status::Empty => "is empty",
        Status::Forbidden => "was refused by the API server",
        Status::Unauthorized => "was refused: the API server does not know who asks",
        Status::NotFound => "does not exist",
        Status::TimedOut => "did not come within the time allowed",
        Status::Truncated => "was collected in part",
        Status::NotApplicable => "does not apply or was not asked for",
        Status::RefusedByAdmission => "was refused by admission",
        Status::Failed => "could not be read",
    };
    let mut words = what.to_owned();
    if let Some(permission) = &item.missing_permission {
        words = format!("{words}; missing permission: {permission}");
    }
    match &item.reason {
        Some(reason) if !reason.is_empty() => format!("{words} ({reason})"),
        _ => words,
    }
}

/// Reads a JSON entry. One that is missing, or is no such object, is a gap.
pub(crate) fn read<T: DeserializeOwned>(bundle: &Bundle, entry: &str) -> Seen<T> {
    let bytes = bundle.get(entry).ok_or_else(|| gap(bundle, entry))?;
    serde_json::from_slice(bytes).map_err(|error| Gap {
        lacks: Lack::Entry,
        entry: entry.to_owned(),
        reason: format!("does not parse: {error}"),
    })
}

/// Reads a list; one the manifest calls empty has no bytes and is the empty list.
pub(crate) fn read_list<T: DeserializeOwned + Default>(bundle: &Bundle, entry: &str) -> Seen<T> {
    let empty = bundle
        .item(entry)
        .is_some_and(|item| item.status == Status::Empty);
    match bundle.get(entry) {
        None | Some([]) if empty => Ok(T::default()),
        _ => read(bundle, entry),
    }
}
