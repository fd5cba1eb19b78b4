//! glibc: `resolv/res_init.c`, since 2.26 with lists of any length.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;

use super::{Line, Word, hidden_keyword, lines};
use crate::settings::{Observation, Value};
use crate::{Environment, Seen, Server, Settings, Version, address};

/// First version that takes `-rotate` for "not `rotate`".
const NEGATION: Version = Version::new(2, 41, 0);
/// First version that wants an address and nothing else (CVE-2016-10739).
const EXACT: Version = Version::new(2, 29, 0);
/// First version without limits on the search list.
const UNLIMITED_SEARCH: Version = Version::new(2, 26, 0);
/// `MAXDNSRCH` of older versions.
const OLD_DOMAINS: usize = 6;
/// `sizeof (defdname) - 1` of older versions.
const OLD_BYTES: usize = 255;

/// Flags, what they begin with, and the version that brought them. A word counts if it begins so:
/// `rotate-please` is `rotate`.
const FLAGS: [(&str, Version, Flag); 10] = [
    ("rotate", Version::new(2, 0, 0), |it| &mut it.rotate),
    ("edns0", Version::new(2, 6, 0), |it| &mut it.edns0),
    ("single-request-reopen", Version::new(2, 9, 0), |it| {
        &mut it.single_request_reopen
    }),
    ("single-request", Version::new(2, 10, 0), |it| {
        &mut it.single_request
    }),
    ("no_tld_query", Version::new(2, 14, 0), |it| {
        &mut it.no_tld_query
    }),
    ("no-tld-query", Version::new(2, 14, 0), |it| {
        &mut it.no_tld_query
    }),
    ("use-vc", Version::new(2, 14, 0), |it| &mut it.use_vc),
    ("trust-ad", Version::new(2, 31, 0), |it| &mut it.trust_ad),
    ("no-aaaa", Version::new(2, 36, 0), |it| &mut it.no_aaaa),
    ("strict-error", NEGATION, |it| &mut it.strict_error),
];

type Flag = fn(&mut Settings) -> &mut Value<bool>;

fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

pub(super) fn read(text: &str, environment: &Environment<'_>, settings: &mut Settings) {
    let version = settings.implementation.version();
    let mut search_line: Option<Line<'_>> = None;
    for line in lines(text) {
        // What follows a NUL is invisible to C.
        let seen = Line {
            text: line.text.split('\0').next().unwrap_or_default(),
            ..line
        };
        if seen.text.starts_with([';', '#']) {
            continue;
        }
        match keyword(seen.text) {
            Some("nameserver") => nameserver(seen, version, settings),
            Some(keyword @ ("search" | "domain")) => {
                let words = seen.words(keyword.len(), is_blank);
                if words.is_empty() {
                    settings.observe(Seen::EmptySearchSkipped, keyword, seen.span());
                } else if environment.localdomain.is_none()
                    && let Some(earlier) = search_line.replace(seen)
                {
                    settings.observe(Seen::SearchReplaced, earlier.text, earlier.span());
                }
            }
            Some("options") => {
                let words = seen.words("options".len(), is_blank);
                options(&words, version, settings);
            }
            Some("sortlist") => {
                if sortlist_hangs(seen.text.get("sortlist".len()..).unwrap_or_default()) {
                    settings.observe(Seen::SortlistHangs, seen.text, seen.span());
                }
            }
            _ if seen.text.trim().is_empty() => {}
            _ if hidden_keyword(seen.text) => {
                settings.observe(Seen::KeywordNotSeen, seen.text, seen.span());
            }
            _ => settings.observe(Seen::LineUnknown, seen.text, seen.span()),
        }
    }
    if settings.servers.is_empty() {
        settings.servers.push(Server {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            scope: None,
            span: None,
        });
        settings.observe_default(Seen::NoServer, "127.0.0.1");
    }
    if let Some(line) = search_line {
        search(line, version, settings);
    }
    from_environment(environment, version, settings);
    if crate::plan::search_aborts(settings) {
        let long = settings.search.iter().max_by_key(|it| it.value.len());
        if let Some((text, span)) = long.map(|it| (it.value.clone(), it.span.clone())) {
            settings.observations.push(Observation {
                seen: Seen::SearchAborts,
                text,
                span,
                used: None,
            });
        }
    }
}

/// The keyword of the line; a blank or tab must follow it.
fn keyword(line: &str) -> Option<&str> {
    line.find(is_blank).and_then(|end| line.get(..end))
}

/// Whether reading the list makes no step forward, which glibc does for ever: at a mask without an
/// address before it, and at a carriage return or anything beyond ASCII.
fn sortlist_hangs(list: &str) -> bool {
    let is_end = |c: char| !c.is_ascii() || super::is_c_space(c) || c == ';';
    let mut rest = list;
    loop {
        rest = rest.trim_start_matches(is_blank);
        if rest.is_empty() || rest.starts_with(';') {
            return false;
        }
        let end = rest
            .find(|c| is_end(c) || matches!(c, '/' | '&'))
            .unwrap_or(rest.len());
        let (address, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let mut after = after;
        if address::inet_aton(address).is_some() && after.starts_with(['/', '&']) {
            let mask = after.get(1..).unwrap_or_default();
            let end = mask.find(is_end).unwrap_or(mask.len());
            after = mask.get(end..).unwrap_or_default();
        }
        if after.len() == rest.len() {
            return true;
        }
        rest = after;
    }
}

fn nameserver(line: Line<'_>, version: Version, settings: &mut Settings) {
    let words = line.words("nameserver".len(), is_blank);
    let Some(word) = words.first() else {
        settings.observe(Seen::ServerUnreadable, "", line.span());
        return;
    };
    // An unknown scope is no error here: it becomes 0.
    let literal = if version < EXACT {
        // `inet_aton` itself stops at white space, so a carriage return does no harm.
        let end = word.text.find(super::is_c_space);
        let seen = word.text.get(..end.unwrap_or(word.text.len()));
        let v4 = seen.and_then(address::inet_aton);
        v4.map(|v4| (IpAddr::V4(v4), None))
    } else {
        None
    };
    let literal = literal.or_else(|| address::libc_literal(word.text));
    let Some((address, scope)) = literal else {
        let seen = if word.text.ends_with('\r') {
            Seen::CarriageReturn
        } else {
            Seen::ServerUnreadable
        };
        settings.observe(seen, word.text, word.span.clone());
        return;
    };
    if settings.servers.len() == crate::MAX_NAMESERVERS {
        settings.observe(Seen::ServerBeyondLimit, word.text, word.span.clone());
    } else {
        settings.servers.push(Server {
            address,
            scope,
            span: Some(word.span.clone()),
        });
    }
}

fn search(line: Line<'_>, version: Version, settings: &mut Settings) {
    let is_domain = line.text.starts_with("domain");
    let mut words = line.words("search".len(), is_blank);
    if is_domain {
        if let Some(second) = words.get(1) {
            settings.observe(Seen::DomainWithMoreWords, second.text, second.span.clone());
        }
        words.truncate(1);
    }
    let limited = version < UNLIMITED_SEARCH;
    let first = words.first().map_or(0, |word| word.span.start);
    for (index, word) in words.into_iter().enumerate() {
        let Word { mut text, mut span } = word;
        if limited {
            if index >= OLD_DOMAINS || span.start - first >= OLD_BYTES {
                settings.observe(Seen::DomainBeyondLimit, text, span);
                continue;
            }
            let room = OLD_BYTES - (span.start - first);
            if text.len() > room {
                // Bytes of a name that is not ASCII could be split; no such name is asked for.
                let end = (0..=room).rev().find(|end| text.is_char_boundary(*end));
                text = text.get(..end.unwrap_or(0)).unwrap_or_default();
                span = span.start..span.start + text.len();
                settings.observe(Seen::DomainCut, text, span.clone());
            }
        }
        domain(text, span, settings);
    }
}

/// Notes what is odd about a domain, and takes it.
fn domain(text: &str, span: Range<usize>, settings: &mut Settings) {
    if text.starts_with(['#', ';']) {
        settings.observe(Seen::CommentInSearch, text, span.clone());
    } else if text == "." {
        settings.observe(Seen::RootInSearch, text, span.clone());
    } else if text.ends_with('\r') {
        settings.observe(Seen::CarriageReturn, text, span.clone());
    }
    settings.search.push(Value::written(text.to_owned(), span));
}

fn from_environment(environment: &Environment<'_>, version: Version, settings: &mut Settings) {
    if let Some(localdomain) = environment.localdomain {
        settings.search = localdomain
            .split('\n')
            .next()
            .unwrap_or_default()
            .split(is_blank)
            .enumerate()
            // A blank at the start makes an empty first domain: the root.
            .filter(|(index, word)| *index == 0 || !word.is_empty())
            .map(|(_, word)| Value::default_of(word.to_owned()))
            .collect();
        settings.observe_default(Seen::FromEnvironment, "LOCALDOMAIN");
    }
    if settings.search.is_empty() {
        let domain = environment
            .hostname
            .and_then(|hostname| hostname.split_once('.'));
        // Old versions keep an empty domain out.
        let domain = domain.filter(|(_, domain)| version >= UNLIMITED_SEARCH || !domain.is_empty());
        if let Some((_, domain)) = domain {
            settings.search.push(Value::default_of(domain.to_owned()));
            settings.observe_default(Seen::SearchFromHostname, domain);
        }
    }
    if let Some(options) = environment.res_options {
        let words: Vec<Word<'_>> = options
            .split(is_blank)
            .filter(|word| !word.is_empty())
            .map(|text| Word { text, span: 0..0 })
            .collect();
        self::options(&words, version, settings);
        for value in [
            &mut settings.rotate.span,
            &mut settings.ndots.span,
            &mut settings.timeout_ms.span,
            &mut settings.attempts.span,
            &mut settings.single_request.span,
            &mut settings.single_request_reopen.span,
            &mut settings.use_vc.span,
            &mut settings.edns0.span,
            &mut settings.no_aaaa.span,
            &mut settings.no_tld_query.span,
            &mut settings.trust_ad.span,
            &mut settings.strict_error.span,
        ] {
            value.take_if(|span| span.start == span.end);
        }
        settings
            .observations
            .retain(|seen| seen.span.as_ref().is_none_or(|span| !span.is_empty()));
        settings.observe_default(Seen::FromEnvironment, "RES_OPTIONS");
    }
}

fn options(words: &[Word<'_>], version: Version, settings: &mut Settings) {
    for word in words {
        if let Some(value) = word.text.strip_prefix("ndots:") {
            let (number, clean) = atoi(value);
            // Four bits hold it, so a negative number becomes a large one.
            let used = number.min(15) & 15;
            note(word, number, used, clean, settings);
            settings.ndots = Value::written(used.unsigned_abs(), word.span.clone());
        } else if let Some(value) = word.text.strip_prefix("timeout:") {
            let (number, clean) = atoi(value);
            // Less than a second is a second, but only when the wait is reckoned.
            let used = number.min(30);
            note(word, number, used.max(1), clean, settings);
            let seconds = u64::from(used.max(0).unsigned_abs());
            settings.timeout_ms = Value::written(seconds * 1000, word.span.clone());
        } else if let Some(value) = word.text.strip_prefix("attempts:") {
            let (number, clean) = atoi(value);
            let used = number.clamp(0, 5);
            if used == 0 {
                settings.observe(Seen::NoAttempts, word.text, word.span.clone());
            } else {
                note(word, number, used, clean, settings);
            }
            settings.attempts = Value::written(used.unsigned_abs(), word.span.clone());
        } else {
            flag(word, version, settings);
        }
    }
}

fn flag(word: &Word<'_>, version: Version, settings: &mut Settings) {
    let negated = word.text.strip_prefix('-').filter(|_| version >= NEGATION);
    let text = negated.unwrap_or(word.text);
    let found = FLAGS
        .iter()
        .find(|(name, since, _)| text.starts_with(name) && version >= *since);
    match found {
        Some((_, _, flag)) => {
            *flag(settings) = Value::written(negated.is_none(), word.span.clone());
            if word.text.ends_with('\r') {
                settings.observe(Seen::CarriageReturnSkipped, word.text, word.span.clone());
            }
        }
        None if text.starts_with("no-reload") && version >= UNLIMITED_SEARCH => {}
        None => settings.observe(Seen::OptionIgnored, word.text, word.span.clone()),
    }
}

fn note(word: &Word<'_>, number: i32, used: i32, clean: bool, settings: &mut Settings) {
    // The number ends before it.
    let has_return = word.text.ends_with('\r');
    let bare = word.text.trim_end_matches('\r');
    let value = bare.split_once(':').map_or("", |(_, value)| value);
    let clean = clean || has_return && atoi(value).1;
    let seen = match (number, used) {
        (number, used) if number > used => Seen::OptionCapped,
        (number, used) if number < used || !clean => Seen::OptionMisread,
        _ if has_return => Seen::CarriageReturnSkipped,
        _ => return,
    };
    settings.observe_used(seen, word.text, word.span.clone(), used.unsigned_abs());
}

/// `atoi`: blanks, a sign, digits; 0 without digits; and whether that was all of the text.
/// Numbers beyond 64 bits become the largest, whose low half is -1.
fn atoi(text: &str) -> (i32, bool) {
    let rest = text.trim_start_matches(super::is_c_space);
    let negative = rest.starts_with('-');
    let digits = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let (number, left) = digits.split_at_checked(end).unwrap_or((digits, ""));
    let clean = !number.is_empty() && left.is_empty();
    let value = number.bytes().fold(0_i64, |value, digit| {
        value
            .saturating_mul(10)
            .saturating_add(i64::from(digit - b'0'))
    });
    let value = if negative {
        value.saturating_neg()
    } else {
        value
    };
    // The low 32 bits, as the conversion to int leaves them.
    let low = u32::try_from(value & 0xffff_ffff).unwrap_or(u32::MAX);
    (low.cast_signed(), clean)
}
