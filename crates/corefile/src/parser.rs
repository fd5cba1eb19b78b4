//! The parser: server blocks, directives and properties out of tokens
//! (github.com/coredns/caddy, caddyfile/parse.go).

mod directives;

use std::collections::BTreeSet;

use crate::feed::Feed;
use crate::help;
use crate::key;
use crate::lexer::Token;
use crate::options::Options;
use crate::problem::{Problem, Said};
use crate::tree::{Corefile, ServerBlock, Source, Span, Word};

/// Reads a Corefile and the files it may import; see the crate's page.
pub fn parse(main: Source, files: Vec<Source>) -> Corefile {
    parse_with(main, files, &Options::default())
}

/// Reads a Corefile as [`parse`] does, with the environment and the plugins that CoreDNS has.
pub fn parse_with(main: Source, files: Vec<Source>, options: &Options<'_>) -> Corefile {
    let mut sources = vec![main];
    sources.extend(files);
    let mut parser = Parser {
        feed: Feed::new(&sources, options),
        bare: None,
        blocks: Vec::new(),
    };
    while parser.feed.peek().is_some() {
        parser.block();
    }
    parser.quotes();
    let Parser { feed, blocks, .. } = parser;
    let Feed {
        imports,
        mut problems,
        variables,
        ..
    } = feed;
    problems.extend(key::repeated(&blocks));
    // What is imported often is wrong once.
    let mut seen = BTreeSet::new();
    problems.retain(|it| seen.insert((it.span, it.message.clone())));
    Corefile {
        sources,
        blocks,
        imports,
        problems,
        variables,
    }
}

struct Parser<'a> {
    feed: Feed<'a>,
    /// The first key of the block being read, if it has no brace.
    bare: Option<Span>,
    blocks: Vec<ServerBlock>,
}

impl Parser<'_> {
    fn block(&mut self) {
        let words = self.keys();
        let next = self.feed.peek();
        if let [(token, word)] = words.as_slice()
            && let Some(name) = snippet_name(key::text(word))
            && let Some(next) = next
        {
            let name = name.to_owned();
            self.snippet(name, *token, next);
            return;
        }
        let mut keys = Vec::new();
        for (token, word) in &words {
            let (of_word, trouble) = key::keys(word);
            keys.extend(of_word);
            if let Some(trouble) = trouble {
                self.feed.add(trouble.at(token.span()));
            }
        }
        let open = next.filter(Token::opens);
        let first = words.first().map(|(token, _)| token.span());
        self.bare = first.filter(|_| open.is_none());
        if let Some(open) = open {
            self.feed.take();
            if words.is_empty() {
                let message = "a server block without a zone is ignored";
                self.feed.silent(message, open.span()).help = help::NO_ZONE.into();
            }
        } else {
            self.bare(&words);
        }
        let directives = self.directives(open.as_ref(), words.last().map(|(token, _)| *token));
        if !keys.is_empty() {
            self.blocks.push(ServerBlock { keys, directives });
        }
    }

    /// Blames quotes that are never closed: for what CoreDNS refuses at the end of the text, or by
    /// themselves.
    fn quotes(&mut self) {
        for quote in self.feed.unclosed_quotes() {
            let at_end = |it: &&mut Problem| {
                it.refused && (it.help() == help::UNCLOSED || it.help() == help::KEYS_END)
            };
            if let Some(problem) = self.feed.problems.iter_mut().find(at_end) {
                problem.culprit = Some(quote);
                problem.help = help::QUOTE.into();
            } else {
                let message =
                    "a quote is never closed: CoreDNS takes the rest of the file for one word";
                self.feed.silent(message, quote).help = help::QUOTE.into();
            }
        }
    }

    /// Warns of keys that are plugins' names, in a block that has no brace.
    fn bare(&mut self, words: &[(Token, Word)]) {
        let Some(known) = self.feed.options.directives else {
            return;
        };
        if let Some((token, word)) = words.first()
            && known.contains(&word.text.as_str())
        {
            let name = &word.text;
            let message = format!(
                "'{name}' stands outside any server block: CoreDNS takes its line for zones"
            );
            self.feed.silent(message, token.span()).help = help::DIRECTIVE_AS_ZONE.into();
        }
    }

    /// The words before a block's brace; without a brace they end with their line.
    fn keys(&mut self) -> Vec<(Token, Word)> {
        let mut words: Vec<(Token, Word)> = Vec::new();
        let (mut comma, mut after_key) = (false, false);
        while let Some(token) = self.feed.peek() {
            let new_line = self.feed.starts_line(&token);
            if new_line && after_key && !comma {
                return words;
            }
            after_key = false;
            let word = self.feed.word(&token);
            if word.text == "import" && new_line {
                self.feed.import();
                continue;
            }
            if word.text == "{" {
                if comma {
                    let message = "Expected another address but had '{' - check for extra comma";
                    self.feed.refuse(message, &token).help = help::COMMA.into();
                }
                return words;
            }
            self.feed.take();
            after_key = true;
            if !word.text.is_empty() {
                comma = word.text.ends_with(',');
                words.push((token, word));
            }
        }
        if let Some(last) = self.feed.last.filter(|_| comma) {
            let culprit = words.last().map(|(token, _)| token.span());
            let problem = self.feed.refuse("Unexpected EOF", &last);
            problem.culprit = culprit.filter(|culprit| *culprit != problem.span);
            problem.help = help::KEYS_END.into();
        }
        words
    }

    /// Reads a snippet of this name behind its key, from the token that comes next.
    fn snippet(&mut self, name: String, key: Token, next: Token) {
        let is_new = !self.feed.snippets.contains_key(&name);
        if !is_new {
            let message = format!("redeclaration of previously declared snippet {name}");
            let problem = self.feed.refuse(message, &next);
            problem.culprit = Some(key.span());
            problem.help = help::SNIPPET_TWICE.into();
        }
        if !next.opens() {
            let found = self.feed.raw(&next);
            let message = format!("Unexpected token '{found}', expecting '{{'");
            let problem = self.feed.refuse(message, &next);
            problem.said = Said::Syntax;
            problem.culprit = Some(key.span());
            problem.help = help::SNIPPET_BRACE.into();
            return;
        }
        self.feed.take();
        let mut tokens = Vec::new();
        let mut depth = 1_usize;
        while let Some(token) = self.feed.take() {
            if token.opens() {
                depth += 1;
            } else if token.closes() {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            tokens.push(token);
        }
        if depth > 0 {
            self.not_closed(key);
        }
        self.imports_itself(&name, &tokens);
        if is_new {
            self.feed.snippets.insert(name, self.feed.lists.len());
            self.feed.lists.push(tokens);
        }
    }

    /// CoreDNS looks for the plainest circle when it reads a snippet.
    fn imports_itself(&mut self, name: &str, tokens: &[Token]) {
        let mut before: Option<&Token> = None;
        for pair in tokens.windows(2) {
            let [import, pattern] = pair else { continue };
            let new_line =
                before.is_none_or(|it| it.source != import.source || it.line != import.line);
            if new_line
                && self.feed.is(import, "import")
                && self.feed.word(pattern).text == name
                && let Some(last) = self.feed.last
            {
                let message = "maximum snippet import depth (10000) exceeded";
                let culprit = pattern.span();
                let problem = self.feed.refuse(message, &last);
                problem.culprit = Some(culprit);
                problem.help = help::ENDLESS_IMPORT.into();
                return;
            }
            before = Some(import);
        }
    }

    /// Takes the `}` that comes next; `open` is its `{`.
    fn close(&mut self, open: Option<&Token>) {
        let Some(brace) = self.feed.take() else {
            return;
        };
        if let Some(open) = open.filter(|open| open.source != brace.source) {
            let files = [open.source as usize, brace.source as usize];
            let balance = self.feed.balance();
            let guilty = balance.iter().find(|it| files.contains(&it.brace.source));
            let culprit = guilty.map(|it| it.brace).filter(|it| *it != brace.span());
            let message = "'}' closes a block that another file opened";
            let problem = self.feed.silent(message, brace.span());
            problem.culprit = culprit;
            problem.help = help::OTHER_FILE.into();
        }
    }

    /// The text ends before the block that began here.
    fn not_closed(&mut self, open: Token) {
        let Some(last) = self.feed.last else { return };
        let culprit = self.feed.left_open().unwrap_or(open.span());
        let found = match &self.feed.last_value {
            Some(value) => value.clone(),
            None => self.feed.raw(&last).into_owned(),
        };
        let message = format!("Unexpected token '{found}', expecting '}}'");
        let problem = self.feed.refuse(message, &last);
        problem.said = Said::Syntax;
        problem.culprit = Some(culprit).filter(|culprit| *culprit != problem.span);
        problem.help = help::UNCLOSED.into();
    }
}

/// `(name)` names a snippet.
fn snippet_name(key: &str) -> Option<&str> {
    key.strip_prefix('(')
        .and_then(|name| name.strip_suffix(')'))
}
