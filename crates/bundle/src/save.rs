//! Puts a bundle on disk so that it is there whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::archive::write_zip;
use crate::bundle::Bundle;
use crate::document::write_document;
use crate::entry::EntryName;
use crate::error::WriteError;

/// Name of a bundle: `digpod-<context>-<UTC time>.zip`, as `digpod-prod-20261125T045638Z.zip`.
///
/// The time is the start of the collection. What a file name should not hold becomes `_`.
pub fn file_name(bundle: &Bundle) -> String {
    let manifest = bundle.manifest();
    let context = manifest.cluster.context.as_deref().unwrap_or("cluster");
    let time: String = manifest
        .collected
        .started
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(40)
        .collect();
    let context = EntryName::sanitize_part(&context.chars().take(100).collect::<String>());
    match time.as_str() {
        "" => format!("digpod-{context}.zip"),
        time => format!("digpod-{context}-{time}.zip"),
    }
}

impl Bundle {
    /// Writes the bundle as a ZIP archive to `path`.
    ///
    /// A temporary file beside it is filled, synced and renamed: an older file of that name is
    /// replaced whole or stays as it was, also if the process is killed.
    pub fn save(&self, path: &Path) -> Result<(), WriteError> {
        let source = |error: WriteError| match error {
            WriteError::Archive(source) => source,
            other => io::Error::other(other),
        };
        replace(path, |file| write_zip(self, file).map_err(source))
    }

    /// Writes the bundle as one JSON document to `path`, like [`Bundle::save`].
    pub fn save_document(&self, path: &Path) -> Result<(), WriteError> {
        replace(path, |file| file.write_all(write_document(self).as_bytes()))
    }

    /// Writes the bundle into `folder` under its own name ([`file_name`]), with a number before
    /// the ending if the name is taken; an older bundle is never replaced. Returns the path.
    pub fn save_new(&self, folder: &Path) -> Result<PathBuf, WriteError> {
        let name = file_name(self);
        let stem = name.trim_end_matches(".zip");
        for number in 1u32.. {
            let path = match number {
                1 => folder.join(&name),
                _ => folder.join(format!("{stem}-{number}.zip")),
            };
            let write =
                |file: &mut BufWriter<&mut File>| write_zip(self, file).map_err(io::Error::other);
            match put(&path, write, false) {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(failed(&path, source)),
            }
        }
        Err(failed(folder, io::ErrorKind::AlreadyExists.into()))
    }
}

fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
) -> Result<(), WriteError> {
    put(path, write, true).map_err(|source| failed(path, source))
}

fn put(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
    overwrite: bool,
) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".digpod-")
        .suffix(".part")
        .tempfile_in(folder)?;
    let mut buffered = BufWriter::new(file.as_file_mut());
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.as_file().sync_all()?;
    if overwrite {
        file.persist(path).map_err(|error| error.error)?;
    } else {
        file.persist_noclobber(path).map_err(|error| error.error)?;
    }
    sync_folder(folder);
    Ok(())
}

/// Makes the rename itself last. Not every file system can; the data is safe either way.
#[expect(
    clippy::disallowed_methods,
    reason = "the feature `fs` is for writing files; the browser has it off"
)]
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

fn failed(path: &Path, source: io::Error) -> WriteError {
    WriteError::Io {
        path: path.display().to_string(),
        source,
    }
}
