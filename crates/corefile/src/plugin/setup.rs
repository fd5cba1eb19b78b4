//! What a setup works with: the tokens of its directive, the faults it found, the facts of the
//! table.

use std::borrow::Cow;

use super::advice;
use super::table::{Plugin, Property, Status};
use super::tokens::Tokens;
use super::values;
use super::version::Version;
use crate::problem::{Problem, Said, Stage};
use crate::tree::{Corefile, ServerBlock, Span, Word};

mod backends;
mod cache;
mod chain;
mod clouds;
mod dynupdate;
mod edns0;
mod forward;
mod gates;
mod kubernetes;
mod observers;
mod protocols;
mod proxies;
mod rewrite;
mod servers;
mod template;
mod translate;
mod zonefiles;

/// A refusal on its way to becoming a problem.
pub(super) struct Fault(Box<Facts>);

struct Facts {
    said: Said,
    message: String,
    /// Where CoreDNS stands: it names the line of this word.
    at: Option<Span>,
    /// The word that is wrong.
    culprit: Option<Span>,
    help: Cow<'static, str>,
}

impl Fault {
    /// With the word that is wrong.
    pub(super) fn on(mut self, word: &Word) -> Self {
        self.0.culprit = Some(word.span);
        self
    }

    /// With what to do.
    pub(super) fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.0.help = help.into();
        self
    }

    /// With something said before its message.
    fn within(mut self, before: &str) -> Self {
        self.0.message = format!("{before}{}", self.0.message);
        self
    }
}

/// What reading a piece of a directive ends in.
pub(super) type Outcome<T = ()> = Result<T, Fault>;

/// One plugin's setup for one server block.
pub(super) struct Setup<'a> {
    pub(super) corefile: &'a Corefile,
    pub(super) block: &'a ServerBlock,
    pub(super) plugin: &'static Plugin,
    pub(super) version: Version,
    pub(super) tokens: Tokens<'a>,
    pub(super) problems: Vec<Problem>,
    /// What stands before the message; differs from the plugin's name in a few setups.
    prefix: &'static str,
}

impl<'a> Setup<'a> {
    pub(super) fn new(
        corefile: &'a Corefile,
        block: &'a ServerBlock,
        plugin: &'static Plugin,
        version: Version,
        tokens: Tokens<'a>,
    ) -> Self {
        Self {
            corefile,
            block,
            plugin,
            version,
            tokens,
            problems: Vec::new(),
            prefix: plugin.name,
        }
    }

    /// Runs it; the problems stand in the order in which CoreDNS would meet them, had it gone on.
    pub(super) fn run(mut self) -> Vec<Problem> {
        match self.plugin.name {
            "acl" => gates::acl(&mut self),
            "any" => chain::any(&mut self),
            "auto" => zonefiles::auto(&mut self),
            "autopath" => chain::autopath(&mut self),
            "azure" => clouds::azure(&mut self),
            "bind" => servers::bind(&mut self),
            "bufsize" => chain::bufsize(&mut self),
            "cache" => cache::cache(&mut self),
            "cancel" => chain::cancel(&mut self),
            "chaos" => chain::chaos(&mut self),
            "clouddns" => clouds::clouddns(&mut self),
            "debug" => servers::debug(&mut self),
            "dns64" => translate::dns64(&mut self),
            "dnssec" => translate::dnssec(&mut self),
            "dnstap" => observers::dnstap(&mut self),
            "dynupdate" => dynupdate::dynupdate(&mut self),
            "erratic" => backends::erratic(&mut self),
            "errors" => observers::errors(&mut self),
            "etcd" => backends::etcd(&mut self),
            "federation" => backends::federation(&mut self),
            "file" => zonefiles::file(&mut self),
            "forward" => forward::forward(&mut self),
            "geoip" => observers::geoip(&mut self),
            "grpc" => proxies::grpc(&mut self),
            "grpc_server" | "https" | "https3" | "quic" => protocols::limits(&mut self),
            "header" => chain::header(&mut self),
            "health" => servers::health(&mut self),
            "hosts" => backends::hosts(&mut self),
            "k8s_external" => kubernetes::external(&mut self),
            "kubernetes" => kubernetes::kubernetes(&mut self),
            "loadbalance" => chain::loadbalance(&mut self),
            "local" => backends::local(&mut self),
            "log" => observers::log(&mut self),
            "loop" => chain::loop_(&mut self),
            "metadata" => observers::metadata(&mut self),
            "minimal" | "whoami" => chain::no_argument(&mut self),
            "multisocket" => servers::multisocket(&mut self),
            "nomad" => backends::nomad(&mut self),
            "nsid" => chain::nsid(&mut self),
            "pprof" => servers::pprof(&mut self),
            "prometheus" => observers::prometheus(&mut self),
            "proxy" => proxies::proxy(&mut self),
            "proxyproto" => protocols::proxyproto(&mut self),
            "ready" => servers::ready(&mut self),
            "reload" => servers::reload(&mut self),
            "reverse" => backends::reverse(&mut self),
            "rewrite" => rewrite::rewrite(&mut self),
            "root" => servers::root(&mut self),
            "route53" => clouds::route53(&mut self),
            "secondary" => zonefiles::secondary(&mut self),
            "shed" => chain::shed(&mut self),
            "sign" => zonefiles::sign(&mut self),
            "siit" => translate::siit(&mut self),
            "template" => template::template(&mut self),
            "timeouts" => servers::timeouts(&mut self),
            "tls" => protocols::tls(&mut self),
            "trace" => observers::trace(&mut self),
            "transfer" => zonefiles::transfer(&mut self),
            "tsig" => gates::tsig(&mut self),
            "view" => servers::view(&mut self),
            _ => {}
        }
        self.problems
    }

    /// Whether the version is this one or later.
    pub(super) fn since(&self, minor: u16, patch: u16) -> bool {
        self.version >= Version::new(1, minor, patch)
    }

    /// Puts another text before the messages that follow: some setups name themselves twice.
    pub(super) fn prefixed<T>(
        &mut self,
        prefix: &'static str,
        body: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        let before = std::mem::replace(&mut self.prefix, prefix);
        let outcome = body(self);
        self.prefix = before;
        outcome
    }

    /// A refusal with file and line: `c.Errf`.
    pub(super) fn err(&self, message: impl Into<String>) -> Fault {
        self.fault(Said::Plugin(self.prefix.to_owned()), message)
    }

    /// A refusal without file and line: `fmt.Errorf`.
    pub(super) fn bare(&self, message: impl Into<String>) -> Fault {
        self.fault(Said::PluginBare(self.prefix.to_owned()), message)
    }

    /// A refusal with file and line that does not name the plugin.
    pub(super) fn unnamed(&self, message: impl Into<String>) -> Fault {
        self.fault(Said::Parsing, message)
    }

    /// `c.SyntaxErr`.
    pub(super) fn syntax(&self, expected: &str) -> Fault {
        let val = self.tokens.val();
        let place = self.tokens.word().map(|word| word.span);
        let (path, line) = place
            .map(|span| self.corefile.path_and_line(span))
            .unwrap_or_default();
        self.bare(format!(
            "{path}:{line} - Syntax error: Unexpected token '{val}', expecting '{expected}'"
        ))
    }

    fn fault(&self, said: Said, message: impl Into<String>) -> Fault {
        Fault(Box::new(Facts {
            said,
            message: message.into(),
            at: self.tokens.word().map(|word| word.span),
            culprit: None,
            help: Cow::Borrowed(""),
        }))
    }

    /// `c.ArgErr`: too few or too many arguments before the current token.
    pub(super) fn arg_err(&self) -> Fault {
        let val = self.tokens.val();
        let fault = if val == "{" {
            self.err("Unexpected token '{', expecting argument")
        } else {
            self.err(format!(
                "Wrong argument count or unexpected line ending after '{val}'"
            ))
        };
        fault.help(advice::usage(self.plugin, self.version))
    }

    /// The default for a property that the plugin does not have.
    pub(super) fn unknown(&self) -> Fault {
        self.err(format!("unknown property '{}'", self.tokens.val()))
    }

    /// The property of the table, if this version accepts it; says so if it does nothing.
    pub(super) fn property(&mut self, name: &str) -> Option<&'static Property> {
        let property = self.plugin.property(name)?;
        let status = property.status(self.version);
        if let Some(word) = self.tokens.word()
            && matches!(status, Status::Deprecated | Status::Ignored)
        {
            let problem = advice::fading(self.plugin, property, status, word.span);
            self.problems.push(problem);
        }
        status.is_accepted().then_some(property)
    }

    /// A property that the plugin does not have, in a version that drops it without a word.
    pub(super) fn drop_unknown(&mut self) {
        if let Some(word) = self.tokens.word() {
            let name = &word.text;
            let message = format!(
                "CoreDNS ignores '{name}': `{}` has no such property",
                self.plugin.name
            );
            let help = advice::unknown(self.plugin, self.version, name);
            self.problems
                .push(Problem::silent(message, word.span).with_help(help));
        }
        self.tokens.skip_line();
    }

    /// Adds a refusal.
    pub(super) fn refuse(&mut self, Fault(fault): Fault) {
        let span = fault.at.or(fault.culprit).or_else(|| {
            let first = self.block.directive(self.plugin.name)?;
            Some(first.name.span)
        });
        let Some(span) = span else { return };
        let help = if fault.help.is_empty() {
            Cow::Owned(advice::usage(self.plugin, self.version))
        } else {
            fault.help
        };
        let problem = Problem::refused(Stage::Setup, fault.said, fault.message, span);
        self.problems
            .push(problem.with_culprit(fault.culprit).with_help(help));
    }

    /// Adds something that CoreDNS says nothing about.
    pub(super) fn note(&mut self, message: impl Into<String>, word: &Word, help: &'static str) {
        self.problems
            .push(Problem::silent(message, word.span).with_help(help));
    }

    /// Reads a piece; a fault in it is added, and the rest of the line skipped.
    pub(super) fn attempt<T>(&mut self, piece: impl FnOnce(&mut Self) -> Outcome<T>) -> Option<T> {
        match piece(self) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.refuse(fault);
                self.tokens.skip_line();
                None
            }
        }
    }

    /// Goes to the next use of the directive; a second one is refused where it may be used once.
    pub(super) fn next_use(&mut self, uses: &mut usize) -> bool {
        if !self.tokens.next() {
            return false;
        }
        *uses += 1;
        if *uses > 1 && self.plugin.is_once(self.version) {
            self.refuse_second();
            return false;
        }
        true
    }

    pub(super) fn refuse_second(&mut self) {
        let mut fault = self.bare("this plugin can only be used once per Server Block");
        if let Some(word) = self.tokens.word() {
            fault = fault
                .on(word)
                .help(advice::second(self.plugin, self.version, &word.text));
        }
        self.refuse(fault);
    }

    /// Reads every use of the directive: its line, then each of its properties, then what is only
    /// known at the end. `line` gives the state that the others read; after a fault there they go
    /// on with the default.
    pub(super) fn each<T: Default>(
        &mut self,
        mut line: impl FnMut(&mut Self) -> Outcome<T>,
        mut property: impl FnMut(&mut Self, &mut T, &'a str) -> Outcome,
        mut end: impl FnMut(&mut Self, &mut T) -> Outcome,
    ) {
        let mut uses = 0;
        while self.next_use(&mut uses) {
            let state = self.attempt(&mut line);
            let complete = state.is_some();
            let mut state = state.unwrap_or_default();
            let mut faults = 0;
            while self.tokens.next_block() {
                let name = self.tokens.val();
                let fine = self.attempt(|setup| property(setup, &mut state, name));
                faults += usize::from(fine.is_none());
            }
            if complete
                && faults == 0
                && let Err(fault) = end(self, &mut state)
            {
                self.refuse(fault);
            }
        }
    }

    /// The words up to the end of the line; refused unless their number lies within bounds.
    pub(super) fn args(&mut self, least: usize, most: usize) -> Outcome<Vec<&'a Word>> {
        let args = self.tokens.args();
        if args.len() < least || args.len() > most {
            return Err(self.arg_err());
        }
        Ok(args)
    }

    /// The next word of the line: `c.NextArg`.
    pub(super) fn next_arg(&mut self) -> Outcome<&'a Word> {
        if self.tokens.next_arg()
            && let Some(word) = self.tokens.word()
        {
            return Ok(word);
        }
        Err(self.arg_err())
    }

    /// Refuses if another word follows on the line: `if c.NextArg() { return c.ArgErr() }`.
    pub(super) fn no_more(&mut self) -> Outcome {
        if self.tokens.next_arg() {
            return Err(self.arg_err());
        }
        Ok(())
    }

    /// A whole number, with strconv's words if it is none.
    pub(super) fn number(&self, word: &Word) -> Outcome<i64> {
        values::atoi(&word.text).map_err(|message| self.bare(message).on(word))
    }

    /// A duration in nanoseconds, with Go's words if it is none.
    pub(super) fn duration(&self, word: &Word) -> Outcome<i64> {
        values::duration(&word.text)
            .map_err(|message| self.bare(message).on(word).help(advice::DURATION))
    }

    /// `HOST:PORT`, with Go's words if it is none.
    pub(super) fn host_port(&self, word: &Word) -> Outcome {
        values::split_host_port(&word.text)
            .map(|_| ())
            .map_err(|message| self.bare(message).on(word).help(advice::HOST_PORT))
    }

    /// The zones of the arguments, or of the server block where there are none.
    pub(super) fn origins(&self, args: &[&Word]) -> Vec<String> {
        if args.is_empty() {
            return self.block.zones().map(str::to_owned).collect();
        }
        args.iter()
            .flat_map(|word| values::zones(&word.text))
            .collect()
    }
}

/// Nothing is to be checked once the block is read.
#[expect(clippy::unnecessary_wraps, reason = "stands where others can fail")]
pub(super) fn no_end<T>(_: &mut Setup<'_>, _: &mut T) -> Outcome {
    Ok(())
}
