//! The names the user says fail.

use digpod_bundle::{Bundle, FailingName};
use digpod_probe::NameClass;

use super::probes::Probes;

/// A failing name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failing {
    /// Fully qualified, lower case, with its final dot.
    pub(crate) name: String,
    /// The address it should have, when the user said so.
    pub(crate) expected: Option<String>,
}

/// The names of the symptom, then those that probes asked as custom names.
pub(crate) fn failing(bundle: &Bundle, probes: &Probes) -> Vec<Failing> {
    let told = bundle.manifest().symptom.names.iter().map(|name| Failing {
        name: qualify(&name.name),
        expected: name.expected.clone(),
    });
    let mut names: Vec<Failing> = Vec::new();
    let asked = probes
        .rows
        .iter()
        .filter(|row| row.class == NameClass::Custom)
        .map(|row| Failing {
            name: qualify(&row.name),
            expected: None,
        });
    for name in told.chain(asked) {
        if !names.iter().any(|known| known.name == name.name) && name.name != "." {
            names.push(name);
        }
    }
    names
}

/// Addresses that a name of a probe should have. What is typed short is asked with the cluster's
/// suffixes: it is the question of this class that begins so.
pub(crate) fn expected<'a>(
    names: &'a [FailingName],
    class: NameClass,
    asked: &str,
) -> Vec<&'a str> {
    if class != NameClass::Custom {
        return Vec::new();
    }
    let of_name = names.iter().filter(|it| means(it.name.trim(), asked));
    of_name.filter_map(|it| it.expected.as_deref()).collect()
}

/// Whether a name of a probe was asked for what was typed: as it stands, or with suffixes of the
/// cluster.
pub(crate) fn means(typed: &str, asked: &str) -> bool {
    let (full, asked) = (qualify(typed), qualify(asked));
    let suffix = asked.strip_prefix(&full);
    suffix.is_some_and(|suffix| {
        let within = !typed.contains('.') || full.ends_with(".svc.") || suffix.starts_with("svc.");
        suffix.is_empty() || (within && !typed.ends_with('.'))
    })
}

/// Lower case with a final dot.
pub(crate) fn qualify(name: &str) -> String {
    let bare = name.trim().trim_end_matches('.');
    format!("{}.", bare.to_ascii_lowercase())
}

/// Without the final dot, as people write it.
pub(crate) fn plain(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}
