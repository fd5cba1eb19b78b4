//! Feeds the parser with tokens, imported ones in the place of their `import`, and makes words of
//! them.

use std::collections::{BTreeMap, BTreeSet};

use crate::balance::{self, Unbalanced};
use crate::lexer::{self, Token};
use crate::options::Options;
use crate::problem::{Problem, Said, Stage};
use crate::tree::{Import, Source, Span, Word};
use crate::variable::{self, Variable};

pub(crate) struct Feed<'a> {
    pub(crate) sources: &'a [Source],
    pub(crate) options: &'a Options<'a>,
    /// The tokens of each source, then those of each snippet.
    pub(crate) lists: Vec<Vec<Token>>,
    /// Lists that are being read and how far, the innermost last.
    reading: Vec<(usize, usize)>,
    /// The token read last; an `import` that was replaced does not count.
    pub(crate) last: Option<Token>,
    /// Its value, if variables were put in.
    pub(crate) last_value: Option<String>,
    /// Names of snippets and their lists.
    pub(crate) snippets: BTreeMap<String, usize>,
    pub(crate) imports: Vec<Import>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) spent: crate::expand::Spent,
    /// Absolute names of the sources, once an import has asked for them.
    pub(crate) names: Vec<String>,
    /// The files that each import named so far, by source and first byte of its pattern.
    pub(crate) found: BTreeMap<(u32, usize), Vec<usize>>,
    /// Variables that were remembered, by their word and name.
    seen: BTreeSet<(Span, String)>,
    /// The sources that were imported.
    pub(crate) imported: BTreeSet<usize>,
    /// The braces without a partner, as of so many imported sources.
    balance: Option<(usize, Vec<Unbalanced>)>,
}

impl<'a> Feed<'a> {
    pub(crate) fn new(sources: &'a [Source], options: &'a Options<'a>) -> Self {
        let tokens = sources.iter().enumerate();
        let lists: Vec<_> = tokens
            .map(|(index, source)| lexer::tokens(index, &source.text))
            .collect();
        let total = lists.iter().map(Vec::len).sum();
        Self {
            sources,
            options,
            lists,
            reading: vec![(0, 0)],
            last: None,
            last_value: None,
            snippets: BTreeMap::new(),
            imports: Vec::new(),
            problems: Vec::new(),
            variables: Vec::new(),
            spent: crate::expand::Spent::new(total),
            names: Vec::new(),
            found: BTreeMap::new(),
            seen: BTreeSet::new(),
            imported: BTreeSet::new(),
            balance: None,
        }
    }

    /// The token that comes next.
    pub(crate) fn peek(&mut self) -> Option<Token> {
        while let Some((list, at)) = self.reading.last() {
            if let Some(token) = self.lists.get(*list).and_then(|list| list.get(*at)) {
                return Some(*token);
            }
            self.reading.pop();
        }
        None
    }

    /// How many of the next tokens stand on this line, not counting a brace and what follows it.
    pub(crate) fn rest_of_line(&self, line: u32) -> usize {
        let list = self
            .reading
            .last()
            .and_then(|(list, at)| self.lists.get(*list)?.get(*at..));
        let tokens = list.unwrap_or_default().iter();
        tokens
            .take_while(|token| token.line == line && !token.is_brace())
            .count()
    }

    /// How many of the next tokens begin a line before a brace comes, if that is soon.
    pub(crate) fn lines_to_brace(&self) -> usize {
        let list = self
            .reading
            .last()
            .and_then(|(list, at)| self.lists.get(*list)?.get(*at..));
        let tokens = list.unwrap_or_default().iter().take(64);
        let mut line = 0;
        let block = tokens.take_while(|token| !token.is_brace());
        block
            .filter(|token| std::mem::replace(&mut line, token.line) != token.line)
            .count()
    }

    /// Skips the token that comes next, leaving no trace of it.
    pub(crate) fn skip(&mut self) {
        if let Some((_, at)) = self.reading.last_mut() {
            *at += 1;
        }
    }

    /// Takes the token that comes next.
    pub(crate) fn take(&mut self) -> Option<Token> {
        let token = self.peek()?;
        self.skip();
        self.last = Some(token);
        self.last_value = None;
        Some(token)
    }

    /// Reads this list before what comes next.
    pub(crate) fn read(&mut self, list: usize) {
        self.reading.push((list, 0));
    }

    pub(crate) fn starts_line(&self, token: &Token) -> bool {
        self.last
            .as_ref()
            .is_none_or(|last| token.starts_line_after(last))
    }

    fn text(&self, token: &Token) -> &'a str {
        self.sources
            .get(token.source as usize)
            .map_or("", |source| source.text.as_str())
    }

    /// Value of a token before variables are put in.
    pub(crate) fn raw(&self, token: &Token) -> std::borrow::Cow<'a, str> {
        token.value(self.text(token))
    }

    /// Whether a token reads so before variables are put in.
    pub(crate) fn is(&self, token: &Token, text: &str) -> bool {
        // A token is never shorter than its value.
        token.end - token.start >= text.len() && self.raw(token) == text
    }

    /// A word as it stands.
    pub(crate) fn raw_word(&self, token: &Token) -> Word {
        Word {
            text: self.raw(token).into_owned(),
            span: token.span(),
        }
    }

    /// A word, variables put in.
    pub(crate) fn word(&mut self, token: &Token) -> Word {
        let word = self.raw_word(token);
        if token.is_variable() {
            self.put_in(word)
        } else {
            word
        }
    }

    fn put_in(&mut self, mut word: Word) -> Word {
        let span = word.span;
        let Some(environment) = self.options.environment else {
            let names = variable::names(&word.text).into_iter();
            let unknown = names.map(|name| Variable {
                name,
                span,
                value: None,
                missing: false,
            });
            self.remember(unknown.collect());
            return word;
        };
        let replaced = variable::replace(&word.text, environment);
        let known = replaced
            .variables
            .into_iter()
            .map(|(name, value)| Variable {
                name,
                span,
                missing: value.is_none(),
                value: Some(value.unwrap_or_default()),
            });
        self.remember(known.collect());
        if replaced.endless {
            let message = "a variable names itself in its value: CoreDNS never ends replacing it";
            self.silent(message, span).help = crate::help::ENDLESS_VARIABLE.into();
        }
        word.text = replaced.text;
        word
    }

    /// Remembers each variable of a word once, though a snippet may be used often.
    fn remember(&mut self, variables: Vec<Variable>) {
        for variable in variables {
            if !self.seen.insert((variable.span, variable.name.clone())) {
                continue;
            }
            if variable.missing {
                let name = &variable.name;
                let message =
                    format!("environment variable {name} is not set: CoreDNS puts nothing there");
                let span = variable.span;
                self.silent(message, span).help = crate::help::MISSING_VARIABLE.into();
            }
            self.variables.push(variable);
        }
    }

    /// Adds what the parser refuses.
    pub(crate) fn refuse(&mut self, message: impl Into<String>, at: &Token) -> &mut Problem {
        self.add(Problem::refused(
            Stage::Parse,
            Said::Parsing,
            message,
            at.span(),
        ))
    }

    /// Adds what CoreDNS silently misreads.
    pub(crate) fn silent(&mut self, message: impl Into<String>, span: Span) -> &mut Problem {
        self.add(Problem::silent(message, span))
    }

    #[expect(clippy::indexing_slicing, reason = "it was just pushed")]
    pub(crate) fn add(&mut self, problem: Problem) -> &mut Problem {
        let at = self.problems.len();
        self.problems.push(problem);
        &mut self.problems[at]
    }

    /// The quotes that are never closed, in the files that were read.
    pub(crate) fn unclosed_quotes(&self) -> Vec<Span> {
        let imported = self.imported.iter().copied().filter(|index| *index > 0);
        let read = imported.chain([0]);
        // Such a token runs to the end of its text.
        read.filter_map(|index| self.lists.get(index)?.last()?.unclosed())
            .collect()
    }

    /// The opening brace that some file leaves open, the file that was being read first.
    pub(crate) fn left_open(&mut self) -> Option<Span> {
        let found = self.balance().iter().find(|found| found.open);
        found.map(|found| found.brace)
    }

    /// The braces without a partner, in the files that were read.
    pub(crate) fn balance(&mut self) -> &[Unbalanced] {
        let sources = self.imported.len();
        if self.balance.as_ref().is_none_or(|(of, _)| *of != sources) {
            let found = self.count_braces();
            self.balance = Some((sources, found));
        }
        self.balance.as_ref().map_or(&[], |(_, found)| found)
    }

    fn count_braces(&self) -> Vec<Unbalanced> {
        // The main file last: those that it imports are the likelier culprits.
        let imported = self.imported.iter().copied().filter(|index| *index > 0);
        let read = imported.chain([0]);
        let checked = read.filter_map(|index| {
            let (tokens, source) = (self.lists.get(index)?, self.sources.get(index)?);
            balance::check(tokens, &source.text)
        });
        checked.collect()
    }
}
