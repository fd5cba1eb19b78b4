//! What `import` brings in: the tokens of snippets and of files, each keeping its origin.

use std::collections::BTreeMap;

use crate::lexer::Token;
use crate::tree::{Import, Problem, Source};

/// Expansions after which CoreDNS stops as well.
const MAX_EXPANSIONS: usize = 10_000;
/// Imported tokens after which we stop: far above any honest Corefile, low enough for a browser.
const MAX_TOKENS: usize = 100_000;
/// Folder in which distributions mount the Corefile; absolute patterns begin with it.
const FOLDER: &str = "/etc/coredns";

/// What `import` may bring in, and what became of it.
pub(crate) struct Expander<'a> {
    pub(crate) sources: &'a [Source],
    /// The tokens of each source.
    pub(crate) tokens: Vec<Vec<Token>>,
    pub(crate) snippets: BTreeMap<String, Vec<Token>>,
    pub(crate) imports: Vec<Import>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) expansions: usize,
    pub(crate) spent: usize,
}

impl Expander<'_> {
    /// The tokens that stand for an `import` of this pattern.
    pub(crate) fn expand(&mut self, pattern: &Token) -> Vec<Token> {
        if self.is_spent() {
            return Vec::new();
        }
        let tokens = match self.snippets.get(&pattern.word.text).cloned() {
            Some(tokens) => {
                self.remember(pattern, Vec::new(), true);
                tokens
            }
            None => self.files(pattern),
        };
        self.expansions += 1;
        self.spent = self.spent.saturating_add(tokens.len());
        if self.is_spent() {
            self.refuse("the import does not end: it imports itself", pattern);
            return Vec::new();
        }
        tokens
    }

    fn is_spent(&self) -> bool {
        self.expansions > MAX_EXPANSIONS || self.spent > MAX_TOKENS
    }

    fn files(&mut self, pattern: &Token) -> Vec<Token> {
        let text = pattern.word.text.as_str();
        let folder = self
            .sources
            .get(pattern.word.span.source)
            .and_then(|source| source.name.rsplit_once('/'))
            .map_or("", |(folder, _)| folder);
        let wanted = absolute(folder, text);
        let has = |c: char| wanted.matches(c).count();
        if has('*') > 1 || has('?') > 1 || (has('[') > 0 && has(']') > 0) {
            let message =
                format!("Glob pattern may only contain one wildcard (*), but has others: {wanted}");
            self.refuse(&message, pattern);
            return Vec::new();
        }
        if has('[') > 0 || wanted.ends_with('\\') {
            let message = format!("Failed to use import pattern {text}: syntax error in pattern");
            self.refuse(&message, pattern);
            return Vec::new();
        }
        let mut matched: Vec<(String, usize)> = self
            .sources
            .iter()
            .enumerate()
            .map(|(index, source)| (absolute("", &source.name), index))
            .filter(|(name, _)| glob(&wanted, name))
            .collect();
        matched.sort();
        let matched: Vec<usize> = matched.into_iter().map(|(_, index)| index).collect();
        if matched.is_empty() && !wanted.contains(['*', '?', ']']) {
            let inside = format!("{}/", wanted.trim_end_matches('/'));
            let is_folder = self
                .sources
                .iter()
                .any(|source| absolute("", &source.name).starts_with(&inside));
            let message = if is_folder {
                format!("Could not import {wanted}: is a directory")
            } else {
                format!("File to import not found: {text}")
            };
            self.refuse(&message, pattern);
        }
        let tokens = matched.iter().filter_map(|index| self.tokens.get(*index));
        let tokens = tokens.flatten().cloned().collect();
        self.remember(pattern, matched, false);
        tokens
    }

    fn remember(&mut self, pattern: &Token, matched: Vec<usize>, snippet: bool) {
        let pattern = pattern.word.clone();
        self.imports.push(Import {
            pattern,
            matched,
            snippet,
        });
    }

    /// Adds what CoreDNS refuses.
    pub(crate) fn refuse(&mut self, message: &str, at: &Token) {
        self.problem(message, at, true);
    }

    /// Adds what CoreDNS silently misreads.
    pub(crate) fn warn(&mut self, message: &str, at: &Token) {
        self.problem(message, at, false);
    }

    fn problem(&mut self, message: &str, at: &Token, refused: bool) {
        let span = at.word.span;
        self.problems.push(Problem {
            message: message.to_owned(),
            span,
            refused,
        });
    }
}

/// A path made absolute, without `.` and `..`.
fn absolute(folder: &str, path: &str) -> String {
    let full = if path.starts_with('/') {
        path.to_owned()
    } else if folder.starts_with('/') {
        format!("{folder}/{path}")
    } else {
        format!("{FOLDER}/{folder}/{path}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in full.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// `*` and `?` within one part of a path, as Go's `filepath.Match`; there is at most one of each.
fn glob(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return fits(pattern, name);
    };
    let (first, last) = (before.chars().count(), after.chars().count());
    let count = name.chars().count();
    let Some(middle) = count.checked_sub(first + last) else {
        return false;
    };
    let at = |n: usize| name.char_indices().nth(n).map_or(name.len(), |(at, _)| at);
    let (start, end) = (at(first), at(first + middle));
    let part = |range: std::ops::Range<usize>| name.get(range).unwrap_or_default();
    fits(before, part(0..start))
        && !part(start..end).contains('/')
        && fits(after, part(end..name.len()))
}

fn fits(pattern: &str, text: &str) -> bool {
    pattern.chars().count() == text.chars().count()
        && pattern
            .chars()
            .zip(text.chars())
            .all(|(p, c)| p == c || (p == '?' && c != '/'))
}
