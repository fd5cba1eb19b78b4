//! What is wrong with a Corefile, in CoreDNS's own words, and what to do about it.

use std::borrow::Cow;

use crate::tree::{Corefile, Span};

/// At which step of its start CoreDNS meets a problem. A step begins only when the one before it
/// ended without an error, so problems of an earlier step are met first whatever their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Splitting the text into server blocks and directives (`caddyfile.Parse`).
    Parse,
    /// Reading the keys of the server blocks (`InspectServerBlocks`).
    Zones,
    /// Setting up the plugins, each in turn in the order of plugin.cfg.
    Setup,
    /// Making the servers, where zones must not clash (`MakeServers`).
    Serve,
    /// Opening the sockets.
    Listen,
}

/// How CoreDNS words what it refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// `file:line - Error during parsing: message`.
    Parsing,
    /// `file:line - Syntax error: message`.
    Syntax,
    /// `plugin/name: file:line - Error during parsing: message`.
    Plugin(String),
    /// `plugin/name: message`, without file and line.
    PluginBare(String),
    /// The message alone.
    Bare,
    /// `error inspecting server blocks: message`.
    Inspecting,
    /// Nothing: it goes on with a text that nobody meant, or that is merely odd.
    Nothing,
}

/// Something that is wrong with a Corefile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What CoreDNS says, without file and line; where it says nothing, what it does.
    pub message: String,
    /// The words that CoreDNS points at: their file and line are in its message.
    pub span: Span,
    /// Where the mistake is, if that is not where CoreDNS points.
    pub culprit: Option<Span>,
    /// Whether CoreDNS refuses the configuration over it. If not, it silently takes the text for
    /// something that nobody meant.
    pub refused: bool,
    /// How CoreDNS words it.
    pub said: Said,
    /// When CoreDNS meets it.
    pub stage: Stage,
    /// What to do: see [`help`](Self::help).
    pub(crate) help: Cow<'static, str>,
}

impl Problem {
    /// A problem that CoreDNS refuses.
    pub fn refused(stage: Stage, said: Said, message: impl Into<String>, span: Span) -> Self {
        Self {
            message: message.into(),
            span,
            culprit: None,
            refused: true,
            said,
            stage,
            help: Cow::Borrowed(""),
        }
    }

    /// A problem that CoreDNS says nothing about; the message says what it does instead.
    pub fn silent(message: impl Into<String>, span: Span) -> Self {
        Self {
            refused: false,
            ..Self::refused(Stage::Parse, Said::Nothing, message, span)
        }
    }

    /// The same with what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = help.into();
        self
    }

    /// The same with the place of the mistake, where CoreDNS points elsewhere.
    #[must_use]
    pub fn with_culprit(mut self, culprit: Option<Span>) -> Self {
        self.culprit = culprit.filter(|culprit| *culprit != self.span);
        self
    }

    /// What to do; empty if nothing can be said in general.
    pub fn help(&self) -> &str {
        &self.help
    }

    /// Where to draw it: the mistake if it is known, else where CoreDNS points.
    pub fn place(&self) -> Span {
        self.culprit.unwrap_or(self.span)
    }
}

impl Corefile {
    /// A problem as CoreDNS prints it, with the path of the file under `/etc/coredns` and the
    /// line; `None` if CoreDNS says nothing.
    pub fn said(&self, problem: &Problem) -> Option<String> {
        let message = &problem.message;
        let at = || {
            let (path, line) = self.path_and_line(problem.span);
            format!("{path}:{line}")
        };
        Some(match &problem.said {
            Said::Parsing => format!("{} - Error during parsing: {message}", at()),
            Said::Syntax => format!("{} - Syntax error: {message}", at()),
            Said::Plugin(name) => {
                format!("plugin/{name}: {} - Error during parsing: {message}", at())
            }
            Said::PluginBare(name) => format!("plugin/{name}: {message}"),
            Said::Bare => message.clone(),
            Said::Inspecting => format!("error inspecting server blocks: {message}"),
            Said::Nothing => return None,
        })
    }

    /// What CoreDNS would stop at: of the problems it refuses, the first that it meets.
    pub fn first_refusal(&self) -> Option<&Problem> {
        let refused = self.problems.iter().filter(|problem| problem.refused);
        refused.min_by_key(|problem| problem.stage)
    }
}
