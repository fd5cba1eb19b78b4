//! What the program is called: `digpod`, or `kubectl digpod` where kubectl starts it as a plugin.

use std::path::Path;
use std::sync::OnceLock;

/// Name of the file that kubectl looks for when somebody types `kubectl digpod`.
pub(crate) const PLUGIN: &str = "kubectl-digpod";
/// Name of the file that kubectl asks for completions of `kubectl digpod`.
pub(crate) const COMPLETER: &str = "kubectl_complete-digpod";

static CALLED: OnceLock<String> = OnceLock::new();

/// The name of the file that was started, without a path and an ending.
pub(crate) fn called() -> &'static str {
    CALLED.get_or_init(|| {
        let first = std::env::args_os().next().unwrap_or_default();
        let stem = Path::new(&first).file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    })
}

/// How a user types it.
pub(crate) fn name() -> &'static str {
    match called() {
        PLUGIN | COMPLETER => "kubectl digpod",
        _ => "digpod",
    }
}

/// A text for the user with commands as this user types them.
pub(crate) fn named(text: &str) -> String {
    match name() {
        "digpod" => text.to_owned(),
        name => renamed(text, name),
    }
}

/// Commands that texts name.
const COMMANDS: [&str; 12] = [
    "collect",
    "cleanup",
    "analyze",
    "report",
    "bundle",
    "explain",
    "rules",
    "rbac",
    "resolve",
    "corefile",
    "netpol",
    "completion",
];

fn renamed(text: &str, name: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("digpod ") {
        let (before, after) = rest.split_at(at);
        let (word, after) = after.split_at("digpod ".len());
        out.push_str(before);
        let end = after
            .find(|c: char| !c.is_ascii_lowercase())
            .unwrap_or(after.len());
        let command = after.get(..end).is_some_and(|it| COMMANDS.contains(&it));
        let alone = out
            .chars()
            .next_back()
            .is_none_or(|c| !(c.is_alphanumeric() || "-_/".contains(c)));
        if command && alone && !out.ends_with("kubectl ") {
            out.push_str(name);
            out.push(' ');
        } else {
            out.push_str(word);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn commands_are_named_as_the_user_types_them() {
        let text = "`digpod cleanup` removes it; digpod report x; /bin/digpod rules; a digpod run; \
                    kubectl digpod collect";
        assert_eq!(
            renamed(text, "kubectl digpod"),
            "`kubectl digpod cleanup` removes it; kubectl digpod report x; /bin/digpod rules; \
             a digpod run; kubectl digpod collect"
        );
    }
}
