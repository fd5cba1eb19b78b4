//! The parser: server blocks, directives and properties out of tokens
//! (github.com/coredns/caddy, caddyfile/parse.go).

use std::collections::BTreeMap;

use crate::expand::Expander;
use crate::key;
use crate::lexer::{self, Token};
use crate::tree::{Corefile, Directive, Property, ServerBlock, Source};

/// Reads a Corefile and the files it may import; see the crate's page.
pub fn parse(main: Source, files: Vec<Source>) -> Corefile {
    let mut sources = vec![main];
    sources.extend(files);
    let tokens: Vec<Vec<Token>> = sources
        .iter()
        .enumerate()
        .map(|(at, source)| lexer::tokens(at, &source.text))
        .collect();
    let rest = tokens
        .first()
        .into_iter()
        .flatten()
        .rev()
        .cloned()
        .collect();
    let expander = Expander {
        sources: &sources,
        tokens,
        snippets: BTreeMap::new(),
        imports: Vec::new(),
        problems: Vec::new(),
        expansions: 0,
        spent: 0,
    };
    let mut parser = Parser {
        expander,
        rest,
        last: None,
        blocks: Vec::new(),
    };
    while parser.peek().is_some() {
        parser.block();
    }
    let Parser {
        expander, blocks, ..
    } = parser;
    let Expander {
        imports,
        mut problems,
        ..
    } = expander;
    problems.extend(key::repeated(&blocks));
    Corefile {
        sources,
        blocks,
        imports,
        problems,
    }
}

struct Parser<'a> {
    expander: Expander<'a>,
    /// What was not read yet, the next token last.
    rest: Vec<Token>,
    /// The token before it; an `import` that was replaced does not count.
    last: Option<Token>,
    blocks: Vec<ServerBlock>,
}

impl Parser<'_> {
    fn block(&mut self) {
        let words = self.keys();
        let brace = self.next_is("{");
        if let [word] = words.as_slice()
            && let Some(name) = snippet_name(key::text(&word.word))
            && self.peek().is_some()
        {
            let name = name.to_owned();
            self.snippet(name, word, brace);
            return;
        }
        let mut keys = Vec::new();
        for token in &words {
            let (of_word, problem) = key::keys(&token.word);
            keys.extend(of_word);
            match problem {
                Some((message, true)) => self.expander.refuse(&message, token),
                Some((message, false)) => self.expander.warn(&message, token),
                None => {}
            }
        }
        let open = if brace { self.take() } else { None };
        if let Some(open) = open.as_ref().filter(|_| keys.is_empty()) {
            self.expander
                .warn("a server block without a zone is ignored", open);
        }
        let directives = self.directives(open.as_ref(), words.last());
        if !keys.is_empty() {
            self.blocks.push(ServerBlock { keys, directives });
        }
    }

    /// The words before a block's brace; without a brace they end with their line.
    fn keys(&mut self) -> Vec<Token> {
        let mut words: Vec<Token> = Vec::new();
        let (mut comma, mut after_key) = (None, false);
        while let Some(token) = self.peek().cloned() {
            let new_line = self.is_new_line(&token);
            if new_line && after_key && comma.is_none() {
                return words;
            }
            after_key = false;
            if token.is("import") && new_line {
                self.import();
                continue;
            }
            if token.is("{") {
                if comma.is_some() {
                    let message = "Expected another address but had '{' - check for extra comma";
                    self.expander.refuse(message, &token);
                }
                return words;
            }
            self.take();
            after_key = true;
            if !token.is("") {
                comma = token.word.text.ends_with(',').then(|| token.clone());
                words.push(token);
            }
        }
        if let Some(comma) = comma {
            self.expander.refuse("Unexpected EOF", &comma);
        }
        words
    }

    fn snippet(&mut self, name: String, key: &Token, brace: bool) {
        let is_new = !self.expander.snippets.contains_key(&name);
        if !is_new {
            let message = format!("redeclaration of previously declared snippet {name}");
            self.expander.refuse(&message, key);
        }
        if !brace {
            let found = self
                .peek()
                .map(|token| token.word.text.clone())
                .unwrap_or_default();
            let message = format!("Unexpected token '{found}', expecting '{{'");
            self.expander.refuse(&message, key);
            return;
        }
        self.take();
        let mut tokens = Vec::new();
        let mut depth = 1_usize;
        while let Some(token) = self.take() {
            if token.is("{") {
                depth += 1;
            } else if token.is("}") {
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
        if is_new {
            self.expander.snippets.insert(name, tokens);
        }
    }

    fn directives(&mut self, open: Option<&Token>, key: Option<&Token>) -> Vec<Directive> {
        let mut directives = Vec::new();
        while let Some(token) = self.peek() {
            if token.is("}") {
                self.close(open);
                return directives;
            }
            if token.is("import") {
                self.import();
            } else if let Some(name) = self.take() {
                directives.push(self.directive(&name));
            }
        }
        if open.is_some()
            && let Some(last) = self.last.clone()
        {
            if last.is("}") {
                // CoreDNS looks at the last token only, and this one is a directive's.
                let message = "the server block is not closed: the last '}' belongs to a directive";
                self.expander.warn(message, key.unwrap_or(&last));
            } else {
                self.not_closed(&last);
            }
        }
        directives
    }

    fn directive(&mut self, name: &Token) -> Directive {
        if name.is("{") {
            self.expander.refuse("Unknown directive '{'", name);
        }
        let mut directive = Directive {
            name: name.word.clone(),
            args: Vec::new(),
            properties: Vec::new(),
        };
        // The braces that are open.
        let mut open: Vec<Token> = Vec::new();
        let mut closed = false;
        while let Some(token) = self.peek().cloned() {
            let new_line = self.is_new_line(&token);
            if token.is("{") {
                if new_line || !open.is_empty() {
                    self.expander
                        .refuse("Unexpected token '{', expecting argument", &token);
                }
                open.push(token);
                self.take();
            } else if new_line && open.is_empty() {
                break;
            } else if token.is("}") {
                let brace = open.pop();
                if brace.is_none() {
                    let message = "Unexpected '}' because no matching opening brace";
                    self.expander.refuse(message, &token);
                    self.take();
                    break;
                }
                self.close(brace.as_ref());
                closed = open.is_empty();
            } else if token.is("import") && new_line {
                self.import();
            } else if open.is_empty() {
                if closed {
                    let (found, name) = (&token.word.text, &name.word.text);
                    let message = format!(
                        "'{found}' follows '}}' on its line: CoreDNS takes it for another '{name}'"
                    );
                    self.expander.warn(&message, &token);
                }
                directive.args.push(token.word);
                self.take();
            } else {
                self.property(&mut directive.properties, &token);
                self.take();
            }
        }
        if !open.is_empty() {
            self.expander.refuse("Unexpected EOF", name);
        }
        directive
    }

    fn property(&self, properties: &mut Vec<Property>, token: &Token) {
        let same_line = self
            .last
            .as_ref()
            .is_some_and(|last| token.continues(last) && !last.is("{") && !last.is("}"));
        match properties.last_mut() {
            Some(property) if same_line => property.args.push(token.word.clone()),
            _ => properties.push(Property {
                name: token.word.clone(),
                args: Vec::new(),
            }),
        }
    }

    /// Takes the `}` that comes next; `open` is its `{`.
    fn close(&mut self, open: Option<&Token>) {
        let Some(brace) = self.take() else { return };
        if open.is_some_and(|open| open.word.span.source != brace.word.span.source) {
            self.expander
                .warn("'}' closes a block that another file opened", &brace);
        }
    }

    /// Replaces the `import` that comes next.
    fn import(&mut self) {
        let Some(import) = self.rest.pop() else {
            return;
        };
        let Some(pattern) = self.rest.pop_if(|token| token.continues(&import)) else {
            let message = "Wrong argument count or unexpected line ending after 'import'";
            self.expander.refuse(message, &import);
            return;
        };
        if pattern.is("") {
            self.expander
                .refuse("Import requires a non-empty filepath", &pattern);
            return;
        }
        if let Some(extra) = self
            .peek()
            .filter(|token| token.continues(&pattern))
            .cloned()
        {
            let message = "Import takes only one argument (glob pattern or file)";
            self.expander.refuse(message, &extra);
            // Only braces are worth keeping: they close or open what stands around.
            let mut before = pattern.clone();
            while let Some(token) = self
                .rest
                .pop_if(|token| token.continues(&before) && !token.is("{") && !token.is("}"))
            {
                before = token;
            }
        }
        let tokens = self.expander.expand(&pattern);
        self.rest.extend(tokens.into_iter().rev());
    }

    fn not_closed(&mut self, at: &Token) {
        let found = self
            .last
            .as_ref()
            .map(|token| token.word.text.clone())
            .unwrap_or_default();
        self.expander
            .refuse(&format!("Unexpected token '{found}', expecting '}}'"), at);
    }

    fn peek(&self) -> Option<&Token> {
        self.rest.last()
    }

    fn next_is(&self, text: &str) -> bool {
        self.peek().is_some_and(|token| token.is(text))
    }

    fn is_new_line(&self, token: &Token) -> bool {
        self.last
            .as_ref()
            .is_none_or(|last| token.starts_line_after(last))
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.rest.pop()?;
        self.last = Some(token.clone());
        Some(token)
    }
}

/// `(name)` names a snippet.
fn snippet_name(key: &str) -> Option<&str> {
    key.strip_prefix('(')
        .and_then(|name| name.strip_suffix(')'))
}
