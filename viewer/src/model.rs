//! What the views show, made of the report by plain functions.

use digpod_report::v1::{Cause, Evidence, Finding, Report};

use crate::route::Spot;

/// Severities in the order they are shown.
pub const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "info"];

/// Findings of one severity, by their index in the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The severity.
    pub severity: &'static str,
    /// Indices.
    pub findings: Vec<usize>,
}

/// Groups the findings that match a filter by severity; groups without findings are left out.
pub fn groups(report: &Report, filter: &str) -> Vec<Group> {
    let words = filter_words(filter);
    SEVERITIES
        .iter()
        .map(|&severity| Group {
            severity,
            findings: report
                .findings
                .iter()
                .enumerate()
                .filter(|(_, finding)| finding.severity == severity && matches(finding, &words))
                .map(|(index, _)| index)
                .collect(),
        })
        .filter(|group| !group.findings.is_empty())
        .collect()
}

/// The words of a filter, in small letters; every one must be there.
pub fn filter_words(filter: &str) -> Vec<String> {
    filter.split_whitespace().map(str::to_lowercase).collect()
}

/// Whether a text holds every word.
pub fn holds(text: &str, words: &[String]) -> bool {
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

fn matches(finding: &Finding, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let mut text = [
        finding.rule.as_str(),
        &finding.severity,
        &finding.confidence,
        &finding.scope,
        &finding.message,
        &finding.explanation,
    ]
    .join("\n");
    for evidence in &finding.evidence {
        text.push('\n');
        text.push_str(&evidence.entry);
        text.push('\n');
        text.push_str(&evidence.note);
    }
    holds(&text, words)
}

/// The findings behind a cause, the one at the root first, each once.
pub fn support<'a>(report: &'a Report, cause: &Cause) -> Vec<(usize, &'a Finding)> {
    let mut seen = Vec::new();
    std::iter::once(&cause.finding)
        .chain(&cause.explains)
        .filter_map(|index| {
            let index = usize::try_from(*index).ok()?;
            if seen.contains(&index) {
                return None;
            }
            seen.push(index);
            Some((index, report.findings.get(index)?))
        })
        .collect()
}

/// Where the page shows a piece of evidence.
pub fn spot(evidence: &Evidence) -> Spot {
    Spot {
        entry: evidence.entry.clone(),
        pointer: evidence.pointer.clone(),
        in_value: evidence.in_value,
        line: evidence.line,
        column: evidence.column,
        end_line: evidence.end_line,
        end_column: evidence.end_column,
    }
}

/// `dns/configmaps/coredns.json › Corefile, line 3`.
pub fn place_words(evidence: &Evidence) -> String {
    let value = evidence
        .pointer
        .as_deref()
        .filter(|_| evidence.in_value)
        .and_then(|pointer| pointer.rsplit('/').next())
        .map(|step| format!(" \u{203A} {}", step.replace("~1", "/").replace("~0", "~")))
        .unwrap_or_default();
    let lines = if evidence.end_line > evidence.line {
        format!("lines {}\u{2013}{}", evidence.line, evidence.end_line)
    } else {
        format!("line {}", evidence.line)
    };
    format!("{}{value}, {lines}", evidence.entry)
}

/// A line split around what is marked in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// Text before.
    pub before: String,
    /// What is marked; empty where nothing is.
    pub marked: String,
    /// Text after.
    pub after: String,
}

/// Splits a line around the marked place. Columns count characters from 1; an empty or unknown
/// range marks nothing.
pub fn mark(text: &str, number: u32, spot: &Spot) -> Marked {
    let last_line = spot.end_line.max(spot.line);
    if spot.line == 0 || spot.column == 0 || number < spot.line || number > last_line {
        return Marked {
            before: text.to_owned(),
            marked: String::new(),
            after: String::new(),
        };
    }
    let length = text.chars().count();
    let from = if number == spot.line {
        spot.column as usize - 1
    } else {
        indent(text)
    };
    let to = if number == last_line && spot.end_column > 0 {
        spot.end_column as usize - 1
    } else {
        length
    };
    let from = from.min(length);
    let to = to.clamp(from, length);
    Marked {
        before: text.chars().take(from).collect(),
        marked: text.chars().skip(from).take(to - from).collect(),
        after: text.chars().skip(to).collect(),
    }
}

fn indent(text: &str) -> usize {
    text.chars().take_while(|c| c.is_whitespace()).count()
}

/// Splits prose at its backticks: text and `true` where it is code.
pub fn prose(text: &str) -> Vec<(String, bool)> {
    let parts: Vec<&str> = text.split('`').collect();
    // Backticks that do not come in pairs are just characters.
    if parts.len().is_multiple_of(2) {
        return vec![(text.to_owned(), false)];
    }
    let parts = parts.into_iter().enumerate();
    parts
        .map(|(at, part)| (part.to_owned(), at % 2 == 1))
        .filter(|(part, _)| !part.is_empty())
        .collect()
}

/// `1 finding`, `2 findings`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A size for people.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => tenths(bytes, 1_000, "kB"),
        1_000_000..1_000_000_000 => tenths(bytes, 1_000_000, "MB"),
        _ => tenths(bytes, 1_000_000_000, "GB"),
    }
}

fn tenths(number: u64, unit: u64, name: &str) -> String {
    let tenths = number / (unit / 10);
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

/// `2026-01-15T10:00:00Z` as `2026-01-15 10:00:00 UTC`; what is not such a time stays as it is.
pub fn time(text: &str) -> String {
    match text.strip_suffix('Z').and_then(|text| text.split_once('T')) {
        Some((day, time)) => format!("{day} {time} UTC"),
        None => text.to_owned(),
    }
}

/// Text that begins a sentence.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Marked, mark, place_words, prose, sentence, size, time};
    use crate::route::Spot;
    use digpod_report::v1::{Evidence, Excerpt};

    fn spot(line: u32, column: u32, end_line: u32, end_column: u32) -> Spot {
        Spot {
            line,
            column,
            end_line,
            end_column,
            ..Spot::entry("e")
        }
    }

    fn parts(marked: &Marked) -> [&str; 3] {
        [&marked.before, &marked.marked, &marked.after]
    }

    #[test]
    fn a_mark_counts_characters_and_stays_within_its_lines() {
        assert_eq!(
            parts(&mark("aü bc d", 3, &spot(3, 4, 3, 6))),
            ["aü ", "bc", " d"]
        );
        assert_eq!(
            parts(&mark("  two", 4, &spot(3, 4, 5, 2))),
            ["  ", "two", ""]
        );
        assert_eq!(parts(&mark("}x", 5, &spot(3, 4, 5, 2))), ["", "}", "x"]);
        assert_eq!(
            parts(&mark("other", 6, &spot(3, 4, 5, 2))),
            ["other", "", ""]
        );
        assert_eq!(parts(&mark("ab", 1, &spot(1, 9, 1, 99))), ["ab", "", ""]);
        assert_eq!(parts(&mark("ab", 1, &spot(1, 2, 1, 1))), ["a", "", "b"]);
    }

    #[test]
    fn a_place_is_named_as_people_say_it() {
        let mut evidence = Evidence {
            entry: "dns/configmaps/coredns.json".to_owned(),
            pointer: Some("/data/a~1b.server".to_owned()),
            in_value: true,
            line: 3,
            column: 1,
            end_line: 4,
            end_column: 1,
            note: String::new(),
            excerpt: Excerpt {
                first_line: 2,
                lines: Vec::new(),
            },
        };
        assert_eq!(
            place_words(&evidence),
            "dns/configmaps/coredns.json \u{203A} a/b.server, lines 3\u{2013}4"
        );
        evidence.in_value = false;
        evidence.end_line = 3;
        assert_eq!(
            place_words(&evidence),
            "dns/configmaps/coredns.json, line 3"
        );
    }

    #[test]
    fn code_in_prose_stands_between_backticks() {
        let code = |text: &str| -> Vec<String> {
            prose(text)
                .into_iter()
                .filter(|(_, code)| *code)
                .map(|(part, _)| part)
                .collect()
        };
        assert_eq!(
            code("`forward` takes `policy random`."),
            ["forward", "policy random"]
        );
        assert_eq!(prose("a ` b"), [("a ` b".to_owned(), false)]);
        assert_eq!(prose(""), []);
    }

    #[test]
    fn sizes_times_and_sentences_read_well() {
        assert_eq!(
            [size(999), size(1_234), size(5_060_000)],
            ["999 B", "1.2 kB", "5.0 MB"]
        );
        assert_eq!(time("2026-01-15T10:00:00Z"), "2026-01-15 10:00:00 UTC");
        assert_eq!(time("yesterday"), "yesterday");
        assert_eq!(sentence("answers are NXDOMAIN"), "Answers are NXDOMAIN");
    }
}
