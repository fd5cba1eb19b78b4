//! The ZIP form: what is read is checked against everything a hostile archive may try.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

use zip::read::{ArchiveOffset, Config, ZipReadOptions};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter};

use crate::bundle::Bundle;
use crate::entry::EntryName;
use crate::error::{OpenError, WriteError};
use crate::layout;
use crate::limits::{Limits, Meter};
use crate::parts::Parts;

/// Reads a bundle from a ZIP archive.
///
/// Refused: two entries of one name, absolute and `..` names, symbolic links, encrypted entries,
/// tables of contents that differ, and whatever is beyond the limits, counted while it is
/// inflated. An entry that does not inflate to its end is kept as far as it goes, and
/// [`Bundle::verify`] names it.
pub fn read_zip(reader: impl Read + Seek, limits: &Limits) -> Result<Bundle, OpenError> {
    let budget = Rc::new(Cell::new(directory_budget(limits)));
    let metered = Metered {
        inner: io::BufReader::new(reader),
        budget: Rc::clone(&budget),
    };
    let config = Config {
        archive_offset: ArchiveOffset::Known(0),
    };
    let mut archive = ZipArchive::with_config(config, metered).map_err(|error| {
        if budget.get() == 0 {
            OpenError::TooManyEntries {
                limit: limits.entries,
            }
        } else {
            OpenError::Archive(error.into())
        }
    })?;
    budget.set(u64::MAX);
    if archive.len() > limits.entries {
        return Err(OpenError::TooManyEntries {
            limit: limits.entries,
        });
    }
    if archive.has_duplicate_names() {
        let name = duplicate_name(archive);
        return Err(OpenError::Duplicate { name });
    }
    let names = checked_names(&archive, limits)?;
    // By entry first, so that the error can say which; then what only shows in the whole.
    let mut meter = Meter::new(limits);
    let mut parts = Parts::default();
    for (index, name) in &names {
        let (bytes, damage) = read_entry(&mut archive, *index, name, &meter)?;
        meter.add(name.as_str(), bytes.len() as u64)?;
        parts.add(name.clone(), bytes)?;
        if let Some(damage) = damage {
            parts.damaged(name, damage);
        }
    }
    archive
        .validate_header_consistency()
        .map_err(|error| OpenError::Mismatch {
            name: "any".to_owned(),
            source: error.into(),
        })?;
    parts.into_bundle()
}

/// Writes a bundle as a ZIP archive: the same bundle gives the same bytes.
pub fn write_zip(bundle: &Bundle, writer: impl Write + Seek) -> Result<(), WriteError> {
    pack(bundle, writer).map_err(|error| WriteError::Archive(error.into()))
}

fn pack(bundle: &Bundle, writer: impl Write + Seek) -> Result<(), ZipError> {
    let mut archive = ZipWriter::new(Quiet {
        inner: writer,
        failed: false,
        at: 0,
    });
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o644)
        .system(System::Unix);
    archive.start_file(layout::MANIFEST, options)?;
    archive.write_all(&bundle.manifest_json())?;
    for (name, bytes) in bundle.entries() {
        archive.start_file(name.as_str(), options.large_file(bytes.len() >= 1 << 31))?;
        archive.write_all(bytes)?;
    }
    archive.finish()?.flush()?;
    Ok(())
}

/// A writer that takes whatever comes after an error: a `ZipWriter` that is dropped writes its end
/// all the same, and prints to standard error that it could not.
struct Quiet<W> {
    inner: W,
    failed: bool,
    at: u64,
}

impl<W> Quiet<W> {
    fn note<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        self.failed |= done
            .as_ref()
            .is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        done
    }
}

impl<W: Write> Write for Quiet<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = if self.failed {
            bytes.len()
        } else {
            let done = self.inner.write(bytes);
            self.note(done)?
        };
        self.at = self.at.saturating_add(length as u64);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failed {
            return Ok(());
        }
        let done = self.inner.flush();
        self.note(done)
    }
}

impl<W: Seek> Seek for Quiet<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) if self.failed => at,
            SeekFrom::Current(by) if self.failed => self.at.saturating_add_signed(by),
            SeekFrom::End(_) if self.failed => self.at,
            to => {
                let done = self.inner.seek(to);
                self.note(done)?
            }
        };
        Ok(self.at)
    }
}

/// Names of the entries that are files, with the index of each, in the archive's order.
fn checked_names<R: Read + Seek>(
    archive: &ZipArchive<R>,
    limits: &Limits,
) -> Result<Vec<(usize, EntryName)>, OpenError> {
    let mut names = Vec::new();
    let mut meter = Meter::new(limits);
    for index in 0..archive.len() {
        let entry = archive
            .by_index_data(index)
            .map_err(|error| OpenError::Archive(error.into()))?;
        let raw = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let shown = entry
            .name()
            .map_err(|error| OpenError::Unpack {
                name: raw,
                source: error.into(),
            })?
            .into_owned();
        if entry.encrypted() {
            return Err(OpenError::Encrypted { name: shown });
        }
        // The upper bits of a Unix mode say what the file is; 0 where the writer left them out.
        let file_type = entry.unix_mode().unwrap_or(0) & 0o170_000;
        if entry.is_symlink() || !matches!(file_type, 0 | 0o100_000 | 0o040_000) {
            return Err(OpenError::NotPlain { name: shown });
        }
        let claimed = entry.size();
        let path = shown.strip_suffix('/').unwrap_or(&shown);
        let name = EntryName::new(path).map_err(OpenError::BadEntry)?;
        meter.add(name.as_str(), claimed)?;
        // Entries for folders, as zip tools write them, hold nothing.
        if shown.ends_with('/') && claimed == 0 {
            continue;
        }
        names.push((index, name));
    }
    Ok(names)
}

/// What comes out of an entry, and what went wrong on the way if it ends early.
fn read_entry<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    index: usize,
    name: &EntryName,
    meter: &Meter,
) -> Result<(Vec<u8>, Option<io::Error>), OpenError> {
    let options = ZipReadOptions::new().enforce_header_consistency(true);
    let claimed = archive
        .by_index_data(index)
        .map_err(|error| OpenError::Archive(error.into()))?
        .size();
    let entry = archive
        .by_index_with_options(index, options)
        .map_err(|error| match error {
            ZipError::InvalidArchive(_) => OpenError::Mismatch {
                name: name.to_string(),
                source: error.into(),
            },
            other => OpenError::Unpack {
                name: name.to_string(),
                source: other.into(),
            },
        })?;
    let room = meter.room();
    let mut bytes = Vec::with_capacity(usize::try_from(claimed.min(1 << 20)).unwrap_or(0));
    let read = entry.take(room.saturating_add(1)).read_to_end(&mut bytes);
    if bytes.len() as u64 > room {
        meter.check(name.as_str(), bytes.len() as u64)?;
    }
    let found = bytes.len() as u64;
    // The unpacker gives no more than was announced and fails if there is; all that can go wrong
    // otherwise at the end is the checksum.
    let more = read
        .as_ref()
        .is_err_and(|error| found >= claimed && !error.to_string().contains("checksum"));
    if more || (read.is_ok() && found != claimed) {
        return Err(OpenError::Mismatch {
            name: name.to_string(),
            source: io::Error::other(format!(
                "{claimed} bytes were announced, {}{found} came out",
                if more { "more than " } else { "" }
            )),
        });
    }
    Ok((bytes, read.err()))
}

/// Finds the name that stands in the table of contents twice, by walking the table itself.
fn duplicate_name<R: Read + Seek>(archive: ZipArchive<R>) -> String {
    let start = archive.central_directory_start();
    let mut reader = archive.into_inner();
    let mut seen = BTreeSet::new();
    if reader.seek(SeekFrom::Start(start)).is_err() {
        return String::new();
    }
    let mut next = || -> io::Result<Vec<u8>> {
        let mut header = [0; 46];
        reader.read_exact(&mut header)?;
        let length = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        let mut name = vec![0; usize::from(length(28))];
        reader.read_exact(&mut name)?;
        let rest = i64::from(length(30)) + i64::from(length(32));
        reader.seek(SeekFrom::Current(rest))?;
        Ok(name)
    };
    loop {
        match next() {
            Ok(name) if seen.insert(name.clone()) => {}
            Ok(name) => return String::from_utf8_lossy(&name).into_owned(),
            Err(_) => return String::new(),
        }
    }
}

/// Bytes that the table of contents may have. A reader that only counted the entries it has
/// parsed would first hold all of a hostile table in memory.
fn directory_budget(limits: &Limits) -> u64 {
    // Headers of 46 bytes, honest names far below 200; 1 MiB for finding the table.
    (limits.entries as u64)
        .saturating_mul(256)
        .saturating_add(1 << 20)
}

/// A reader that fails when its budget is spent.
struct Metered<R> {
    inner: R,
    budget: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        let left = self.budget.get().saturating_sub(length as u64);
        self.budget.set(left);
        if left == 0 {
            return Err(io::Error::other("too much to read"));
        }
        Ok(length)
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
