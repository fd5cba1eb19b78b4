//! The syntax tree: sources, words with spans, server blocks, directives.

use crate::key::Key;

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

/// Something that is wrong with a Corefile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What CoreDNS says, without file and line; where it says nothing, what it does.
    pub message: String,
    /// Where.
    pub span: Span,
    /// Whether CoreDNS refuses the configuration over it. If not, it silently takes the text for
    /// something that nobody meant.
    pub refused: bool,
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
}

impl Corefile {
    /// The texts: the Corefile first, then the files as given.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }
}
