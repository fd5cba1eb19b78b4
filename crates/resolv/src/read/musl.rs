//! musl: `src/network/resolvconf.c`.

use std::net::{IpAddr, Ipv4Addr};

use super::{Line, hidden_keyword, is_c_space, lines};
use crate::settings::Value;
use crate::{Seen, Server, Settings, Version, address};

/// First version with a search list.
const SEARCH: Version = Version::new(1, 1, 13);
/// Bytes of the buffer for a line, with its newline and the end of the string.
const BUFFER: usize = 256;

pub(super) fn read(text: &str, settings: &mut Settings) {
    let has_search = settings.implementation.version() >= SEARCH;
    let mut search_line: Option<Line<'_>> = None;
    for line in lines(text) {
        if line.text.len() + 1 >= BUFFER {
            let end = (0..=40).rev().find(|end| line.text.is_char_boundary(*end));
            let start = line.text.get(..end.unwrap_or(0)).unwrap_or_default();
            settings.observe(Seen::LineTooLong, &format!("{start}…"), line.span());
            continue;
        }
        let seen = Line {
            text: line.text.split('\0').next().unwrap_or_default(),
            ..line
        };
        // The newline counts as the blank after a keyword.
        let follows = |keyword: &str| match seen.text.strip_prefix(keyword) {
            Some("") => seen.ended,
            Some(rest) => rest.starts_with(is_c_space),
            None => false,
        };
        if follows("options") {
            options(seen, settings);
        } else if follows("nameserver") {
            nameserver(seen, settings);
        } else if follows("search") || follows("domain") {
            if !has_search {
                settings.observe(Seen::SearchNotSupported, seen.text, seen.span());
            } else if let Some(earlier) = search_line.replace(seen) {
                settings.observe(Seen::SearchReplaced, earlier.text, earlier.span());
            }
        } else if seen.text.starts_with(['#', ';']) || seen.text.trim().is_empty() {
            // No reader of comments is needed: what is unknown is skipped.
        } else if hidden_keyword(seen.text) {
            settings.observe(Seen::KeywordNotSeen, seen.text, seen.span());
        } else {
            settings.observe(Seen::LineUnknown, seen.text, seen.span());
        }
    }
    if let Some(line) = search_line {
        search(line, settings);
    }
    if settings.servers.is_empty() {
        settings.servers.push(Server {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            scope: None,
            span: None,
        });
        settings.observe_default(Seen::NoServer, "127.0.0.1");
    }
}

fn search(line: Line<'_>, settings: &mut Settings) {
    // `domain` and `search` are one to it.
    let words = line.words("search".len(), is_c_space);
    if line.text.starts_with("domain") && words.len() > 1 {
        settings.observe(Seen::DomainWithMoreWords, line.text, line.span());
    }
    for word in words {
        if word.text.starts_with(['#', ';']) {
            settings.observe(Seen::CommentInSearch, word.text, word.span.clone());
        } else if word.text == "." {
            settings.observe(Seen::RootInSearch, word.text, word.span.clone());
        }
        settings
            .search
            .push(Value::written(word.text.to_owned(), word.span));
    }
}

fn nameserver(line: Line<'_>, settings: &mut Settings) {
    let words = line.words("nameserver".len(), is_c_space);
    let Some(word) = words.first() else {
        settings.observe(Seen::ServerUnreadable, "", line.span());
        return;
    };
    if settings.servers.len() == crate::MAX_NAMESERVERS {
        settings.observe(Seen::ServerBeyondLimit, word.text, word.span.clone());
        return;
    }
    // A scope is a number, or an interface, and then of link-local addresses only.
    let literal = address::libc_literal(word.text).filter(|(address, scope)| {
        scope.as_deref().is_none_or(|scope| {
            let is_number = !scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_digit());
            address::is_link_local(*address) && !scope.is_empty()
                || is_number && scope.parse::<u32>().is_ok()
        })
    });
    match literal {
        Some((address, scope)) => settings.servers.push(Server {
            address,
            scope,
            span: Some(word.span.clone()),
        }),
        None => settings.observe(Seen::ServerUnreadable, word.text, word.span.clone()),
    }
}

/// Options are looked for anywhere in the line; of two of a name in one line the first counts.
fn options(line: Line<'_>, settings: &mut Settings) {
    let find = |name: &str| {
        let at = line.text.find(name)?;
        let digits = line.text.get(at + name.len()..)?;
        let end = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        let start = line.start + at;
        let span = start..start + name.len() + end;
        let number = digits.get(..end)?.bytes().fold(0_u64, |value, digit| {
            value
                .saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'))
        });
        (end > 0).then_some((number, span))
    };
    let cap = |number: u64, limit: u32| u32::try_from(number).unwrap_or(u32::MAX).min(limit);
    let found = [("ndots:", 15), ("attempts:", 10), ("timeout:", 60)]
        .map(|(name, limit)| find(name).map(|(number, span)| (number, cap(number, limit), span)));
    for (number, used, span) in found.iter().flatten() {
        let text = line
            .text
            .get(span.start - line.start..span.end - line.start)
            .unwrap_or_default();
        if *number > u64::from(*used) {
            settings.observe_used(Seen::OptionCapped, text, span.clone(), *used);
        } else if *used == 0 && text.starts_with("attempts") {
            settings.observe(Seen::NoAttempts, text, span.clone());
        } else if *used == 0 && text.starts_with("timeout") {
            settings.observe(Seen::NoTime, text, span.clone());
        }
    }
    let [ndots, attempts, timeout] = found;
    if let Some((_, used, span)) = ndots {
        settings.ndots = Value::written(used, span);
    }
    if let Some((_, used, span)) = attempts {
        settings.attempts = Value::written(used, span);
    }
    if let Some((_, used, span)) = timeout {
        settings.timeout_ms = Value::written(u64::from(used) * 1000, span);
    }
    for word in line.words("options".len(), is_c_space) {
        let known = ["ndots:", "attempts:", "timeout:"]
            .iter()
            .any(|name| word.text.starts_with(name));
        if !known {
            settings.observe(Seen::OptionIgnored, word.text, word.span);
        }
    }
}
