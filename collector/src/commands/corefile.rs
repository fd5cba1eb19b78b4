//! `digpod corefile`: Corefiles as CoreDNS reads them.

mod fmt;
mod lint;
mod load;
mod show;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use digpod_corefile::plugin::{self, Version};

use crate::cli::{Color, Corefile as Command, CorefileInput};
use crate::error::{Failure, plain};
use crate::exit::Exit;

use load::Configuration;

pub(super) fn run(command: &Command, color: Color) -> Result<Exit, Failure> {
    match command {
        Command::Show(options) => show::run(options, color),
        Command::Lint(options) => lint::run(&options.input, color),
        Command::Fmt(options) => fmt::run(options),
    }
}

/// A Corefile, read as one version of CoreDNS reads it.
struct Read {
    configuration: Configuration,
    version: Version,
    /// With everything that is wrong with it, in the order in which CoreDNS would meet it.
    corefile: digpod_corefile::Corefile,
}

impl Read {
    fn new(input: &CorefileInput) -> Result<Self, Failure> {
        let environment = environment(&input.environment)?;
        let typed = input.coredns.as_deref().map(typed_version).transpose()?;
        let mut configuration = load::load(input)?;
        let known = configuration.version.as_deref().and_then(Version::parse);
        let wanted = typed.or(known).unwrap_or(Version::NEWEST);
        let version = wanted.clamp(Version::OLDEST, Version::NEWEST);
        if version != wanted {
            let note = format!("CoreDNS {wanted} is not known; read as {version}");
            configuration.notes.push(note);
        }
        let mut sources = std::mem::take(&mut configuration.sources).into_iter();
        let main = sources
            .next()
            .ok_or_else(|| Failure::new("there is no Corefile in it"))?;
        let environment = (!environment.is_empty()).then_some(&environment);
        let mut corefile = digpod_corefile::lint(main, sources.collect(), environment, version);
        if configuration.node_cache {
            configuration.notes.push(
                "this is a Corefile of node-cache (NodeLocal DNSCache), which puts addresses in \
                 the place of __PILLAR__ words and has few of CoreDNS's plugins"
                    .to_owned(),
            );
            let unknown = plugin::unknown_to_node_cache(&corefile, version);
            corefile.problems.extend(unknown);
            corefile.problems.sort_by_key(|it| (!it.refused, it.stage));
        }
        Ok(Self {
            configuration,
            version,
            corefile,
        })
    }

    /// What reads the Corefile.
    fn reader(&self) -> String {
        if self.configuration.node_cache {
            format!("node-cache with CoreDNS {}", self.version)
        } else {
            format!("CoreDNS {}", self.version)
        }
    }

    /// What the user should know of what was read, a line each.
    fn notes(&self) -> String {
        let mut notes = String::new();
        for note in &self.configuration.notes {
            let _ = writeln!(notes, "note: {}", plain(note));
        }
        notes
    }

    /// What CoreDNS would print and stop at.
    fn refusal(&self) -> Option<String> {
        let first = self.corefile.first_refusal()?;
        self.corefile.said(first).map(|said| visible(&said))
    }

    /// Where a span stands, for the user: `coredns.yaml: ConfigMap coredns, Corefile:9`.
    fn place(&self, span: digpod_corefile::Span) -> String {
        let line = self
            .corefile
            .sources()
            .get(span.source)
            .map_or(1, |source| source.line(span.start));
        format!("{}:{line}", self.configuration.shown(span.source))
    }

    /// Files and keys that neither an import nor a plugin names: CoreDNS never reads them.
    fn unread(&self) -> Vec<usize> {
        let sources = self.corefile.sources().iter().enumerate().skip(1);
        let imported = |index: usize| {
            let mut imports = self.corefile.imports.iter();
            imports.any(|import| import.matched.contains(&index))
        };
        let blocks = self.corefile.blocks.iter();
        let words: Vec<digpod_corefile::Word> = blocks
            .flat_map(|block| &block.directives)
            .flat_map(digpod_corefile::Directive::words)
            .collect();
        // A zone file, a list of hosts, a certificate; or the folder it is in.
        let named = |name: &str| {
            let mut names = std::iter::successors(Some(name), |name| {
                name.rsplit_once('/').map(|(folder, _)| folder)
            });
            names.any(|name| {
                words.iter().any(|word| {
                    let rest = word.text.strip_suffix(name);
                    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
                })
            })
        };
        sources
            .filter(|(index, source)| !imported(*index) && !named(&source.name))
            .map(|(index, _)| index)
            .collect()
    }
}

/// A text as CoreDNS reads it.
fn text(shown: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    let help = "give a Corefile, a ConfigMap as kubectl prints it, or a bundle";
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        let message = format!("{shown} is no text: byte {at} is zero");
        return Err(Failure::new(message).help(help));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::new(format!("{shown} is not UTF-8 text: byte {at}")).help(help)
    })
}

/// Whether nothing stands in a text.
fn is_blank(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim().is_empty()
}

/// A message with its line breaks spelled out, and its end left out if it is very long.
fn visible(text: &str) -> String {
    let text = text
        .replace('\n', "\\n")
        .replace('\r', "\\r")
        .replace('\t', "\\t");
    clipped(&text, 400)
}

/// The beginning of a text that is longer than so many characters.
fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn typed_version(typed: &str) -> Result<Version, Failure> {
    let version: Version = typed.parse().map_err(|error: plugin::NotAVersion| {
        Failure::usage(format!("--coredns {typed:?} is {error}")).help(error.help())
    })?;
    if version < Version::OLDEST {
        let message = format!("--coredns {version} is older than any that digpod knows");
        let (oldest, newest) = (Version::OLDEST, Version::NEWEST);
        let help = format!("give a version from {oldest} to {newest}");
        return Err(Failure::usage(message).help(help));
    }
    Ok(version)
}

fn environment(typed: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let read = |text: &String| {
        let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
        pair.map(|(name, value)| (name.to_owned(), value.to_owned()))
            .ok_or_else(|| {
                Failure::usage(format!("--env {text:?} is not NAME=VALUE"))
                    .help("write it as --env HOST_IP=10.1.0.9")
            })
    };
    typed.iter().map(read).collect()
}
