//! The text that a probe prints and that comes back through the pod's log.
//!
//! One JSON line each: a header as soon as it begins, then every record, page and file, and a
//! trailer with the count of records and the SHA-256 of all lines between. Whoever reads the log
//! back ([`parse_output`]) finds out whether all of it arrived.

mod parse;
mod write;

use serde::{Deserialize, Serialize};

use crate::extras::{FetchedPage, ReadFile};
use crate::record::NotAsked;
use crate::watch::Watched;

pub use parse::{parse_output, parse_watching};
pub use write::{write_closing, write_opening, write_output, write_watching};

/// Most bytes that [`write_output`] writes. Container logs rotate at 10 MiB.
pub const MAX_OUTPUT: usize = 4 << 20;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    digpod_probe: u32,
    vantage: String,
    probe_version: String,
    resolv_conf: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    started: String,
}

/// A line that is neither the first nor the last, nor a record.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Extra {
    Page(FetchedPage),
    File(ReadFile),
    Watched(Box<Watched>),
}

/// How a watch goes; for whoever follows the log.
#[derive(Serialize, Deserialize)]
struct Watching {
    watching: Watched,
}

/// The last line.
#[derive(Serialize, Deserialize)]
struct Trailer {
    end: End,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct End {
    records: u32,
    sha256: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    trimmed: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    not_asked: Vec<NotAsked>,
}
