//! A bundle in memory: its manifest and the bytes of its entries.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::entry::{BadName, EntryName};
use crate::layout;
use crate::manifest::{Derived, FORMAT, Item, Manifest, Status};

/// Everything that was collected, and what the manifest says of it.
///
/// Entries are kept in the order of their names; the manifest's items likewise. Whoever adds an
/// entry also adds its item, so that a bundle never holds bytes nobody accounts for.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    manifest: Manifest,
    entries: BTreeMap<EntryName, Vec<u8>>,
}

impl Bundle {
    /// Makes a bundle without entries. The format is set, the manifest's items are dropped.
    pub fn new(mut manifest: Manifest) -> Self {
        manifest.format = FORMAT;
        manifest.items.clear();
        Self {
            manifest,
            entries: BTreeMap::new(),
        }
    }

    /// Joins a manifest with entries as a reader found them. What does not agree stays as it is;
    /// [`Bundle::verify`] tells.
    pub(crate) fn from_parts(
        mut manifest: Manifest,
        entries: BTreeMap<EntryName, Vec<u8>>,
    ) -> Self {
        manifest.items.sort_by(|a, b| a.entry.cmp(&b.entry));
        Self { manifest, entries }
    }

    /// Fills in the item, size and digest of every entry that the manifest says nothing of.
    #[cfg(feature = "fs")]
    pub(crate) fn account_for_all(&mut self) {
        self.manifest.format = FORMAT;
        for (name, bytes) in std::mem::take(&mut self.entries) {
            let mut item = self.item(name.as_str()).cloned().unwrap_or_default();
            if item.sha256.is_empty() {
                name.as_str().clone_into(&mut item.entry);
                item.bytes = bytes.len() as u64;
                item.sha256 = sha256(&bytes);
                self.put_item(item);
            }
            self.entries.insert(name, bytes);
        }
    }

    /// What the bundle says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Changes everything but the items, which follow the entries.
    pub fn edit_manifest(&mut self, edit: impl FnOnce(&mut Manifest)) {
        let items = std::mem::take(&mut self.manifest.items);
        edit(&mut self.manifest);
        self.manifest.items = items;
        self.manifest.format = FORMAT;
    }

    /// Adds an entry that was collected whole from `source`. An entry of that name is replaced.
    pub fn add(
        &mut self,
        name: &str,
        bytes: impl Into<Vec<u8>>,
        source: &str,
    ) -> Result<(), BadName> {
        let item = Item {
            source: Some(source.to_owned()).filter(|s| !s.is_empty()),
            ..Item::default()
        };
        self.add_with(name, bytes, item)
    }

    /// Adds an entry with what is known of it; size and digest are filled in here.
    pub fn add_with(
        &mut self,
        name: &str,
        bytes: impl Into<Vec<u8>>,
        mut item: Item,
    ) -> Result<(), BadName> {
        let name = free_name(name)?;
        if let Some(why) = clash(&self.entries, &name) {
            return Err(BadName {
                name: name.as_str().to_owned(),
                why,
            });
        }
        let bytes = bytes.into();
        name.as_str().clone_into(&mut item.entry);
        item.bytes = bytes.len() as u64;
        item.sha256 = sha256(&bytes);
        self.put_item(item);
        self.entries.insert(name, bytes);
        Ok(())
    }

    /// Adds a JSON entry the way all JSON entries are laid out (two spaces, a line end at the
    /// end), so that the bundle's JSON document shows it as JSON. Size and digest are filled in.
    pub fn add_json<T: Serialize>(
        &mut self,
        name: &str,
        value: &T,
        item: Item,
    ) -> Result<(), BadName> {
        let text = json_text(value).map_err(|_| BadName {
            name: name.to_owned(),
            why: "holds a value that JSON cannot express",
        })?;
        self.add_with(name, text, item)
    }

    /// Records something that was asked for and is not there.
    pub fn add_gap(&mut self, mut item: Item) -> Result<(), BadName> {
        let name = free_name(&item.entry)?;
        debug_assert!(!item.status.has_content() || item.status == Status::Empty);
        name.as_str().clone_into(&mut item.entry);
        item.bytes = 0;
        item.sha256 = String::new();
        self.entries.remove(&name);
        self.put_item(item);
        Ok(())
    }

    /// The bytes of an entry.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.entries.get(name).map(Vec::as_slice)
    }

    /// An entry as text; bytes that are not UTF-8 are shown as U+FFFD.
    pub fn text(&self, name: &str) -> Option<std::borrow::Cow<'_, str>> {
        self.get(name).map(String::from_utf8_lossy)
    }

    /// What the manifest says of an entry, there or not.
    pub fn item(&self, name: &str) -> Option<&Item> {
        let items = &self.manifest.items;
        let at = items
            .binary_search_by(|item| item.entry.as_str().cmp(name))
            .ok()?;
        items.get(at)
    }

    /// Where a derived entry came from.
    pub fn derived(&self, name: &str) -> Option<&Derived> {
        self.item(name)?.derived.as_ref()
    }

    /// All entries in the order of their names, without the manifest.
    pub fn entries(&self) -> impl Iterator<Item = (&EntryName, &[u8])> {
        self.entries
            .iter()
            .map(|(name, bytes)| (name, bytes.as_slice()))
    }

    /// `manifest.json` as it is written.
    pub(crate) fn manifest_json(&self) -> Vec<u8> {
        json_text(&self.manifest).unwrap_or_default().into_bytes()
    }

    fn put_item(&mut self, item: Item) {
        let items = &mut self.manifest.items;
        match items.binary_search_by(|other| other.entry.cmp(&item.entry)) {
            Ok(at) => items[at] = item,
            Err(at) => items.insert(at, item),
        }
    }
}

fn free_name(name: &str) -> Result<EntryName, BadName> {
    let name = EntryName::new(name)?;
    if name.as_str() == layout::MANIFEST {
        return Err(BadName {
            name: layout::MANIFEST.to_owned(),
            why: "is the manifest's own name",
        });
    }
    Ok(name)
}

/// Why an entry cannot stand beside the others: no path is both a file and a folder.
pub(crate) fn clash(
    entries: &BTreeMap<EntryName, Vec<u8>>,
    name: &EntryName,
) -> Option<&'static str> {
    const WHY: &str = "would be both a file and a folder";
    let name = name.as_str();
    let above = name.match_indices('/').any(|(at, _)| {
        name.get(..at)
            .is_some_and(|path| path == layout::MANIFEST || entries.contains_key(path))
    });
    let folder = format!("{name}/");
    let below = entries
        .range::<str, _>((Bound::Included(folder.as_str()), Bound::Unbounded))
        .next()
        .is_some_and(|(next, _)| next.as_str().starts_with(&folder));
    (above || below).then_some(WHY)
}

fn json_text<T: Serialize>(value: &T) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
