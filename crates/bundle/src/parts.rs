//! What a reader has found so far; becomes a bundle when all is read.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::Error as _;

use crate::bundle::{Bundle, clash};
use crate::entry::{BadName, EntryName};
use crate::error::OpenError;
use crate::layout;
use crate::manifest::{FORMAT, Item, Manifest, Status};
use crate::verify::DAMAGED;

/// Entries as they come out of an archive, a folder or a document.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    manifest: Option<Vec<u8>>,
    entries: BTreeMap<EntryName, Vec<u8>>,
    damage: Vec<(String, String)>,
}

impl Parts {
    pub(crate) fn add(&mut self, name: EntryName, bytes: Vec<u8>) -> Result<(), OpenError> {
        if name.as_str() == layout::MANIFEST {
            return match self.manifest.replace(bytes) {
                None => Ok(()),
                Some(_) => Err(OpenError::Duplicate {
                    name: name.to_string(),
                }),
            };
        }
        if self.entries.contains_key(name.as_str()) {
            return Err(OpenError::Duplicate {
                name: name.to_string(),
            });
        }
        if let Some(why) = clash(&self.entries, &name) {
            return Err(OpenError::BadEntry(BadName {
                name: name.to_string(),
                why,
            }));
        }
        self.entries.insert(name, bytes);
        Ok(())
    }

    /// Takes note that an entry ended early.
    pub(crate) fn damaged(&mut self, name: &EntryName, why: impl std::fmt::Display) {
        self.damage.push((name.to_string(), why.to_string()));
    }

    /// The bundle, by the manifest that was among the entries.
    pub(crate) fn into_bundle(self) -> Result<Bundle, OpenError> {
        let Some(bytes) = &self.manifest else {
            let nested = self.entries.keys().map(EntryName::as_str).find(|name| {
                name.strip_suffix(layout::MANIFEST)
                    .and_then(|folder| folder.strip_suffix('/'))
                    .is_some_and(|folder| !folder.contains('/'))
            });
            return Err(OpenError::MissingManifest {
                nested: nested.map(str::to_owned),
            });
        };
        let manifest = parse_manifest(bytes)?;
        Ok(self.join(manifest))
    }

    /// The bundle of a folder kept by hand: a missing manifest is an empty one, and whatever it
    /// does not say of an entry is filled in.
    #[cfg(feature = "fs")]
    pub(crate) fn into_lenient_bundle(self) -> Result<Bundle, OpenError> {
        let manifest = match &self.manifest {
            Some(bytes) => parse_manifest(bytes)?,
            None => Manifest::default(),
        };
        let mut bundle = self.join(manifest);
        bundle.account_for_all();
        Ok(bundle)
    }

    fn join(self, mut manifest: Manifest) -> Bundle {
        for (name, why) in self.damage {
            let why = format!("{DAMAGED}: {why}");
            match manifest.items.iter_mut().find(|item| item.entry == name) {
                Some(item) => {
                    item.status = Status::Truncated;
                    item.reason = Some(why);
                }
                None => manifest.items.push(Item {
                    entry: name,
                    status: Status::Truncated,
                    reason: Some(why),
                    ..Item::default()
                }),
            }
        }
        Bundle::from_parts(manifest, self.entries)
    }
}

/// Reads a manifest, its format first: what a newer format says may not even parse here.
pub(crate) fn parse_manifest(bytes: &[u8]) -> Result<Manifest, OpenError> {
    #[derive(Deserialize)]
    struct Head {
        format: Option<u64>,
    }
    let head: Head = serde_json::from_slice(bytes).map_err(OpenError::Manifest)?;
    match head.format {
        None | Some(0) => {
            let error = serde_json::Error::custom("`format` is missing");
            Err(OpenError::Manifest(error))
        }
        Some(found) if found > u64::from(FORMAT) => Err(OpenError::TooNew {
            found,
            newest: FORMAT,
        }),
        Some(_) => serde_json::from_slice(bytes).map_err(OpenError::Manifest),
    }
}
