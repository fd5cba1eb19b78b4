//! A resolv.conf as text: its lines, words and where they stand, before any resolver reads it.
//!
//! Facts of glibc's and musl's readers: a keyword stands at the start of its line; of several
//! `search` or `domain` lines the last counts; `#` and `;` at the start of a line are comments. An
//! empty `search` line empties the list, as it does for musl and the kubelet (glibc skips it).
//! What one implementation really uses is [`crate::read_as`]'s business.

use std::ops::Range;

/// A word and where it stands, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The word.
    pub text: String,
    /// Where.
    pub span: Range<usize>,
}

/// An option, like `ndots:5` or `rotate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvOption {
    /// Its name.
    pub name: String,
    /// What stands after the colon.
    pub value: Option<String>,
    /// Where, name and value together.
    pub span: Range<usize>,
}

/// A resolv.conf.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolvConf {
    /// All servers as listed; resolvers use the first three.
    pub nameservers: Vec<Field>,
    /// The search list: the words of the last `search` or `domain` line.
    pub search: Vec<Field>,
    /// Every `search` and `domain` line.
    pub search_lines: Vec<Range<usize>>,
    /// All options of all `options` lines.
    pub options: Vec<ResolvOption>,
    /// Lines that no resolver understands.
    pub unknown: Vec<Field>,
}

/// Servers a resolver uses (`MAXNS` of glibc and musl); the rest is ignored.
pub const MAX_NAMESERVERS: usize = 3;

impl ResolvConf {
    /// The servers that are used: the first three.
    pub fn used_nameservers(&self) -> &[Field] {
        self.nameservers
            .get(..MAX_NAMESERVERS)
            .unwrap_or(&self.nameservers)
    }

    /// Dots a name needs to be tried as it is first: 1 by default, 15 at most.
    pub fn ndots(&self) -> u32 {
        let value = self
            .option("ndots")
            .and_then(|option| option.value.as_deref());
        value
            .and_then(|value| value.parse().ok())
            .map_or(1, |dots: u32| dots.min(15))
    }

    /// The last option of this name, which is the one that counts.
    pub fn option(&self, name: &str) -> Option<&ResolvOption> {
        self.options.iter().rev().find(|option| option.name == name)
    }
}

/// Reads a resolv.conf.
pub fn parse(text: &str) -> ResolvConf {
    let mut conf = ResolvConf::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        read_line(line.trim_end_matches(['\n', '\r']), start, &mut conf);
        start += line.len();
    }
    conf
}

fn read_line(line: &str, start: usize, conf: &mut ResolvConf) {
    if line.is_empty() || line.starts_with(['#', ';']) {
        return;
    }
    let mut words = words(line, start).into_iter();
    let whole = start..start + line.len();
    // A keyword that does not begin its line is not seen by glibc.
    let keyword = words.next().filter(|word| word.span.start == start);
    match keyword.as_ref().map(|word| word.text.as_str()) {
        Some("nameserver") => conf.nameservers.extend(words.next()),
        Some("search") => {
            conf.search = words.collect();
            conf.search_lines.push(whole);
        }
        Some("domain") => {
            conf.search = words.next().into_iter().collect();
            conf.search_lines.push(whole);
        }
        Some("options") => conf.options.extend(words.map(|word| {
            let (name, value) = match word.text.split_once(':') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (word.text, None),
            };
            ResolvOption {
                name,
                value,
                span: word.span,
            }
        })),
        Some("sortlist") => {}
        _ if line.trim().is_empty() => {}
        _ => conf.unknown.push(Field {
            text: line.to_owned(),
            span: whole,
        }),
    }
}

fn words(line: &str, start: usize) -> Vec<Field> {
    let mut words = Vec::new();
    let mut from = None;
    let end = [(line.len(), ' ')];
    for (at, c) in line.char_indices().chain(end) {
        match (c.is_ascii_whitespace(), from) {
            (false, None) => from = Some(at),
            (true, Some(first)) => {
                let span = start + first..start + at;
                words.extend(line.get(first..at).map(|text| Field {
                    text: text.to_owned(),
                    span,
                }));
                from = None;
            }
            _ => {}
        }
    }
    words
}
