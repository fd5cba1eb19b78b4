//! CoreDNS logs.

use digpod_bundle::{EntryName, LogStream, layout, log_pieces};

use crate::found::{Found, Name, Output, value};
use crate::kinds::is_dns_name;
use crate::section::{Section, option};

/// Lines that are looked at before the rest is taken for granted.
const SAMPLE: usize = 400;

/// A good part of the lines are of the forms CoreDNS logs in.
pub(crate) fn recognise(section: &Section<'_>, file: &str) -> Option<Found> {
    let lines = || {
        section
            .text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .take(SAMPLE)
    };
    let all = lines().count();
    let hits = lines().filter(|line| sign(line).is_some()).count();
    // Go traces and cut lines come in between; text that merely quotes a line has few of them.
    if hits == 0 || hits * 3 < all {
        return None;
    }
    let first = lines().find_map(sign)?;
    let (pod, container) = container(section, file);
    let command = section.command.unwrap_or("");
    let previous = command
        .split_ascii_whitespace()
        .any(|word| word == "-p" || word == "--previous");
    let stream = if previous {
        LogStream::Previous
    } else {
        LogStream::Current
    };
    let mut found = Found::new(
        "CoreDNS log",
        format!("{hits} of the first {all} lines are CoreDNS's, the first is {first}"),
    );
    let mut line = 1;
    for (number, piece) in (0..).zip(log_pieces(section.text.as_bytes())) {
        let name = layout::log(&pod, &container, stream, number);
        let split = format!("/{container}/");
        let (before, after) = name.split_once(&split).unwrap_or((&name, ""));
        found.outputs.push(Output {
            entry: Name::Numbered(before.to_owned(), format!("{split}{after}")),
            bytes: piece.to_vec(),
            values: vec![value("", line, 0)],
        });
        line += piece.split(|byte| *byte == b'\n').count() - 1;
    }
    Some(found)
}

/// Pod and container, from `[pod/<pod>/<container>]`, the command, or the file's name if that is
/// a pod's.
fn container(section: &Section<'_>, file: &str) -> (String, String) {
    let default = || "coredns".to_owned();
    let tag = section.text.lines().take(SAMPLE).find_map(|line| {
        let (_, rest) = line.split_once("[pod/")?;
        let (pod, rest) = rest.split_once('/')?;
        let (container, _) = rest.split_once(']')?;
        Some((
            EntryName::sanitize_part(pod),
            EntryName::sanitize_part(container),
        ))
    });
    if let Some(tag) = tag {
        return tag;
    }
    if let Some(command) = section.command {
        let container = option(command, Some("-c"), "--container").map(EntryName::sanitize_part);
        let pod = command
            .split_ascii_whitespace()
            .map(|word| word.strip_prefix("pod/").unwrap_or(word))
            .find(|word| is_dns_name(word) && !word.contains('='));
        if let Some(pod) = pod {
            return (
                EntryName::sanitize_part(pod),
                container.unwrap_or_else(default),
            );
        }
    }
    let stem = file.split('.').next().unwrap_or("");
    if is_dns_name(stem) {
        return (EntryName::sanitize_part(stem), default());
    }
    ("unknown".to_owned(), default())
}

/// What makes a line one of CoreDNS's.
fn sign(line: &str) -> Option<&'static str> {
    let line = strip(line.trim());
    for level in ["INFO", "ERROR", "WARNING", "DEBUG", "FATAL"] {
        let rest = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_prefix(level))
            .and_then(|rest| rest.strip_prefix("] "));
        let Some(rest) = rest else { continue };
        if rest.starts_with("plugin/") {
            return Some("a line of a plugin");
        }
        let query = [" IN ", " CH ", " ANY "]
            .iter()
            .any(|class| rest.contains(class));
        if level == "INFO" && query && (rest.contains(" udp ") || rest.contains(" tcp ")) {
            return Some("a query");
        }
        let known = [
            "Reloading",
            "SIGTERM",
            "SIGINT",
            "SIGUSR1",
            "Restart failed",
            "No files matching import",
            "Recovered from panic",
            "Using Corefile",
            "Updated Corefile",
            "Failed to start metrics",
        ];
        if known.iter().any(|start| rest.starts_with(start)) {
            return Some("a line of the server");
        }
    }
    if line.starts_with("CoreDNS-1.") {
        return Some("the banner");
    }
    if (line.starts_with("linux/") || line.starts_with("windows/")) && line.contains(", go1.") {
        return Some("the banner");
    }
    if line.contains(" - Error during parsing: ") || line.starts_with("plugin/") {
        return Some("an error at start");
    }
    // Zones of the banner, `.:53`.
    let zone = line
        .strip_suffix(":53")
        .is_some_and(|zone| zone.ends_with('.') && !zone.contains(' '));
    zone.then_some("the banner")
}

/// The line without time stamps and the tag of `kubectl logs --prefix`.
fn strip(line: &str) -> &str {
    let mut line = line;
    if let Some(rest) = line
        .strip_prefix("[pod/")
        .and_then(|rest| rest.split_once("] "))
    {
        line = rest.1;
    }
    for _ in 0..2 {
        let Some((first, rest)) = line.split_once(' ') else {
            break;
        };
        let digits = first.bytes().filter(u8::is_ascii_digit).count();
        if digits >= 8
            && first
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"-:.TZ+/".contains(&byte))
        {
            line = rest;
        }
    }
    if let Some(rest) = line
        .strip_prefix("[pod/")
        .and_then(|rest| rest.split_once("] "))
    {
        line = rest.1;
    }
    line
}
