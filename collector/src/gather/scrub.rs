//! Secrets in free text: in logs, events, arguments, comments. One scanner for all of them.
//!
//! Objects go through shapes that have no place for a secret; only text that anybody may have
//! written is looked through. What is certain by its form (a private key, a token of a known
//! make) goes, and what stands after a word like `password`.

use std::ops::Range;

use memchr::memmem;

/// Stands where a secret was.
pub(crate) const REMOVED: &str = "removed-by-digpod";

/// Words after which a secret stands, as parts of a name.
const WORDS: [&str; 15] = [
    "access-key",
    "access_key",
    "accesskey",
    "accountkey",
    "api-key",
    "api_key",
    "apikey",
    "credential",
    "passphrase",
    "passw",
    "private_key",
    "pwd",
    "secret",
    "sharedaccess",
    "token",
];
/// Schemes of an `Authorization` header.
const SCHEMES: [&str; 2] = ["bearer ", "basic "];
/// Parameters of signed addresses.
const SIGNATURES: [&str; 3] = ["?sig=", "&sig=", "signature="];
/// How tokens of known makes begin, in lower case, and how many characters follow at least.
const MAKES: [(&str, usize); 18] = [
    ("akia", 16),
    ("aiza", 30),
    ("asia", 16),
    ("dckr_pat_", 12),
    ("eyj", 30),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghs_", 20),
    ("github_pat_", 20),
    ("glpat-", 12),
    ("hvs.", 20),
    ("npm_", 20),
    ("pypi-", 20),
    ("sg.", 30),
    ("sk_live_", 12),
    ("sk-", 30),
    ("xoxb-", 12),
    ("xoxp-", 12),
];
/// A key of 16,384 bits in lines with timestamps.
const LONGEST_KEY: usize = 24 << 10;
const KEY_BEGIN: &str = "-----begin ";
const KEY_END: &str = "-----end ";

/// The text without secrets and how many there were; `None` if there was none.
pub(crate) fn text(text: &str) -> Option<(String, u64)> {
    let (clean, count) = bytes(text.as_bytes())?;
    // What is taken out begins and ends at ASCII, so that the rest stays UTF-8.
    Some((String::from_utf8_lossy(&clean).into_owned(), count))
}

/// The same of a log, which may hold anything.
pub(super) fn bytes(text: &[u8]) -> Option<(Vec<u8>, u64)> {
    let lower = text.to_ascii_lowercase();
    let bytes = lower.as_slice();
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in memmem::find_iter(bytes, "://") {
        found.extend(user_info(bytes, at + 3));
    }
    for word in WORDS {
        for at in memmem::find_iter(bytes, word) {
            found.extend(after_word(bytes, text, at));
        }
    }
    // The key of `.dockerconfigjson`; "auth" alone is a word as any other.
    for at in memmem::find_iter(bytes, b"\"auth") {
        found.extend(after_word(bytes, text, at + 1).filter(|_| is_whole_key(bytes, at + 5)));
    }
    // Signatures of Azure's and Google's signed addresses.
    for sign in SIGNATURES {
        for at in memmem::find_iter(bytes, sign) {
            let start = at + sign.len();
            found.push(start..run(bytes, start, |byte| !ends(byte)));
        }
    }
    // All that a browser or client keeps: `cookie: a=b; c=d`.
    for at in memmem::find_iter(bytes, b"cookie: ") {
        let start = at + b"cookie: ".len();
        let end = run(bytes, start, |byte| !b"\n\r\"'".contains(&byte));
        found.push(start..end);
    }
    for scheme in SCHEMES {
        for at in memmem::find_iter(bytes, scheme) {
            let start = at + scheme.len();
            let end = run(bytes, start, is_token);
            found.extend((end - start >= 8).then_some(start..end));
        }
    }
    for (make, least) in MAKES {
        for at in memmem::find_iter(bytes, make) {
            let before = at.checked_sub(1).and_then(|it| bytes.get(it));
            let alone = before.is_none_or(|it| !is_token(*it) || matches!(it, b'=' | b'/'));
            let end = run(bytes, at, is_token);
            found.extend((alone && end - at >= make.len() + least).then_some(at..end));
        }
    }
    for at in memmem::find_iter(bytes, KEY_BEGIN) {
        found.extend(private_key(bytes, at));
    }
    for at in memmem::find_iter(bytes, KEY_END) {
        found.extend(end_of_key(bytes, at));
    }
    found.sort_by_key(|range| (range.start, range.end));
    found.retain(|range| !range.is_empty() && text.get(range.clone()) != Some(REMOVED.as_bytes()));
    if found.is_empty() {
        return None;
    }
    let mut clean = Vec::with_capacity(text.len());
    let (mut at, mut count) = (0, 0);
    for range in found {
        if range.start >= at {
            clean.extend_from_slice(text.get(at..range.start).unwrap_or_default());
            clean.extend_from_slice(REMOVED.as_bytes());
            count += 1;
        }
        at = at.max(range.end);
    }
    clean.extend_from_slice(text.get(at..).unwrap_or_default());
    Some((clean, count))
}

/// Cleans a text in place; gives how many secrets there were.
pub(crate) fn clean(value: &mut String) -> u64 {
    match text(value) {
        Some((clean, count)) => {
            *value = clean;
            count
        }
        None => 0,
    }
}

/// Where bytes of a kind end.
fn run(bytes: &[u8], start: usize, is: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    start
        + rest
            .iter()
            .position(|byte| !is(*byte))
            .unwrap_or(rest.len())
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~+/=".contains(&byte)
}

/// What ends a value that is not in quotes.
fn ends(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"\"'`,;&|<>()[]{}\\".contains(&byte)
}

/// `scheme://user:password@host`.
fn user_info(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let end = run(bytes, start, |byte| {
        !ends(byte) && byte != b'/' && byte != b'?'
    });
    let at = memchr::memrchr(b'@', bytes.get(start..end)?)?;
    Some(start..start + at)
}

/// `password=…`, `"token": "…"`, `--secret …`.
fn after_word(bytes: &[u8], original: &[u8], word: usize) -> Option<Range<usize>> {
    let name_end = run(bytes, word, |byte| {
        byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
    });
    let name = bytes.get(word..name_end)?;
    let is_path = [&b"file"[..], b"path", b"dir", b"name"]
        .iter()
        .any(|end| name.ends_with(end));
    let is_quote = |byte: u8| matches!(byte, b'"' | b'\'' | b'\\');
    let mut at = run(bytes, name_end, is_quote);
    let before_blanks = at;
    at = run(bytes, at, |byte| byte == b' ');
    let separator = bytes.get(at).copied();
    let blank_after = bytes.get(at + 1) == Some(&b' ');
    let (mut start, sure) = match separator {
        Some(b'=' | b':') => {
            let start = run(bytes, at + 1, |byte| matches!(byte, b' ' | b'>'));
            (start, separator == Some(b'=') || !blank_after)
        }
        _ if is_flag(bytes, word) && at > before_blanks => (at, true),
        _ => return None,
    };
    let quoted = bytes.get(start).is_some_and(|byte| is_quote(*byte));
    start = run(bytes, start, is_quote);
    let end = if quoted {
        run(bytes, start, |byte| !is_quote(byte) && byte != b'\n')
    } else {
        run(bytes, start, |byte| !ends(byte))
    };
    if is_path && bytes.get(start) == Some(&b'/') {
        return None;
    }
    // After "token: " prose may follow: a word in lower case is no secret.
    let prose = original
        .get(start..end)?
        .iter()
        .all(|byte| byte.is_ascii_lowercase() || b".,".contains(byte));
    (sure || quoted || !prose).then_some(start..end)
}

/// Whether a quoted key ends here.
fn is_whole_key(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), Some(b'"' | b'\\'))
}

/// Whether the word is a part of `--some-flag`.
fn is_flag(bytes: &[u8], word: usize) -> bool {
    let before = bytes.get(..word).unwrap_or_default();
    let start = before
        .iter()
        .rposition(|byte| !byte.is_ascii_alphanumeric() && !b"-_".contains(byte));
    let flag = before.get(start.map_or(0, |at| at + 1)..);
    flag.is_some_and(|flag| flag.starts_with(b"-"))
}

/// From its first line to its last, whatever is between. Where the last is missing, as much as a
/// key can be: the rest of a log is no key.
fn private_key(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = bytes.get(start..)?;
    let first = rest.get(..rest.len().min(64))?;
    memmem::find(first, b"private key")?;
    let rest = rest.get(..rest.len().min(LONGEST_KEY))?;
    let end = memmem::find(rest, KEY_END.as_bytes()).map_or(rest.len(), |at| {
        let tail = rest.get(at + KEY_END.len()..).unwrap_or_default();
        let close = memmem::find(tail, b"-----").map_or(tail.len(), |it| it + 5);
        at + KEY_END.len() + close
    });
    Some(start..start + end)
}

/// A key whose first lines were cut off: what stands before its last line, as far as it is Base64.
fn end_of_key(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let after = bytes.get(end..bytes.len().min(end + 64))?;
    memmem::find(after, b"private key")?;
    let mut start = end;
    // With timestamps, the last line does not begin at its marker.
    let mut line_end = memchr::memrchr(b'\n', bytes.get(..end)?)?;
    loop {
        let before = bytes.get(..line_end)?;
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let line = before.get(line_start..)?;
        let word = line.rsplit(|byte| *byte == b' ').next().unwrap_or(line);
        // The last line of Base64 may be short, the others have 64 characters.
        let least = if start == end { 4 } else { 40 };
        if word.len() < least || !word.iter().all(|byte| is_token(*byte)) {
            break;
        }
        start = line_end - word.len();
        if line_start == 0 {
            break;
        }
        line_end = line_start - 1;
    }
    (start < end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::{REMOVED, text};

    #[track_caller]
    fn removes(from: &str, secret: &str) {
        let (clean, _) = text(from).unwrap_or_default();
        assert!(
            !clean.contains(secret) && clean.contains(REMOVED),
            "{clean}"
        );
        assert_eq!(text(&clean), None, "once is enough");
    }

    #[test]
    fn secrets_go_whatever_stands_around_them() {
        removes("dial postgres://shop:hunter2@db:5432/x failed", "hunter2");
        removes("flag --db-password hunter2 given", "hunter2");
        removes("args: --token=hunter2", "hunter2");
        removes(r#"{"apiKey": "hunter two"}"#, "hunter two");
        removes(r#""{\"password\":\"hunter2\"}""#, "hunter2");
        removes("Password: Hunter2", "Hunter2");
        removes("Authorization: Bearer abcdefgh.ijkl", "abcdefgh");
        removes("AccountKey=aGVsbG8gd29ybGQ=;EndpointSuffix=x", "aGVsbG8");
        removes(r#"{"auth": "c2hvcDpodW50ZXI="}"#, "c2hvcDpodW50ZXI");
        removes("Cookie: id=Hunter2; theme=dark", "Hunter2");
        removes("GET https://x/y?sv=1&sig=Hunter2%3D failed", "Hunter2");
        removes("key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE");
        removes(
            "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb",
            "MIIE",
        );
    }

    #[test]
    fn a_key_that_was_cut_goes_and_the_log_around_it_stays() {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
        let cut = format!("T {body}\nT {body}\nT Zm9v\nT -----END PRIVATE KEY-----\nT ready\n");
        let (clean, _) = text(&cut).unwrap_or_default();
        assert!(
            !clean.contains("MIIE") && !clean.contains("Zm9v"),
            "{clean}"
        );
        assert!(
            clean.ends_with("\nT ready\n") || clean.ends_with("-----\nT ready\n"),
            "{clean}"
        );
        let open = format!(
            "-----BEGIN PRIVATE KEY-----\n{body}\n{}last line\n",
            "[INFO] x\n".repeat(4000)
        );
        let (clean, _) = text(&open).unwrap_or_default();
        assert!(!clean.contains("MIIE") && clean.ends_with("last line\n"));
    }

    #[test]
    fn what_coredns_says_stays() {
        for line in [
            "[INFO] 10.244.0.9:34567 - 4711 \"A IN token.corp.internal. udp 38 false 512\" NOERROR qr,rd 96 0.0012s",
            "[ERROR] plugin/errors: 2 secret.corp.internal. A: read udp 10.0.0.1:1->10.1.0.4:53: i/o timeout",
            "MountVolume.SetUp failed for volume \"x\" : secret \"web-tls\" not found",
            "failed to fetch token: context deadline exceeded",
            "https://coredns.io/manual/toc/#configuration",
            "Listing and watching *v1.Service from https://10.0.0.1:443",
        ] {
            assert_eq!(text(line), None, "{line}");
        }
    }
}
