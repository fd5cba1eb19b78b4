//! Writes the output, within its limit of size.

use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{End, Extra, Header, MAX_OUTPUT, Trailer, Watching};
use crate::extras::ReadStatus;
use crate::hex;
use crate::record::{ProbeOutput, Record};
use crate::watch::Watched;

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
    write_opening(output, &mut to)?;
    write_closing(output, to)
}

/// Prints the first line alone: whoever follows the log knows at once which servers the probe's
/// resolv.conf names.
pub fn write_opening(output: &ProbeOutput, mut to: impl Write) -> io::Result<()> {
    to.write_all(header(output)?.as_bytes())?;
    to.flush()
}

/// Prints how a watch goes, or how it ended, as a line between the first and the others: whoever
/// follows the log knows of a failure at once.
pub fn write_watching(watched: &Watched, mut to: impl Write) -> io::Result<()> {
    let watching = watched.clone();
    to.write_all(line(&Watching { watching })?.as_bytes())?;
    to.flush()
}

/// Prints everything after the first lines.
pub fn write_closing(output: &ProbeOutput, mut to: impl Write) -> io::Result<()> {
    let highest = output.records.iter().map(|record| record.n).max();
    let mut trailer = Trailer {
        end: End {
            records: output.announced.max(highest).unwrap_or(0),
            sha256: hex::encode(&[0; 32]),
            trimmed: true,
            not_asked: output.not_asked.clone(),
        },
    };
    let extras = extra_lines(output)?;
    let taken = header(output)?.len()
        + line(&trailer)?.len()
        + extras.iter().map(String::len).sum::<usize>();
    let (lines, trimmed) = record_lines(&output.records, MAX_OUTPUT.saturating_sub(taken))?;

    let mut digest = Sha256::new();
    for line in lines.iter().chain(&extras) {
        digest.update(line.as_bytes());
        to.write_all(line.as_bytes())?;
    }
    trailer.end.sha256 = hex::encode(&digest.finalize());
    trailer.end.trimmed = trimmed || output.trimmed;
    to.write_all(line(&trailer)?.as_bytes())?;
    to.flush()
}

fn header(output: &ProbeOutput) -> io::Result<String> {
    line(&Header {
        digpod_probe: 1,
        vantage: output.vantage.clone(),
        probe_version: output.probe_version.clone(),
        resolv_conf: output.resolv_conf.clone(),
        node: output.node.clone(),
        started: output.started.clone(),
    })
}

/// Pages and files get half of the room; what does not fit goes without its text and says so.
fn extra_lines(output: &ProbeOutput) -> io::Result<Vec<String>> {
    let mut room = MAX_OUTPUT / 2;
    let watched = output.watched.clone().map(Box::new);
    let watched = watched.into_iter().map(Extra::Watched);
    let pages = output.pages.iter().cloned().map(Extra::Page);
    let files = output.files.iter().cloned().map(Extra::File);
    let mut lines = Vec::new();
    for mut extra in watched.chain(pages).chain(files) {
        let mut text = line(&extra)?;
        if text.len() > room {
            match &mut extra {
                Extra::Page(page) => {
                    page.text.clear();
                    page.truncated = true;
                }
                // Two records at most.
                Extra::Watched(_) => {}
                Extra::File(file) => {
                    file.text.clear();
                    file.status = ReadStatus::Truncated;
                }
            }
            text = line(&extra)?;
        }
        room = room.saturating_sub(text.len());
        lines.push(text);
    }
    Ok(lines)
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
