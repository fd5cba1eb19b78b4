//! `digpod corefile`: Corefiles as CoreDNS reads them.

mod fmt;
mod lint;
mod load;
mod show;

use std::collections::BTreeMap;

use digpod_corefile::plugin::{self, Version};

use crate::cli::{Color, Corefile as Command, CorefileInput};
use crate::error::Failure;
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
        let mut configuration = load::load(&input.inputs)?;
        let version = version(input.coredns.as_deref(), configuration.version.as_deref())?;
        let mut sources = std::mem::take(&mut configuration.sources).into_iter();
        let main = sources
            .next()
            .ok_or_else(|| Failure::new("there is no Corefile in it"))?;
        let environment = (!environment.is_empty()).then_some(&environment);
        let corefile = digpod_corefile::lint(main, sources.collect(), environment, version);
        Ok(Self {
            configuration,
            version,
            corefile,
        })
    }

    /// What CoreDNS would print and stop at.
    fn refusal(&self) -> Option<String> {
        let first = self.corefile.first_refusal()?;
        self.corefile.said(first)
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
}

fn version(typed: Option<&str>, known: Option<&str>) -> Result<Version, Failure> {
    if let Some(typed) = typed {
        return typed.parse().map_err(|error: plugin::NotAVersion| {
            Failure::usage(format!("--coredns {typed:?} is {error}")).help(error.help())
        });
    }
    Ok(known.and_then(Version::parse).unwrap_or(Version::NEWEST))
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
