//! The digpod bundle: one archive with everything that bears on a DNS failure.
//!
//! A [`Bundle`] is a [`Manifest`] and entries of bytes. Format 1 has three forms that hold the
//! same: a ZIP archive, a folder, and one JSON document.
//!
//! **Invariant:** this crate is the only one that knows bytes on disk. Reading is bounded
//! ([`Limits`]) and never trusts the file; the same bundle gives the same bytes.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod archive;
mod bundle;
mod document;
mod entry;
mod error;
#[cfg(feature = "fs")]
mod folder;
pub mod json;
pub mod k8s;
pub mod layout;
mod limits;
mod logs;
mod manifest;
mod open;
mod parts;
mod place;
mod pretty;
#[cfg(feature = "fs")]
mod save;
mod verify;

pub use archive::{read_zip, write_zip};
pub use bundle::{Bundle, sha256};
pub use document::{read_document, write_document};
pub use entry::{BadName, EntryName};
pub use error::{OpenError, WriteError};
#[cfg(feature = "fs")]
pub use folder::{Folder, read_fixture, read_folder, write_folder};
pub use layout::{Kind, LogStream};
pub use limits::Limits;
pub use logs::{LOG_PIECE_BYTES, log_pieces};
pub use manifest::{
    Cluster, Collected, Derived, DerivedValue, FORMAT, FailingName, Item, Like, Manifest,
    Redaction, Status, Symptom, Tool,
};
pub use open::Form;
pub use place::{At, Located, MAX_EXCERPT_COLUMNS, Place};
#[cfg(feature = "fs")]
pub use save::file_name;
pub use verify::{Fault, FaultKind};

/// Runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
