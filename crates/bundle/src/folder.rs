//! The folder form: the same tree as in the archive, for people and version control.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::bundle::Bundle;
use crate::entry::{BadName, EntryName};
use crate::error::{OpenError, WriteError};
use crate::layout;
use crate::limits::{Limits, Meter};
use crate::parts::Parts;

/// A bundle read from a folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Folder {
    /// The bundle.
    pub bundle: Bundle,
    /// Hidden files (`.DS_Store`, `.git/`) that were left out, as paths below the folder.
    pub skipped: Vec<String>,
}

/// Reads a bundle from a folder. Hidden files are left out and listed; links are refused.
pub fn read_folder(path: &Path, limits: &Limits) -> Result<Folder, OpenError> {
    let (parts, skipped) = read_parts(path, limits)?;
    let bundle = parts.into_bundle()?;
    Ok(Folder { bundle, skipped })
}

/// Reads a folder kept by hand, as test fixtures are: `manifest.json` may be missing or say
/// nothing of an entry, its size and its digest; all that is filled in.
pub fn read_fixture(path: &Path, limits: &Limits) -> Result<Folder, OpenError> {
    let (parts, skipped) = read_parts(path, limits)?;
    let bundle = parts.into_lenient_bundle()?;
    Ok(Folder { bundle, skipped })
}

/// Writes a bundle as a folder, which must be empty or not there yet.
pub fn write_folder(bundle: &Bundle, path: &Path) -> Result<(), WriteError> {
    let io = |path: &Path, source| WriteError::Io {
        path: path.display().to_string(),
        source,
    };
    fs::create_dir_all(path).map_err(|error| io(path, error))?;
    let mut there = fs::read_dir(path).map_err(|error| io(path, error))?;
    if there.next().is_some() {
        return Err(WriteError::NotEmpty {
            path: path.display().to_string(),
        });
    }
    for (name, bytes) in bundle.entries() {
        let target = path.join(name.as_str());
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(|error| io(folder, error))?;
        }
        write_file(&target, bytes).map_err(|error| io(&target, error))?;
    }
    // The manifest last: without it a folder cut short by an error is not taken for a bundle.
    let target = path.join(layout::MANIFEST);
    write_file(&target, &bundle.manifest_json()).map_err(|error| io(&target, error))
}

fn read_parts(root: &Path, limits: &Limits) -> Result<(Parts, Vec<String>), OpenError> {
    let mut parts = Parts::default();
    let mut skipped = Vec::new();
    let mut meter = Meter::new(limits);
    let mut folders = vec![(root.to_owned(), String::new(), 1usize)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        if depth > limits.nesting {
            return Err(OpenError::TooDeep {
                name: prefix,
                limit: limits.nesting,
            });
        }
        for path in sorted(&folder)? {
            let file_name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = format!("{prefix}{file_name}");
            if file_name.starts_with('.') {
                skipped.push(name);
                continue;
            }
            let metadata = fs::symlink_metadata(&path).map_err(|error| io(&path, error))?;
            if metadata.is_dir() {
                folders.push((path, format!("{name}/"), depth + 1));
            } else if metadata.is_file() {
                let name = entry_name(&path, name)?;
                let bytes = read_file(&path, &name, &meter)?;
                meter.add(name.as_str(), bytes.len() as u64)?;
                parts.add(name, bytes)?;
            } else {
                return Err(OpenError::NotPlain { name });
            }
        }
    }
    skipped.sort();
    Ok((parts, skipped))
}

fn entry_name(path: &Path, name: String) -> Result<EntryName, OpenError> {
    if path.to_str().is_none() {
        return Err(OpenError::BadEntry(BadName {
            name,
            why: "is not UTF-8",
        }));
    }
    EntryName::new(name).map_err(OpenError::BadEntry)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, OpenError> {
    let mut paths = fs::read_dir(folder)
        .and_then(|entries| {
            entries
                .map(|entry| Ok(entry?.path()))
                .collect::<std::io::Result<Vec<_>>>()
        })
        .map_err(|error| io(folder, error))?;
    paths.sort();
    Ok(paths)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the feature `fs` is for reading files; the browser has it off"
)]
fn read_file(path: &Path, name: &EntryName, meter: &Meter) -> Result<Vec<u8>, OpenError> {
    let room = meter.room();
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(room.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|error| io(path, error))?;
    meter.check(name.as_str(), bytes.len() as u64)?;
    Ok(bytes)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the feature `fs` is for writing files; the browser has it off"
)]
fn write_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    fs::write(path, bytes)
}

fn io(path: &Path, source: std::io::Error) -> OpenError {
    OpenError::Io {
        path: path.display().to_string(),
        source,
    }
}
