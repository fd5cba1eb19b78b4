//! Everything that is wrong with a Corefile: what the parser finds and what the plugins find.

use std::collections::{BTreeMap, BTreeSet};

use crate::options::Options;
use crate::parser::parse_with;
use crate::plugin::{self, Version};
use crate::problem::Stage;
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
    corefile.problems.sort_by_key(|it| (!it.refused, it.stage));
    corefile
}
