//! Environment variables in a Corefile: `{$NAME}` and `{%NAME%}`
//! (`replaceEnvVars` in github.com/coredns/caddy, caddyfile/parse.go).

use std::collections::BTreeMap;

use crate::tree::Span;

/// Replacements in one word after which we stop. CoreDNS never stops on a variable whose value
/// names itself.
const MAX_REPLACEMENTS: usize = 100;
/// Length of a word after which we stop replacing.
const MAX_LENGTH: usize = 1 << 20;

/// A reference to an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The word in which it stands.
    pub span: Span,
    /// Its value, which the word carries in its place. `None` if the environment is not known, and
    /// then the word stays as it is written.
    pub value: Option<String>,
    /// Whether the environment is known and lacks it: CoreDNS puts nothing in its place.
    pub missing: bool,
}

/// What became of a word.
pub(crate) struct Replaced {
    pub(crate) text: String,
    /// Names and values, in the order in which they were replaced.
    pub(crate) variables: Vec<(String, Option<String>)>,
    /// Whether it would never end.
    pub(crate) endless: bool,
}

/// Puts variables in the place of their names, `{%NAME%}` first. A value may name variables too.
pub(crate) fn replace(text: &str, environment: &BTreeMap<String, String>) -> Replaced {
    let mut replaced = Replaced {
        text: text.to_owned(),
        variables: Vec::new(),
        endless: false,
    };
    pass(&mut replaced, "{%", "%}", environment);
    pass(&mut replaced, "{$", "}", environment);
    replaced
}

fn pass(it: &mut Replaced, open: &str, close: &str, environment: &BTreeMap<String, String>) {
    let mut count = 0;
    while let Some(name) = next(&it.text, open, close).map(str::to_owned) {
        count += 1;
        if count > MAX_REPLACEMENTS || it.text.len() > MAX_LENGTH {
            it.endless = true;
            return;
        }
        let value = environment.get(&name);
        let reference = format!("{open}{name}{close}");
        it.text = it
            .text
            .replace(&reference, value.map_or("", String::as_str));
        it.variables.push((name, value.cloned()));
    }
}

/// The name that is replaced next. The first opening decides: if it has no end, or no name, the
/// rest of the word stays.
fn next<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let from = text.find(open)?;
    let rest = text.get(from..)?;
    let end = rest.find(close)?;
    // CoreDNS looks for the end from the opening on, so that in `{%}` they overlap.
    rest.get(open.len()..end).filter(|name| !name.is_empty())
}

/// The names that a word refers to, where the environment is not known.
pub(crate) fn names(text: &str) -> Vec<String> {
    let replaced = replace(text, &BTreeMap::new());
    replaced
        .variables
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}
