//! Why a bundle could not be read or written.

use std::io;

use crate::entry::BadName;

/// Why a bundle could not be opened.
///
/// A damaged entry inside a readable bundle is not an `OpenError`: the rest is still read, and
/// [`Bundle::verify`](crate::Bundle::verify) names it. Nothing is unpacked to disk before these
/// checks, so a hostile file gets no further than its error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file system said no: the path is wrong or may not be read.
    #[error("{path} cannot be read")]
    Io {
        /// What was to be read.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The user named a device, pipe or the like, which is neither file nor folder.
    #[error("{path} is neither a file nor a folder")]
    NotAFile {
        /// What was to be read.
        path: String,
    },
    /// An empty file: a download or copy that never began.
    #[error("the file is empty")]
    Empty,
    /// The user named some other file.
    #[error("this is not a bundle but {looks_like}")]
    NotABundle {
        /// What the first bytes say it is, with its article.
        looks_like: &'static str,
    },
    /// The archive ended early or was damaged on its way.
    #[error("the archive is cut short or damaged")]
    Archive(#[source] io::Error),
    /// The archive uses something that bundles do not (another compression method).
    #[error("entry {name:?} cannot be unpacked")]
    Unpack {
        /// The entry.
        name: String,
        /// What the unpacker said.
        #[source]
        source: io::Error,
    },
    /// A file made to do harm, or by a tool that writes bad names.
    #[error("entry {:?} {}", .0.name, .0.why)]
    BadEntry(BadName),
    /// A file made to do harm: readers that take the first and the last would see different things.
    #[error("the archive holds two entries named {name:?}")]
    Duplicate {
        /// The name that stands there twice.
        name: String,
    },
    /// A file made to do harm, or a folder with links that lead out of it.
    #[error("entry {name:?} is a symbolic link or a special file")]
    NotPlain {
        /// The entry.
        name: String,
    },
    /// Somebody protected the archive with a password.
    #[error("entry {name:?} is encrypted")]
    Encrypted {
        /// The entry.
        name: String,
    },
    /// A file made to do harm: its two tables of contents differ.
    #[error("the archive contradicts itself about entry {name:?}")]
    Mismatch {
        /// The entry.
        name: String,
        /// In which respect.
        #[source]
        source: io::Error,
    },
    /// More entries than a bundle has.
    #[error("the bundle has more than {limit} entries")]
    TooManyEntries {
        /// The limit.
        limit: usize,
    },
    /// An entry that unpacks to more than it should: a bomb, or a log that nobody split.
    #[error("entry {name:?} unpacks to more than {} MiB", mib(*.limit))]
    EntryTooLarge {
        /// The entry.
        name: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// Too much altogether: a bomb of many small entries, or a very large collection.
    #[error("with entry {name:?} the bundle unpacks to more than {} MiB", mib(*.limit))]
    TotalTooLarge {
        /// The entry at which the limit was passed.
        name: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// Nesting that only a hostile file has.
    #[error("{name:?} is nested more than {limit} deep")]
    TooDeep {
        /// The entry.
        name: String,
        /// The limit.
        limit: usize,
    },
    /// The archive or folder is readable but was not written by digpod.
    #[error("there is no manifest.json in it, so this is not a bundle")]
    MissingManifest {
        /// Where one stands instead, if the bundle is packed with a folder around it.
        nested: Option<String>,
    },
    /// The manifest is there and is not one: edited by hand, or of another tool.
    #[error("manifest.json is not the manifest of a bundle")]
    Manifest(#[source] serde_json::Error),
    /// The JSON document of a bundle is damaged or was edited by hand.
    #[error("the JSON document is not a whole bundle")]
    Document(#[source] serde_json::Error),
    /// The bundle was written by a newer digpod than this one.
    #[error("bundle format {found} is newer than the newest this digpod reads ({newest})")]
    TooNew {
        /// Format of the bundle.
        found: u64,
        /// Newest format that is read here.
        newest: u32,
    },
}

impl OpenError {
    /// What to do about it, if there is something.
    pub fn help(&self) -> Option<String> {
        let text = match self {
            Self::Io { .. } => "check the path and that you may read it",
            Self::NotAFile { .. } => "name a bundle, a folder or a file",
            Self::Empty | Self::Archive(_) => {
                "copy or download it again; it is complete when its size is that of the original"
            }
            Self::NotABundle { .. } => {
                "a bundle is what `digpod collect` wrote: a .zip, its folder or its JSON document"
            }
            Self::BadEntry(_)
            | Self::Duplicate { .. }
            | Self::NotPlain { .. }
            | Self::Mismatch { .. }
            | Self::Unpack { .. }
            | Self::TooDeep { .. } => {
                "digpod never writes such an archive; ask whoever sent it for the original file"
            }
            Self::Encrypted { .. } => "unpack it with its password and open the folder",
            Self::TooManyEntries { .. }
            | Self::EntryTooLarge { .. }
            | Self::TotalTooLarge { .. } => {
                "if you trust the sender, unpack it yourself and open the folder without what is large"
            }
            Self::MissingManifest { nested: Some(path) } => {
                let inner = path.trim_end_matches("/manifest.json");
                return Some(format!(
                    "there is a {path}: unpack the archive and open the folder {inner}"
                ));
            }
            Self::MissingManifest { nested: None } => {
                "loose files of a ticket are analysed too: name the files themselves"
            }
            Self::Manifest(_) | Self::Document(_) => "use the file as `digpod collect` wrote it",
            Self::TooNew { .. } => "update digpod",
        };
        Some(text.to_owned())
    }
}

/// Why a bundle could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The file system said no: no space, no permission, no such folder.
    #[error("{path} cannot be written")]
    Io {
        /// What was to be written.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The folder already holds something, and files of two bundles must not mix.
    #[error("the folder {path} is not empty")]
    NotEmpty {
        /// The folder.
        path: String,
    },
    /// The target took no more bytes, or the archive would be beyond what ZIP can hold.
    #[error("the archive cannot be written")]
    Archive(#[source] io::Error),
}

impl WriteError {
    /// What to do about it, if there is something.
    pub fn help(&self) -> Option<String> {
        let text = match self {
            Self::Io { .. } | Self::Archive(_) => {
                "check that the folder exists, may be written to and has space left"
            }
            Self::NotEmpty { .. } => "name a folder that is empty or does not exist yet",
        };
        Some(text.to_owned())
    }
}

fn mib(bytes: u64) -> u64 {
    bytes >> 20
}
