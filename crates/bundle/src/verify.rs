//! Compares a bundle with what its own manifest says of it.

use std::collections::BTreeMap;
use std::fmt;

use crate::bundle::{Bundle, sha256};
use crate::manifest::{Item, Status};

/// One way in which a bundle is not as its manifest says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Name of the entry.
    pub entry: String,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// The entry has another size than when it was collected.
    Size {
        /// As the manifest says.
        expected: u64,
        /// As it is.
        found: u64,
    },
    /// The entry has the size but not the digest it had when it was collected.
    Digest,
    /// The entry could not be read to its end.
    Damaged {
        /// What the unpacker said.
        why: String,
    },
    /// The manifest does not speak of the entry.
    NotInManifest,
    /// The manifest says the entry was collected, and it is not there.
    Missing,
    /// The manifest speaks of the entry twice.
    ListedTwice,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = &self.entry;
        match &self.kind {
            FaultKind::Size { expected, found } => {
                write!(
                    f,
                    "{entry}: {expected} bytes were collected, {found} are there"
                )
            }
            FaultKind::Digest => write!(f, "{entry}: changed since it was collected"),
            FaultKind::Damaged { why } => write!(f, "{entry}: {why}"),
            FaultKind::NotInManifest => write!(f, "{entry}: not in the manifest"),
            FaultKind::Missing => write!(f, "{entry}: in the manifest, but not there"),
            FaultKind::ListedTwice => write!(f, "{entry}: twice in the manifest"),
        }
    }
}

impl Bundle {
    /// Every way in which the bundle is not as its manifest says, in the order of the names.
    /// Empty for a bundle as it was collected.
    pub fn verify(&self) -> Vec<Fault> {
        let mut items: BTreeMap<&str, &Item> = BTreeMap::new();
        let mut faults = Vec::new();
        let mut fault = |entry: &str, kind| {
            faults.push(Fault {
                entry: entry.to_owned(),
                kind,
            });
        };
        for item in &self.manifest().items {
            if items.insert(&item.entry, item).is_some() {
                fault(&item.entry, FaultKind::ListedTwice);
            }
            let there = self.get(&item.entry).is_some();
            let promised = item.status.has_content() && !item.sha256.is_empty();
            if !there && (promised || item.status == Status::Ok) {
                fault(&item.entry, FaultKind::Missing);
            }
        }
        for (name, bytes) in self.entries() {
            let name = name.as_str();
            let Some(item) = items.get(name) else {
                fault(name, FaultKind::NotInManifest);
                continue;
            };
            let found = bytes.len() as u64;
            let damage = item
                .reason
                .as_deref()
                .filter(|why| why.starts_with(DAMAGED));
            if let Some(why) = damage.filter(|_| item.status == Status::Truncated) {
                fault(
                    name,
                    FaultKind::Damaged {
                        why: why.to_owned(),
                    },
                );
            } else if item.bytes != found {
                let expected = item.bytes;
                fault(name, FaultKind::Size { expected, found });
            } else if item.sha256 != sha256(bytes) {
                fault(name, FaultKind::Digest);
            }
        }
        faults.sort();
        faults
    }
}

/// How the reason of an item begins whose entry a reader could not read to its end.
pub(crate) const DAMAGED: &str = "the file is damaged here";
