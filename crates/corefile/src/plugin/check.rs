//! Runs the setups of all plugins over all server blocks, as CoreDNS does when it starts.

use std::collections::BTreeMap;

use super::setup::Setup;
use super::table::{self, Plugin, Status};
use super::tokens::{Lines, Tokens};
use super::version::Version;
use super::{advice, serve};
use crate::problem::{Problem, Said, Stage};
use crate::tree::{Corefile, Directive, ServerBlock, Word};

/// What CoreDNS of a version refuses beyond the syntax, and what it accepts and does not do.
///
/// The problems stand in the order in which CoreDNS would meet them: first directives that it does
/// not have, then each plugin's setup in the order of plugin.cfg over all server blocks, then zones
/// that two blocks serve, then what is merely odd. CoreDNS stops at the first refusal; here the
/// setups go on behind a fault. What the parser said already ([`Corefile::problems`]) is not
/// repeated.
///
/// ```
/// use digpod_corefile::plugin::{self, Version};
/// use digpod_corefile::{Source, parse};
///
/// let text = ".:53 {\n    cache 0\n    forward . 10.1.0.4 {\n        polcy random\n    }\n}\n";
/// let corefile = parse(Source::new("Corefile", text), Vec::new());
/// let problems = plugin::check(&corefile, Version::new(1, 11, 3));
/// let said: Vec<_> = problems.iter().filter_map(|problem| corefile.said(problem)).collect();
/// assert_eq!(said, [
///     "plugin/cache: cache TTL can not be zero or negative: 0",
///     "plugin/forward: /etc/coredns/Corefile:4 - Error during parsing: unknown property 'polcy'",
/// ]);
/// assert_eq!(problems[1].help(), "Did you mean `policy`?");
/// ```
pub fn check(corefile: &Corefile, version: Version) -> Vec<Problem> {
    let mut found = Vec::new();
    for block in &corefile.blocks {
        for directive in &block.directives {
            found.extend(unknown_directive(corefile, directive, version));
        }
    }
    let lines = Lines::new(corefile.sources());
    let uses: Vec<BTreeMap<&str, Vec<&Directive>>> = corefile.blocks.iter().map(by_name).collect();
    for plugin in table::order(version) {
        let fades = plugin.status(version) == Status::Deprecated;
        for (block, uses) in corefile.blocks.iter().zip(&uses) {
            if let Some(directives) = uses.get(plugin.name) {
                if fades && let Some(first) = directives.first() {
                    found.push(advice::fading_plugin(plugin, first.name.span));
                }
                found.extend(set_up(corefile, block, plugin, directives, &lines, version));
            }
        }
    }
    found.extend(serve::check(corefile, version));
    found.extend(serve::deaf(corefile, version));
    let (refused, odd): (Vec<Problem>, Vec<Problem>) =
        found.into_iter().partition(|problem| problem.refused);
    refused.into_iter().chain(odd).collect()
}

/// The problems of a directive that node-cache (NodeLocal DNSCache) does not know, although
/// CoreDNS does: node-cache is built with a few plugins only.
pub fn unknown_to_node_cache(corefile: &Corefile, version: Version) -> Vec<Problem> {
    let directives = corefile.blocks.iter().flat_map(|block| &block.directives);
    directives
        .filter_map(|directive| {
            let plugin = table::lookup(&directive.name.text, version)?;
            (!plugin.node_cache).then(|| {
                let message = format!("Unknown directive '{}'", plugin.name);
                Problem::refused(Stage::Parse, Said::Parsing, message, directive.name.span)
                    .with_help("node-cache is built without this plugin: remove the line.")
            })
        })
        .collect()
}

fn by_name(block: &ServerBlock) -> BTreeMap<&str, Vec<&Directive>> {
    let mut uses: BTreeMap<&str, Vec<&Directive>> = BTreeMap::new();
    for directive in &block.directives {
        uses.entry(&directive.name.text)
            .or_default()
            .push(directive);
    }
    uses
}

fn unknown_directive(
    corefile: &Corefile,
    directive: &Directive,
    version: Version,
) -> Option<Problem> {
    let name = &directive.name;
    if table::lookup(&name.text, version).is_some() {
        return None;
    }
    let said = corefile
        .problems
        .iter()
        .any(|problem| problem.refused && problem.span == name.span);
    if said {
        return None;
    }
    let message = format!("Unknown directive '{}'", name.text);
    let problem = Problem::refused(Stage::Parse, Said::Parsing, message, name.span);
    Some(problem.with_help(advice::unknown_directive(&name.text, version)))
}

fn set_up(
    corefile: &Corefile,
    block: &ServerBlock,
    plugin: &'static Plugin,
    directives: &[&Directive],
    lines: &Lines,
    version: Version,
) -> Vec<Problem> {
    let uses: Vec<Vec<Word>> = directives
        .iter()
        .map(|directive| directive.words())
        .collect();
    let words = uses.iter().flatten();
    let tokens = Tokens::new(words.map(|word| lines.token(word)).collect(), version);
    let mut found = Setup::new(corefile, block, plugin, version, tokens).run();
    for words in &uses {
        if let Some(at) = lines.late_brace(words) {
            late_brace(&mut found, plugin, words.get(at..).unwrap_or_default());
        }
    }
    found
}

/// Of the problems with words behind a brace that opens too late keeps the first: they are all its
/// fault.
fn late_brace(found: &mut Vec<Problem>, plugin: &Plugin, words: &[Word]) {
    let Some(brace) = words.first() else { return };
    let behind = |problem: &Problem| words.iter().any(|word| word.span == problem.span);
    let mut first = true;
    found.retain_mut(|problem| {
        if !behind(problem) {
            return true;
        }
        let keep = problem.refused && std::mem::take(&mut first);
        if keep {
            problem.culprit = Some(brace.span).filter(|span| *span != problem.span);
            problem.help = advice::late_brace(plugin).into();
        }
        keep
    });
    if first {
        let name = plugin.name;
        let message = format!(
            "'{{' stands below its `{name}`: CoreDNS takes it and each line behind it for one more `{name}`"
        );
        let problem = Problem::silent(message, brace.span);
        found.push(problem.with_help(advice::late_brace(plugin)));
    }
}
