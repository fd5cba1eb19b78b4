//! What `import` brings in: the tokens of snippets and of files, each keeping its origin.

use crate::feed::Feed;
use crate::help;
use crate::lexer::Token;
use crate::tree::{Import, Word};

/// Snippets that CoreDNS puts in before it gives up (since 1.13.0; older ones never end).
const MAX_SNIPPETS: usize = 10_000;
/// Imports of files after which CoreDNS gives up.
const MAX_FILES: usize = 100_000;
/// Imported tokens after which we give up, beside a multiple of what was given: far above any
/// honest Corefile, low enough for a browser.
const MAX_TOKENS: usize = 100_000;
/// Imports that are kept for the caller.
const MAX_REMEMBERED: usize = 10_000;
/// Folder in which distributions mount the Corefile.
const FOLDER: &str = "/etc/coredns";

/// What imports have cost so far.
pub(crate) struct Spent {
    snippets: usize,
    files: usize,
    tokens: usize,
    limit: usize,
    over: bool,
}

impl Spent {
    pub(crate) fn new(given: usize) -> Self {
        Self {
            snippets: 0,
            files: 0,
            tokens: 0,
            limit: given.saturating_mul(16).saturating_add(MAX_TOKENS),
            over: false,
        }
    }
}

impl Feed<'_> {
    /// Replaces the `import` that comes next.
    pub(crate) fn import(&mut self) {
        let Some(import) = self.peek() else { return };
        self.skip();
        let Some(pattern) = self.peek().filter(|token| token.continues(&import)) else {
            let name = self.raw(&import);
            let message = format!("Wrong argument count or unexpected line ending after '{name}'");
            self.refuse(message, &import).help = help::IMPORT.into();
            return;
        };
        self.skip();
        let word = self.word(&pattern);
        if word.text.is_empty() {
            self.refuse("Import requires a non-empty filepath", &pattern)
                .help = help::IMPORT.into();
            return;
        }
        if let Some(extra) = self.peek().filter(|token| token.continues(&pattern)) {
            let message = "Import takes only one argument (glob pattern or file)";
            self.refuse(message, &extra).help = help::IMPORT.into();
            // Only braces are worth keeping: they close or open what stands around.
            let mut before = pattern;
            while let Some(token) = self.peek()
                && token.continues(&before)
                && !token.is_brace()
            {
                before = token;
                self.skip();
            }
        }
        self.expand(&pattern, word);
    }

    fn expand(&mut self, at: &Token, pattern: Word) {
        if self.spent.over {
            return;
        }
        let snippet = self.snippets.get(&pattern.text).copied();
        let over = if snippet.is_some() {
            self.spent.snippets += 1;
            self.spent.snippets > MAX_SNIPPETS
        } else {
            self.spent.files += 1;
            self.spent.files > MAX_FILES
        };
        if over {
            self.give_up(at, snippet.is_some());
            return;
        }
        let lists = match snippet {
            Some(list) => vec![list],
            None => self.files_once(at, &pattern.text),
        };
        let count = |list: &usize| self.lists.get(*list).map_or(0, Vec::len);
        let count: usize = lists.iter().map(count).sum();
        self.spent.tokens = self.spent.tokens.saturating_add(count);
        if self.spent.tokens > self.spent.limit {
            self.give_up(at, snippet.is_some());
            return;
        }
        for list in lists.iter().rev() {
            self.read(*list);
        }
        if self.imports.len() < MAX_REMEMBERED {
            self.imports.push(Import {
                pattern,
                matched: if snippet.is_some() { Vec::new() } else { lists },
                snippet: snippet.is_some(),
            });
        }
    }

    fn give_up(&mut self, at: &Token, snippet: bool) {
        self.spent.over = true;
        // CoreDNS prints the limit of snippets in both.
        let what = if snippet { "snippet" } else { "file" };
        let message = format!("maximum {what} import depth ({MAX_SNIPPETS}) exceeded");
        self.refuse(message, at).help = help::ENDLESS_IMPORT.into();
    }

    /// The files that a pattern names. A line that is imported often is looked at once.
    fn files_once(&mut self, at: &Token, text: &str) -> Vec<usize> {
        let place = (at.source, at.start);
        if let Some(files) = self.found.get(&place) {
            return files.clone();
        }
        let files = self.files(at, text);
        self.imported.extend(&files);
        self.found.insert(place, files.clone());
        files
    }

    /// The files that a pattern names, sorted.
    fn files(&mut self, at: &Token, text: &str) -> Vec<usize> {
        let folder = self
            .sources
            .get(at.source as usize)
            .and_then(|source| source.name.rsplit_once('/'))
            .map_or("", |(folder, _)| folder);
        let wanted = absolute(folder, text);
        let has = |c: char| wanted.matches(c).count();
        if has('*') > 1 || has('?') > 1 || (has('[') > 0 && has(']') > 0) {
            let message =
                format!("Glob pattern may only contain one wildcard (*), but has others: {wanted}");
            self.refuse(message, at).help = help::GLOB.into();
            return Vec::new();
        }
        if has('[') > 0 || wanted.ends_with('\\') {
            let message = format!("Failed to use import pattern {text}: syntax error in pattern");
            self.refuse(message, at).help = help::GLOB.into();
            return Vec::new();
        }
        let is_glob = wanted.contains(['*', '?', ']']);
        self.name_sources();
        let names = self.names.iter().enumerate();
        let mut matched: Vec<(&str, usize)> = names
            .filter(|(_, name)| glob(&wanted, name))
            .map(|(index, name)| (name.as_str(), index))
            .collect();
        matched.sort_unstable();
        // Two sources of one name: the first counts.
        matched.dedup_by(|a, b| a.0 == b.0);
        let matched: Vec<usize> = matched.into_iter().map(|(_, index)| index).collect();
        if let Some(folder) = self.folder(&wanted) {
            let message = format!("Could not import {folder}: is a directory");
            self.refuse(message, at).help = help::FOLDER.into();
        } else if matched.is_empty() && !is_glob {
            let message = format!("File to import not found: {text}");
            self.refuse(message, at).help = help::FILE.into();
        } else if is_glob && takes_data(&wanted) && !matched.is_empty() {
            let message = format!(
                "in a mounted ConfigMap '{text}' takes in the folder '..data' too, and CoreDNS would \
                 not start"
            );
            self.silent(message, at.span()).help = help::DATA.into();
        }
        matched
    }

    /// The first folder that a pattern matches.
    fn folder(&self, wanted: &str) -> Option<String> {
        let wanted = wanted.trim_end_matches('/');
        let folders = self.names.iter().flat_map(|name| {
            std::iter::successors(parent(name), |folder| parent(folder))
                .filter(|folder| glob(wanted, folder))
        });
        folders.min().map(str::to_owned)
    }

    /// Makes the names of the sources absolute, when they are needed first.
    fn name_sources(&mut self) {
        if self.names.is_empty() {
            let names = self.sources.iter().map(|it| absolute("", &it.name));
            self.names = names.collect();
        }
    }
}

fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(folder, _)| folder)
}

/// Whether a pattern takes in the hidden link of a ConfigMap volume. Go's globs treat a leading
/// dot like any other character.
fn takes_data(wanted: &str) -> bool {
    wanted
        .rsplit_once('/')
        .is_some_and(|(folder, name)| !folder.contains(['*', '?']) && glob(name, "..data"))
}

/// A path made absolute, without `.` and `..`.
pub(crate) fn absolute(folder: &str, path: &str) -> String {
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
    let fixed = pattern.find(['*', '?']).unwrap_or(pattern.len());
    if !pattern.get(..fixed).is_some_and(|it| name.starts_with(it)) {
        return false;
    }
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
    let mut text = text.chars();
    pattern.chars().all(|p| {
        text.next()
            .is_some_and(|c| p == c || (p == '?' && c != '/'))
    }) && text.next().is_none()
}
