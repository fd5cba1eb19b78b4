//! What a rule is: data and one function.

use crate::facts::{Facts, Seen};
use crate::finding::{Findings, Severity};

/// One diagnostic rule: what it is called, what it tells the reader, how it looks at a bundle.
#[derive(Debug)]
pub struct Rule {
    /// `group/name`, equal to the path of the rule's file (with `-` for `_`).
    pub id: &'static str,
    /// The rule's doc comment, as Markdown: a sentence, then What it does, Why it matters, How to
    /// fix, Sources. Empty without the feature `docs`.
    pub docs: &'static str,
    /// Severity of its findings, unless a finding says otherwise.
    pub severity: Severity,
    /// Release that introduced it.
    pub since: &'static str,
    /// Looks at the facts; an `Err` says which fact was missing, not that the rule failed.
    pub check: fn(&Facts<'_>, &mut Findings) -> Seen<()>,
}

impl Rule {
    /// The docs as Markdown without the space that begins each line of a doc comment.
    pub fn markdown(&self) -> String {
        let line = |line: &str| format!("{}\n", line.strip_prefix(' ').unwrap_or(line));
        self.docs.lines().map(line).collect()
    }

    /// The first sentence of the docs.
    pub fn summary(&self) -> &'static str {
        self.docs.trim_start().lines().next().unwrap_or("").trim()
    }
}

/// Declares a rule and keeps its doc comment at run time.
macro_rules! declare_rule {
    ($(#[doc = $line:literal])+ $id:literal, $severity:ident, since $since:literal) => {
        $(#[doc = $line])+
        pub(crate) static RULE: $crate::rule::Rule = $crate::rule::Rule {
            id: $id,
            docs: if cfg!(feature = "docs") { concat!($($line, "\n"),+) } else { "" },
            severity: $crate::finding::Severity::$severity,
            since: $since,
            check,
        };
    };
}
pub(crate) use declare_rule;
