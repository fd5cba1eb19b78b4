//! Writes the output, within its limit of size.

use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{End, Header, MAX_OUTPUT, Trailer};
use crate::hex;
use crate::record::{ProbeOutput, Record};

/// Prints what a probe brought back, at most [`MAX_OUTPUT`] bytes of it.
///
/// Where that is too little, later records lose their wire bytes first (`trimmed` in the trailer);
/// should even that not do, the last records are left out, and the count in the trailer shows it.
///
/// ```
/// let output = digpod_probe::ProbeOutput { vantage: "workload".into(), ..Default::default() };
/// let mut text = Vec::new();
/// digpod_probe::write_output(&output, &mut text).unwrap();
/// let text = String::from_utf8(text).unwrap();
/// assert!(digpod_probe::parse_output(&text).complete);
/// ```
pub fn write_output(output: &ProbeOutput, mut to: impl Write) -> io::Result<()> {
    let header = line(&Header {
        digpod_probe: 1,
        vantage: output.vantage.clone(),
        probe_version: output.probe_version.clone(),
        resolv_conf: output.resolv_conf.clone(),
        node: output.node.clone(),
        started: output.started.clone(),
    })?;
    let highest = output.records.iter().map(|record| record.n).max();
    let mut trailer = Trailer {
        end: End {
            records: output.announced.max(highest).unwrap_or(0),
            sha256: hex::encode(&[0; 32]),
            trimmed: true,
            not_asked: output.not_asked.clone(),
        },
    };
    let room = MAX_OUTPUT.saturating_sub(header.len() + line(&trailer)?.len());
    let (lines, trimmed) = record_lines(&output.records, room)?;

    let mut digest = Sha256::new();
    to.write_all(header.as_bytes())?;
    for line in &lines {
        digest.update(line.as_bytes());
        to.write_all(line.as_bytes())?;
    }
    trailer.end.sha256 = hex::encode(&digest.finalize());
    trailer.end.trimmed = trimmed || output.trimmed;
    to.write_all(line(&trailer)?.as_bytes())?;
    to.flush()
}

/// The records' lines in no more than `room` bytes, and whether that cost wire bytes.
fn record_lines(records: &[Record], room: usize) -> io::Result<(Vec<String>, bool)> {
    let mut lines = records.iter().map(line).collect::<io::Result<Vec<_>>>()?;
    let mut total: usize = lines.iter().map(String::len).sum();
    let mut trimmed = false;
    for (text, record) in lines.iter_mut().zip(records).rev() {
        if total <= room {
            break;
        }
        let bare = Record {
            query: String::new(),
            reply: String::new(),
            ..record.clone()
        };
        total -= text.len();
        *text = line(&bare)?;
        total += text.len();
        trimmed = true;
    }
    while total > room
        && let Some(last) = lines.pop()
    {
        total -= last.len();
    }
    Ok((lines, trimmed))
}

fn line(value: &impl Serialize) -> io::Result<String> {
    let mut text = serde_json::to_string(value)?;
    text.push('\n');
    Ok(text)
}
