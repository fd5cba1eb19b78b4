//! Where the page is: the part of the address after `#`, read and written.
//!
//! Paths would need a server; a hash works from a file, keeps the back button working and can be
//! copied from the address bar.

use std::fmt::Write as _;

/// A view of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// The cause: `#/`.
    #[default]
    Cause,
    /// The findings, one of them opened: `#/findings`, `#/findings/3`.
    Findings(Option<u32>),
    /// The probe matrix: `#/probes`.
    Probes,
    /// What could not be seen: `#/gaps`.
    Gaps,
    /// The entries: `#/files`.
    Files,
    /// A place in an entry: `#/files/ENTRY?line=3`.
    File(Spot),
}

/// A place in an entry. Lines and columns count from 1; 0 is "not said".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spot {
    /// Name of the entry.
    pub entry: String,
    /// JSON pointer of a value.
    pub pointer: Option<String>,
    /// Whether to show the decoded string at `pointer` instead of the entry.
    pub in_value: bool,
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
}

impl Spot {
    /// An entry from its start.
    pub fn entry(entry: &str) -> Self {
        Self {
            entry: entry.to_owned(),
            ..Self::default()
        }
    }

    /// The value at a pointer, where it stands in the entry.
    pub fn pointer(entry: &str, pointer: &str) -> Self {
        Self {
            pointer: Some(pointer.to_owned()),
            ..Self::entry(entry)
        }
    }
}

/// The views in the order of the menu and of the keys 1 to 5.
pub const VIEWS: [Route; 5] = [
    Route::Cause,
    Route::Findings(None),
    Route::Probes,
    Route::Gaps,
    Route::Files,
];

/// Reads a hash. What is not understood is the first view.
pub fn parse(hash: &str) -> Route {
    let path = hash.strip_prefix('#').unwrap_or(hash);
    let path = path.strip_prefix('/').unwrap_or(path);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    match path.split_once('/') {
        Some(("findings", index)) => Route::Findings(index.parse().ok()),
        Some(("files", "")) => Route::Files,
        Some(("files", entry)) => Route::File(spot(&decode(entry), query)),
        None if path == "findings" => Route::Findings(None),
        None if path == "probes" => Route::Probes,
        None if path == "gaps" => Route::Gaps,
        None if path == "files" => Route::Files,
        _ => Route::Cause,
    }
}

fn spot(entry: &str, query: &str) -> Spot {
    let mut spot = Spot::entry(entry);
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let number = || value.parse().unwrap_or(0);
        match key {
            "line" => spot.line = number(),
            "column" => spot.column = number(),
            "endLine" => spot.end_line = number(),
            "endColumn" => spot.end_column = number(),
            "pointer" => spot.pointer = Some(decode(value)),
            "value" => spot.in_value = true,
            _ => {}
        }
    }
    spot
}

/// Writes a hash, `#` included.
pub fn hash(route: &Route) -> String {
    match route {
        Route::Cause => "#/".to_owned(),
        Route::Findings(None) => "#/findings".to_owned(),
        Route::Findings(Some(index)) => format!("#/findings/{index}"),
        Route::Probes => "#/probes".to_owned(),
        Route::Gaps => "#/gaps".to_owned(),
        Route::Files => "#/files".to_owned(),
        Route::File(spot) => {
            let mut query = Vec::new();
            for (key, number) in [
                ("line", spot.line),
                ("column", spot.column),
                ("endLine", spot.end_line),
                ("endColumn", spot.end_column),
            ] {
                if number > 0 {
                    query.push(format!("{key}={number}"));
                }
            }
            if let Some(pointer) = &spot.pointer {
                query.push(format!("pointer={}", encode(pointer)));
            }
            if spot.in_value {
                query.push("value".to_owned());
            }
            let mark = if query.is_empty() { "" } else { "?" };
            format!("#/files/{}{mark}{}", encode(&spot.entry), query.join("&"))
        }
    }
}

/// Escapes what has a meaning in an address; slashes stay, they read well and harm nothing here.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = (byte == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = escaped {
            out.push(byte);
            rest = after.get(2..).unwrap_or(&[]);
        } else {
            out.push(byte);
            rest = after;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Route, Spot, VIEWS, hash, parse};

    #[test]
    fn every_view_comes_back_from_its_hash() {
        let mut routes = VIEWS.to_vec();
        routes.push(Route::Findings(Some(12)));
        routes.push(Route::File(Spot::entry(
            "dns/logs/a b/ü?#%&=/current-000.log",
        )));
        routes.push(Route::File(Spot::pointer(
            "probes/workload/records.json",
            "/records/7",
        )));
        routes.push(Route::File(Spot {
            entry: "dns/configmaps/coredns.json".to_owned(),
            pointer: Some("/data/a~1b %25".to_owned()),
            in_value: true,
            line: 3,
            column: 5,
            end_line: 4,
            end_column: 9,
        }));
        for route in routes {
            assert_eq!(parse(&hash(&route)), route, "{}", hash(&route));
        }
    }

    #[test]
    fn a_hash_that_is_not_understood_is_the_first_view() {
        for text in [
            "",
            "#",
            "#/",
            "#/nope",
            "#/nope/1",
            "#findings/x/y",
            "#/%zz?&&=",
        ] {
            assert!(
                matches!(parse(text), Route::Cause | Route::Findings(None)),
                "{text}"
            );
        }
        assert_eq!(parse("#/files/"), Route::Files);
        let Route::File(spot) = parse("#/files/a%?line=x&line=-1&pointer") else {
            panic!("a file")
        };
        assert_eq!((spot.entry.as_str(), spot.line), ("a%", 0));
        assert_eq!(spot.pointer.as_deref(), Some(""));
    }
}
