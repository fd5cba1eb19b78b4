//! Opens a bundle of any form, told by its first bytes and never by its name.

use std::io::Cursor;

use crate::archive::read_zip;
use crate::bundle::Bundle;
use crate::document::read_document;
use crate::error::OpenError;
use crate::limits::Limits;

/// The forms a bundle comes in as one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A ZIP archive.
    Zip,
    /// One JSON document.
    Document,
}

impl Form {
    /// What the first bytes say. `None`: this is some other file.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            return Some(Self::Zip);
        }
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let object = text.trim_ascii_start().strip_prefix(b"{")?;
        object
            .trim_ascii_start()
            .starts_with(b"\"digpod\"")
            .then_some(Self::Document)
    }
}

impl Bundle {
    /// Opens a bundle from the bytes of a ZIP archive or JSON document.
    pub fn open_bytes(bytes: &[u8], limits: &Limits) -> Result<Self, OpenError> {
        match Form::of(bytes) {
            Some(Form::Zip) => read_zip(Cursor::new(bytes), limits),
            Some(Form::Document) => read_document(bytes, limits),
            None if bytes.is_empty() => Err(OpenError::Empty),
            None => Err(OpenError::NotABundle {
                looks_like: looks_like(bytes),
            }),
        }
    }

    /// Opens a bundle from a file, whatever its form, or from a folder.
    #[cfg(feature = "fs")]
    pub fn open_path(path: &std::path::Path, limits: &Limits) -> Result<Self, OpenError> {
        use std::io::Read as _;
        let io = |source| OpenError::Io {
            path: path.display().to_string(),
            source,
        };
        let metadata = std::fs::metadata(path).map_err(io)?;
        if metadata.is_dir() {
            return crate::folder::read_folder(path, limits).map(|folder| folder.bundle);
        }
        if !metadata.is_file() {
            return Err(OpenError::NotAFile {
                path: path.display().to_string(),
            });
        }
        let mut file = open_file(path).map_err(io)?;
        let mut first = Vec::new();
        (&mut file).take(4096).read_to_end(&mut first).map_err(io)?;
        match Form::of(&first) {
            Some(Form::Zip) => read_zip(file, limits),
            Some(Form::Document) => {
                // Base64 takes a third more than its bytes, escapes up to six times as much.
                let most = limits.total_bytes.saturating_mul(6);
                file.take(most).read_to_end(&mut first).map_err(io)?;
                read_document(&first, limits)
            }
            None => Self::open_bytes(&first, limits),
        }
    }
}

#[cfg(feature = "fs")]
#[expect(
    clippy::disallowed_methods,
    reason = "the feature `fs` is for reading files; the browser has it off"
)]
fn open_file(path: &std::path::Path) -> std::io::Result<std::fs::File> {
    std::fs::File::open(path)
}

fn looks_like(bytes: &[u8]) -> &'static str {
    const MAGIC: [(&[u8], &str); 9] = [
        (b"\x89PNG", "a PNG image"),
        (b"\xFF\xD8\xFF", "a JPEG image"),
        (b"%PDF", "a PDF file"),
        (
            b"\x1F\x8B",
            "a gzip file (perhaps a .tar.gz of another tool)",
        ),
        (b"\x28\xB5\x2F\xFD", "a zstd file"),
        (b"\xFD7zXZ", "an xz file"),
        (b"7z\xBC\xAF", "a 7-Zip file"),
        (b"\x7FELF", "a program"),
        (b"PK", "a ZIP archive that is cut or in several parts"),
    ];
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return name;
    }
    let text = bytes.trim_ascii_start();
    let printable = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    if text.starts_with(b"<") && text.iter().take(512).all(printable) {
        "an HTML or XML file"
    } else if text.starts_with(b"{") || text.starts_with(b"[") {
        "a JSON file of another kind"
    } else if bytes.iter().take(512).all(printable) {
        "a text file"
    } else {
        "a file of an unknown kind"
    }
}
