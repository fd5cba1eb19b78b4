//! Reads the directives of a block, each with its properties.

use super::Parser;
use crate::help;
use crate::lexer::Token;
use crate::problem::{Said, Stage};
use crate::tree::{Directive, Property, Span, Word};

impl Parser<'_> {
    /// All directives of a block up to its `}`, which is taken.
    pub(super) fn directives(
        &mut self,
        open: Option<&Token>,
        key: Option<Token>,
    ) -> Vec<Directive> {
        let mut directives = Vec::new();
        while let Some(token) = self.feed.peek() {
            if token.closes() {
                self.close(open);
                return directives;
            }
            if self.feed.is(&token, "import") {
                self.feed.import();
            } else {
                self.feed.take();
                directives.push(self.directive(token));
            }
        }
        if let (Some(open), Some(last)) = (open, self.feed.last) {
            if last.closes() {
                // CoreDNS looks at the last token only, and this one is a directive's.
                let at = key.unwrap_or(last).span();
                let culprit = self.feed.left_open();
                let message = "the server block is not closed: the last '}' belongs to a directive";
                let problem = self.feed.silent(message, at);
                problem.culprit = culprit;
                problem.help = help::LAST_BRACE.into();
            } else {
                self.not_closed(*open);
            }
        }
        directives
    }

    fn directive(&mut self, name: Token) -> Directive {
        let word = self.feed.word(&name);
        self.known(&name, &word);
        let mut directive = Directive {
            name: word,
            braces: None,
            odd: None,
            args: Vec::with_capacity(self.feed.rest_of_line(name.line)),
            properties: Vec::new(),
        };
        // The braces that are open.
        let mut open: Vec<Token> = Vec::new();
        let mut closed = false;
        while let Some(token) = self.feed.peek() {
            let new_line = self.feed.starts_line(&token);
            if token.opens() {
                if new_line || !open.is_empty() {
                    let help = if new_line && open.is_empty() {
                        help::OPEN_LINE
                    } else {
                        help::NESTED
                    };
                    self.feed
                        .refuse("Unexpected token '{', expecting argument", &token)
                        .help = help.into();
                    self.setup(&directive.name.text);
                }
                open.push(token);
                self.feed.take();
                if directive.braces.is_none() {
                    directive.braces = Some((token.span(), None));
                    directive
                        .properties
                        .reserve_exact(self.feed.lines_to_brace());
                } else {
                    directive.note(self.feed.raw_word(&token));
                }
            } else if new_line && open.is_empty() {
                break;
            } else if token.closes() {
                let Some(brace) = open.pop() else {
                    let message = "Unexpected '}' because no matching opening brace";
                    self.feed.refuse(message, &token).help = help::STRAY_CLOSE.into();
                    self.feed.take();
                    break;
                };
                self.close(Some(&brace));
                closed = open.is_empty();
                match &mut directive.braces {
                    Some((_, close)) if directive.odd.is_none() => *close = Some(token.span()),
                    _ => directive.note(self.feed.raw_word(&token)),
                }
            } else if new_line && self.feed.is(&token, "import") {
                self.feed.import();
            } else {
                let word = self.feed.word(&token);
                if directive.odd.is_some() || closed {
                    directive.note(word.clone());
                }
                if open.is_empty() {
                    if closed {
                        let (found, name) = (&word.text, &directive.name.text);
                        let message = format!(
                            "'{found}' follows '}}' on its line: CoreDNS takes it for another '{name}'"
                        );
                        self.feed.silent(message, token.span()).help = help::AFTER_CLOSE.into();
                    }
                    self.take_word(token, &word);
                    directive.args.push(word);
                } else {
                    self.property(&mut directive.properties, token, word);
                }
            }
        }
        if let (Some(brace), Some(last)) = (open.last(), self.feed.last) {
            let culprit = self.feed.left_open().unwrap_or(brace.span());
            let problem = self.feed.refuse("Unexpected EOF", &last);
            problem.culprit = Some(culprit).filter(|culprit| *culprit != problem.span);
            problem.help = help::UNCLOSED.into();
        }
        directive
    }

    /// Refuses a directive that this CoreDNS does not know.
    fn known(&mut self, name: &Token, word: &Word) {
        let unknown = match self.feed.options.directives {
            Some(known) => !known.contains(&word.text.as_str()),
            None => word.text == "{",
        };
        if unknown {
            let elsewhere = |it: &Span| it.source != name.source as usize;
            let culprit = self.feed.left_open().or(self.bare).filter(elsewhere);
            let message = format!("Unknown directive '{}'", word.text);
            let problem = self.feed.refuse(message, name);
            problem.culprit = culprit;
            problem.help = help::UNKNOWN.into();
        }
    }

    /// The problem that was added last is one that the plugin's setup finds.
    fn setup(&mut self, name: &str) {
        if let Some(problem) = self.feed.problems.last_mut() {
            problem.stage = Stage::Setup;
            problem.said = Said::Plugin(name.to_owned());
        }
    }

    fn property(&mut self, properties: &mut Vec<Property>, token: Token, word: Word) {
        let last = self.feed.last;
        let same_line = last.is_some_and(|last| token.continues(&last) && !last.is_brace());
        self.take_word(token, &word);
        match properties.last_mut() {
            Some(property) if same_line => property.args.push(word),
            _ => properties.push(Property {
                name: word,
                args: Vec::with_capacity(self.feed.rest_of_line(token.line)),
            }),
        }
    }

    /// Takes the token that comes next. CoreDNS counts the line breaks of its value, to which
    /// variables may add.
    pub(super) fn take_word(&mut self, mut token: Token, word: &Word) {
        self.feed.skip();
        self.feed.last_value = None;
        if token.is_variable() {
            self.feed.last_value = Some(word.text.clone());
            let breaks = word.text.bytes().filter(|byte| *byte == b'\n').count();
            token.end_line = token.line + u32::try_from(breaks).unwrap_or(u32::MAX - token.line);
        }
        self.feed.last = Some(token);
    }
}
