//! The least role that allows a run, as YAML for `kubectl apply -f -`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::need::Need;

/// Who gets the role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    User(String),
    Group(String),
    ServiceAccount { namespace: String, name: String },
}

/// One rule of a role.
struct Rule<'a> {
    group: &'a str,
    resources: Vec<&'a str>,
    verbs: Vec<&'a str>,
    names: &'a [String],
    purposes: Vec<&'a str>,
}

/// Said of what a role could grant more narrowly if the namespace were there before.
const EVERYWHERE: &str = "(in all namespaces, since its namespace does not exist yet; --probe-namespace NAME grants it there alone)";

/// A `ClusterRole` for what is cluster-wide, a Role in each namespace, and their bindings.
pub(crate) fn manifests(needs: &[Need], name: &str, subjects: &[Subject]) -> String {
    let mut places: BTreeMap<Option<&str>, Vec<&Need>> = BTreeMap::new();
    for need in needs {
        if !needs.iter().any(|other| covers(other, need)) {
            let place = need.namespace.as_deref();
            places.entry(place).or_default().push(need);
        }
    }
    let mut yaml = String::new();
    for (place, needs) in &places {
        let kind = if place.is_some() {
            "Role"
        } else {
            "ClusterRole"
        };
        head(&mut yaml, kind, name, *place);
        yaml.push_str("rules:\n");
        for rule in rules(needs) {
            write_rule(&mut yaml, &rule);
        }
        head(&mut yaml, &format!("{kind}Binding"), name, *place);
        let _ = write!(
            yaml,
            "roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: {kind}\n  name: {}\nsubjects:\n",
            quoted(name)
        );
        for subject in subjects {
            write_subject(&mut yaml, subject);
        }
    }
    yaml
}

/// Whether one need's permission includes another's, and is not the same one.
fn covers(wide: &Need, narrow: &Need) -> bool {
    let same =
        (wide.verb, wide.group, wide.resource) == (narrow.verb, narrow.group, narrow.resource);
    let place = wide.namespace.is_none() || wide.namespace == narrow.namespace;
    let names = wide.names.is_empty() || wide.names == narrow.names;
    let wider = (wide.namespace.is_none() && narrow.namespace.is_some())
        || (wide.names.is_empty() && !narrow.names.is_empty())
        // Of two that are the same the first stays.
        || (wide.namespace == narrow.namespace && wide.names == narrow.names && wide.row < narrow.row);
    same && place && names && wider
}

/// Needs of the same names and verbs for the same purpose share a rule.
fn rules<'a>(needs: &[&'a Need]) -> Vec<Rule<'a>> {
    let mut rules: Vec<(usize, Rule<'a>)> = Vec::new();
    for need in needs {
        if let Some((_, rule)) = rules.iter_mut().find(|(row, _)| *row == need.row) {
            rule.verbs.push(need.verb);
            continue;
        }
        let mut purposes = vec![need.purpose];
        if need.namespace.is_none() && need.resource.starts_with("pods") && need.verb != "list" {
            purposes.push(EVERYWHERE);
        }
        let rule = Rule {
            group: need.group,
            resources: vec![need.resource],
            verbs: vec![need.verb],
            names: &need.names,
            purposes,
        };
        rules.push((need.row, rule));
    }
    let mut merged: Vec<Rule<'a>> = Vec::new();
    for (_, rule) in rules {
        let alike = |other: &&mut Rule<'a>| {
            other.group == rule.group
                && other.verbs == rule.verbs
                && other.names.is_empty()
                && rule.names.is_empty()
                && other.purposes == rule.purposes
        };
        match merged.iter_mut().find(alike) {
            Some(other) => other.resources.extend(rule.resources),
            None => merged.push(rule),
        }
    }
    merged
}

fn head(yaml: &mut String, kind: &str, name: &str, namespace: Option<&str>) {
    let _ = write!(
        yaml,
        "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata:\n  name: {}\n",
        quoted(name)
    );
    if let Some(namespace) = namespace {
        let _ = writeln!(yaml, "  namespace: {}", quoted(namespace));
    }
}

fn write_rule(yaml: &mut String, rule: &Rule<'_>) {
    for purpose in &rule.purposes {
        let _ = writeln!(yaml, "# {purpose}");
    }
    let list = |items: &mut dyn Iterator<Item = &str>| {
        let items: Vec<String> = items.map(quoted).collect();
        format!("[{}]", items.join(", "))
    };
    let _ = writeln!(yaml, "- apiGroups: [{}]", quoted(rule.group));
    let resources = list(&mut rule.resources.iter().copied());
    let _ = writeln!(yaml, "  resources: {resources}");
    if !rule.names.is_empty() {
        let names = list(&mut rule.names.iter().map(String::as_str));
        let _ = writeln!(yaml, "  resourceNames: {names}");
    }
    let verbs = list(&mut rule.verbs.iter().copied());
    let _ = writeln!(yaml, "  verbs: {verbs}");
}

fn write_subject(yaml: &mut String, subject: &Subject) {
    let _ = match subject {
        Subject::User(name) => write!(
            yaml,
            "- apiGroup: rbac.authorization.k8s.io\n  kind: User\n  name: {}\n",
            quoted(name)
        ),
        Subject::Group(name) => write!(
            yaml,
            "- apiGroup: rbac.authorization.k8s.io\n  kind: Group\n  name: {}\n",
            quoted(name)
        ),
        Subject::ServiceAccount { namespace, name } => write!(
            yaml,
            "- kind: ServiceAccount\n  namespace: {}\n  name: {}\n",
            quoted(namespace),
            quoted(name)
        ),
    };
}

/// JSON strings are YAML strings, whatever is in them.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
