//! The syntax tree: sources, words with spans, server blocks, directives.

use crate::expand;
use crate::key::Key;
use crate::problem::Problem;
use crate::variable::Variable;

/// A text that CoreDNS reads: the Corefile or a file it imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Path relative to the folder of the Corefile: `Corefile`, `custom/corp.server`.
    pub name: String,
    /// The text.
    pub text: String,
}

impl Source {
    /// A source of this name and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }

    /// A source of this name and of bytes that may not be UTF-8: as in CoreDNS each byte that is
    /// none becomes U+FFFD. To write the bytes back as they were, use
    /// [`Document`](crate::Document).
    pub fn from_bytes(name: impl Into<String>, bytes: &[u8]) -> Self {
        Self::new(name, crate::document::decode(bytes))
    }

    /// The line on which a byte stands, from 1.
    pub fn line(&self, at: usize) -> u32 {
        let before = self.text.get(..at).unwrap_or(&self.text);
        let breaks = before.matches('\n').count();
        u32::try_from(breaks).unwrap_or(u32::MAX - 1) + 1
    }
}

/// Bytes of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Index in [`Corefile::sources`].
    pub source: usize,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// A token: its value without quotes and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The value.
    pub text: String,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// A property in a directive's block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: Word,
    /// The words after it on its line.
    pub args: Vec<Word>,
}

/// A plugin's line in a server block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Name of the plugin.
    pub name: Word,
    /// The words after it on its line, outside its block.
    pub args: Vec<Word>,
    /// The lines of its block.
    pub properties: Vec<Property>,
    /// The braces of its block, where its tokens are those of a plain directive: arguments, then at
    /// most one block.
    pub(crate) braces: Option<(Span, Option<Span>)>,
    /// All its tokens, where they are anything else.
    pub(crate) odd: Option<Vec<Word>>,
}

impl Directive {
    /// All its tokens in order, its name and the braces included: what the plugin's setup is
    /// given.
    pub fn words(&self) -> Vec<Word> {
        if let Some(odd) = &self.odd {
            return odd.clone();
        }
        let brace = |text: &str, span| Word {
            text: text.to_owned(),
            span,
        };
        let mut words = vec![self.name.clone()];
        words.extend(self.args.iter().cloned());
        if let Some((open, close)) = self.braces {
            words.push(brace("{", open));
            for property in &self.properties {
                words.push(property.name.clone());
                words.extend(property.args.iter().cloned());
            }
            words.extend(close.map(|close| brace("}", close)));
        }
        words
    }

    /// Notes a token after which the directive is no longer plain, or one that comes after that.
    pub(crate) fn note(&mut self, word: Word) {
        if self.odd.is_none() {
            self.odd = Some(self.words());
        }
        self.odd.get_or_insert_default().push(word);
    }
}

/// A server block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerBlock {
    /// What it serves.
    pub keys: Vec<Key>,
    /// Its directives in file order, imports expanded.
    pub directives: Vec<Directive>,
}

impl ServerBlock {
    /// The first directive of this name.
    pub fn directive(&self, name: &str) -> Option<&Directive> {
        self.directives
            .iter()
            .find(|directive| directive.name.text == name)
    }

    /// All directives of this name, in file order.
    pub fn directives_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Directive> {
        self.directives
            .iter()
            .filter(move |directive| directive.name.text == name)
    }

    /// The zones it serves, lower case with a final dot.
    pub fn zones(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.zone.as_str())
    }
}

/// An `import` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its argument.
    pub pattern: Word,
    /// Indices of the sources it brought in.
    pub matched: Vec<usize>,
    /// Whether it named a snippet.
    pub snippet: bool,
}

/// A Corefile as CoreDNS would read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corefile {
    pub(crate) sources: Vec<Source>,
    /// Server blocks in the order in which they are read.
    pub blocks: Vec<ServerBlock>,
    /// Every `import` that was followed.
    pub imports: Vec<Import>,
    /// What is wrong, in reading order; keys that clash come last.
    pub problems: Vec<Problem>,
    /// The environment variables it refers to.
    pub variables: Vec<Variable>,
}

impl Corefile {
    /// The texts: the Corefile first, then the files as given.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Path and line of a span as CoreDNS prints them. Paths are taken to be under
    /// `/etc/coredns`, where distributions mount the Corefile.
    pub fn path_and_line(&self, span: Span) -> (String, u32) {
        self.sources.get(span.source).map_or_else(
            || (expand::absolute("", "Corefile"), 1),
            |source| (expand::absolute("", &source.name), source.line(span.start)),
        )
    }
}
