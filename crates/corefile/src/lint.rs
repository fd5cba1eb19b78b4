//! Everything that is wrong with a Corefile: what the parser finds and what the plugins find.

use std::collections::{BTreeMap, BTreeSet};

use crate::help;
use crate::lexer::{self, PieceKind};
use crate::options::Options;
use crate::parser::parse_with;
use crate::plugin::{self, Version};
use crate::problem::{Problem, Stage};
use crate::tree::{Corefile, Source, Span};

/// Reads a Corefile as CoreDNS of this version does, and runs the plugins' setups over it. Its
/// [`problems`](Corefile::problems) are then those of all steps of CoreDNS's start, in the order of
/// the steps, refusals first; [`first_refusal`](Corefile::first_refusal) is what it would stop at.
/// Without the environment, words that refer to variables are not judged.
///
/// ```
/// use digpod_corefile::plugin::Version;
/// use digpod_corefile::{Source, lint};
///
/// let text = ".:53 {\n    errors\n    forwrd . 10.1.0.4\n    cache 0\n";
/// let corefile = lint(Source::new("Corefile", text), Vec::new(), None, Version::new(1, 12, 1));
/// let said: Vec<_> = corefile.problems.iter().filter_map(|it| corefile.said(it)).collect();
/// assert_eq!(said, [
///     "/etc/coredns/Corefile:3 - Error during parsing: Unknown directive 'forwrd'",
///     "/etc/coredns/Corefile:4 - Syntax error: Unexpected token '0', expecting '}'",
///     "plugin/cache: cache TTL can not be zero or negative: 0",
/// ]);
/// ```
pub fn lint(
    main: Source,
    files: Vec<Source>,
    environment: Option<&BTreeMap<String, String>>,
    version: Version,
) -> Corefile {
    let plugins = plugin::order(version);
    let directives: Vec<&str> = plugins.iter().map(|plugin| plugin.name).collect();
    let options = Options {
        environment,
        directives: Some(&directives),
    };
    let mut corefile = parse_with(main, files, &options);
    let found = plugin::check(&corefile, version);
    // What the parser says of a plugin's braces, its setup says better.
    corefile.problems.retain(|it| it.stage != Stage::Setup);
    let said = corefile
        .problems
        .iter()
        .map(|it| (it.span, it.message.clone()));
    let said: BTreeSet<(Span, String)> = said.collect();
    let new = found
        .into_iter()
        .filter(|it| !said.contains(&(it.span, it.message.clone())));
    corefile.problems.extend(new);
    // Nobody knows what a variable holds whose environment is not known.
    let unknown = corefile.variables.iter().filter(|it| it.value.is_none());
    let unknown: BTreeSet<Span> = unknown.map(|variable| variable.span).collect();
    corefile
        .problems
        .retain(|it| !unknown.contains(&it.span) && !unknown.contains(&it.place()));
    let sources = std::mem::take(&mut corefile.sources);
    corefile
        .problems
        .retain(|it| !is_placeholder(&sources, it.place()));
    blame_quotes(&mut corefile.problems);
    for problem in &mut corefile.problems {
        if is_behind_hash(&sources, problem.place()) {
            problem.help = help::HASH.into();
        }
    }
    corefile.sources = sources;
    corefile.problems.sort_by_key(|it| (!it.refused, it.stage));
    corefile
}

/// Whether node-cache puts addresses in the place of a word before CoreDNS reads it
/// (`__PILLAR__CLUSTER__DNS__`).
fn is_placeholder(sources: &[Source], place: Span) -> bool {
    let text = sources.get(place.source).map(|source| &source.text);
    text.and_then(|text| text.get(place.start..place.end))
        .is_some_and(|word| word.contains("__PILLAR__"))
}

/// A quote that is never closed is to blame for what is wrong with the word that it opens, as
/// nobody wrote that word: of all that, what CoreDNS stops at is kept, or else the remark on the
/// quote.
fn blame_quotes(problems: &mut Vec<Problem>) {
    let quotes = problems.iter().filter(|it| it.help() == help::QUOTE);
    let quotes: BTreeSet<Span> = quotes.map(Problem::place).collect();
    for quote in quotes {
        let its = |it: &Problem| {
            let place = it.place();
            place.source == quote.source && place.start >= quote.start
        };
        let refused = problems.iter().enumerate();
        let refused = refused.filter(|(_, it)| it.refused && its(it));
        let kept = refused.min_by_key(|(_, it)| it.stage).map(|(at, _)| at);
        let mut at = 0;
        problems.retain_mut(|it| {
            let here = at;
            at += 1;
            if !its(it) {
                return true;
            }
            if kept == Some(here) {
                it.culprit = Some(quote);
                it.help = help::QUOTE.into();
            }
            kept.map_or(it.place() == quote, |kept| kept == here)
        });
    }
}

/// Whether a `#` is stuck to a word before it on its line: what comes behind the next blank was
/// meant for a comment.
fn is_behind_hash(sources: &[Source], place: Span) -> bool {
    let text = sources.get(place.source).map_or("", |it| &it.text);
    let before = text.get(..place.start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    if !line.contains('#') {
        return false;
    }
    let mut found = false;
    lexer::pieces(line, |kind, _, _, _, _| found |= kind == PieceKind::Hidden);
    found
}
