//! Literate Markdown fixtures: prose a person reads, fenced blocks that become bundles.
//!
//! A fixture is `# title`, then one `## heading` for each case. In a case
//!
//! - ```` ```lang path=ENTRY ```` makes an entry of the block's text;
//! - ```` ```lang path=manifest.json ```` is the manifest, as much of it as matters; its items
//!   with a bad status are gaps;
//! - ```` ```lang path=dns/configmaps/NAME.json#KEY ```` makes a ConfigMap, or adds a key to it;
//! - ```` ```probe vantage=VANTAGE ```` makes a probe's records from lines
//!   `server role name type transport outcome×tries[,outcome×tries…] [answer…]`.
//!
//! A block without `path=` or `vantage=` is prose. Blocks before the first case belong to every
//! case; a case that gives the same entry replaces it.

pub mod bench;
mod block;
mod config_map;
mod file;
mod probe;

use std::collections::BTreeMap;

use digpod_bundle::{Bundle, Item, Manifest, layout};

use block::{Block, Section};
pub use file::{Fixture, all_fixtures};

/// One case of a fixture.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its heading.
    pub heading: String,
    /// What its blocks make.
    pub bundle: Bundle,
}

/// Reads the cases of a fixture. An error names the line and what is wrong with it.
pub fn cases(markdown: &str) -> Result<Vec<Case>, String> {
    let (shared, sections) = block::sections(markdown)?;
    if sections.is_empty() {
        return Err("a fixture needs at least one `## case`".to_owned());
    }
    let case = |section: Section| {
        let blocks = shared.iter().chain(&section.blocks);
        let bundle = bundle(blocks).map_err(|why| format!("{}: {why}", section.heading))?;
        Ok(Case {
            heading: section.heading,
            bundle,
        })
    };
    sections.into_iter().map(case).collect()
}

/// The title of a fixture: the text of its `# ` line, without backquotes around it.
pub fn title(markdown: &str) -> Option<&str> {
    let title = markdown.lines().find_map(|line| line.strip_prefix("# "))?;
    Some(title.trim().trim_matches('`'))
}

fn bundle<'a>(blocks: impl Iterator<Item = &'a Block>) -> Result<Bundle, String> {
    let mut manifest = Manifest::default();
    let mut entries: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for block in blocks {
        let at = |why: String| format!("line {}: {why}", block.line);
        if let Some(vantage) = &block.vantage {
            let json = probe::records(vantage, block).map_err(at)?;
            entries.insert(layout::probe_records(vantage), json);
        } else if let Some((entry, key)) = block.path.split_once('#') {
            let before = entries.get(entry).map(Vec::as_slice);
            let json = config_map::with_key(entry, before, key, &block.text).map_err(at)?;
            entries.insert(entry.to_owned(), json);
        } else if block.path == layout::MANIFEST {
            manifest = serde_json::from_str(&block.text)
                .map_err(|error| at(format!("manifest.json does not parse: {error}")))?;
        } else {
            entries.insert(block.path.clone(), block.text.clone().into_bytes());
        }
    }
    build(manifest, entries)
}

fn build(mut manifest: Manifest, entries: BTreeMap<String, Vec<u8>>) -> Result<Bundle, String> {
    let mut items: BTreeMap<String, Item> = std::mem::take(&mut manifest.items)
        .into_iter()
        .map(|item| (item.entry.clone(), item))
        .collect();
    if manifest.collected.started.is_empty() {
        "2026-01-15T10:00:00Z".clone_into(&mut manifest.collected.started);
        "2026-01-15T10:00:20Z".clone_into(&mut manifest.collected.finished);
    }
    let mut bundle = Bundle::new(manifest);
    for (entry, bytes) in entries {
        // A block gives what the manifest of all cases says is missing.
        let item = items
            .remove(&entry)
            .filter(|item| item.status.has_content());
        let item = item.unwrap_or_default();
        bundle
            .add_with(&entry, bytes, item)
            .map_err(|error| error.to_string())?;
    }
    for (entry, item) in items {
        if item.status.has_content() && item.status != digpod_bundle::Status::Empty {
            return Err(format!(
                "the manifest says {entry} is there, and no block gives it"
            ));
        }
        bundle.add_gap(item).map_err(|error| error.to_string())?;
    }
    Ok(bundle)
}
