//! No silent gap: every permission that a run uses is taken away in turn. Each time manifest,
//! standard error, terminal and report name it, and nothing that depended on it reads as healthy.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use digpod_bundle::Status;
use serde_json::Value;

use crate::played::Cluster;
use crate::running::{Ended, collect};

/// Runs at once; most of a run is waiting.
const AT_ONCE: usize = 4;

/// A permission that a run used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Permission {
    verb: String,
    /// `networkpolicies.networking.k8s.io`, `pods/log`.
    resource: String,
    /// `None`: cluster-wide, or in a namespace of the run's own, whose name nobody knows before.
    namespace: Option<String>,
}

impl Permission {
    fn of(request: &Value) -> Option<Self> {
        let word = |key: &str| request[key].as_str().unwrap_or_default();
        let path: Vec<&str> = word("path").split(['/', '?']).collect();
        let group = match path.as_slice() {
            ["", "apis", group, ..] if !word("resource").is_empty() => format!(".{group}"),
            ["", "api", ..] if !word("resource").is_empty() => String::new(),
            _ => return None,
        };
        // Who asks what they may is no permission of the run.
        if group.starts_with(".authorization") || group.starts_with(".authentication") {
            return None;
        }
        let resource = match word("resource").split_once('/') {
            Some((plural, sub)) => format!("{plural}{group}/{sub}"),
            None => format!("{}{group}", word("resource")),
        };
        let namespace =
            Some(word("namespace")).filter(|it| !it.is_empty() && !it.starts_with("digpod-"));
        Some(Self {
            verb: word("verb").to_owned(),
            resource,
            namespace: namespace.map(str::to_owned),
        })
    }

    /// The fault that takes it away.
    fn fault(&self) -> String {
        let plural = self.resource.split(['.', '/']).next().unwrap_or_default();
        let sub = self
            .resource
            .split_once('/')
            .map_or(String::new(), |(_, sub)| format!("/{sub}"));
        let group = self
            .resource
            .split_once('.')
            .map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
        let place = self
            .namespace
            .as_ref()
            .map_or(String::new(), |it| format!(":{it}"));
        format!("forbid:{}:{plural}.{group}{sub}{place}", self.verb)
    }

    /// How changes are heard of: where it is refused the objects are looked at again. And places where
    /// DNS might have been, which matter only as long as it is not found.
    fn costs_nothing(&self) -> bool {
        let place = self.namespace.as_deref();
        self.verb == "watch" || matches!(place, Some("default" | "openshift-dns"))
    }

    /// Whether a missing permission, as the manifest writes it, is this one.
    fn is_named_by(&self, text: &str) -> bool {
        let what = format!("{} {} in ", self.verb, self.resource);
        let place = self.namespace.as_ref().map(|it| format!("namespace {it}"));
        text.strip_prefix(&what)
            .is_some_and(|rest| place.is_none_or(|place| rest == place))
    }
}

fn strings<'a>(list: &'a Value, key: &str) -> BTreeSet<&'a str> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|it| it[key].as_str()).collect()
}

/// Rules that say they could not look.
fn not_judged(report: &Value) -> BTreeSet<&str> {
    let gaps = report["gaps"].as_array().unwrap();
    gaps.iter()
        .flat_map(|gap| gap["rules"].as_array().unwrap())
        .filter_map(Value::as_str)
        .collect()
}

fn confidence(word: &Value) -> u8 {
    match word.as_str() {
        Some("proven") => 3,
        Some("likely") => 2,
        Some("possible") => 1,
        other => panic!("{other:?} is no confidence"),
    }
}

/// What is wrong with a run that lacked a permission, beside the whole run.
fn faults(permission: &Permission, ended: &Ended, whole: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |right: bool, what: String| {
        if !right {
            wrong.push(format!("{permission:?}: {what}"));
        }
    };
    if permission.costs_nothing() {
        let report = ended.report();
        check(
            ended.code == Some(0) && report["verdict"] == whole["verdict"],
            format!("exit code {:?}, {}", ended.code, report["headline"]),
        );
        return wrong;
    }
    check(
        ended.code == Some(4),
        format!("exit code {:?}, {}", ended.code, ended.err),
    );
    let bundle = ended.whole_bundle();
    let items = &bundle.manifest().items;
    let item = items.iter().find(|item| {
        let missing = item.missing_permission.as_deref();
        missing.is_some_and(|it| permission.is_named_by(it))
    });
    let Some(item) = item else {
        check(false, format!("no item names it: {items:#?}"));
        return wrong;
    };
    // In part: other calls for the same entry were allowed.
    let denied = matches!(item.status, Status::Forbidden | Status::Truncated);
    check(denied, format!("{item:?}"));
    let named = item.missing_permission.as_deref().unwrap();
    check(
        ended.words().contains(named),
        format!("not on the terminal: {}", ended.out),
    );
    let at_once = ended.err.lines().any(|line| {
        line.starts_with("missing permission: ")
            && line.contains(&permission.verb)
            && line.contains(&permission.resource)
            && line.contains("without it ")
    });
    check(at_once, format!("not said at once: {}", ended.err));
    check(
        ended.err.contains("digpod rbac -n shop"),
        format!("no way out: {}", ended.err),
    );

    let report = ended.report();
    let gap = report["gaps"].as_array().unwrap().iter().find(|gap| {
        gap["missingPermission"]
            .as_str()
            .is_some_and(|it| permission.is_named_by(it))
    });
    let Some(gap) = gap else {
        check(
            false,
            format!("no gap of the report names it: {}", report["gaps"]),
        );
        return wrong;
    };
    let means = gap["means"].as_str().unwrap_or_default();
    check(
        !means.is_empty(),
        format!("what it means is not said: {gap}"),
    );
    check(
        ended.words().contains(means),
        format!("what it means is not on the terminal: {means}"),
    );

    let headline = report["headline"].as_str().unwrap();
    let reads_healthy =
        report["verdict"] == "healthy" && !headline.contains("could not be looked at");
    check(!reads_healthy, format!("reads as healthy: {headline}"));
    // What was found before is found still, or it is said that nobody looked; and where a rule says
    // so nothing is healthy.
    let (now, blind) = (strings(&report["findings"], "rule"), not_judged(&report));
    let before = not_judged(whole);
    check(
        report["verdict"] != "healthy" || blind.is_subset(&before),
        format!("healthy, though these could not look: {blind:?}"),
    );
    for rule in strings(&whole["findings"], "rule") {
        check(
            now.contains(rule) || blind.contains(rule),
            format!("{rule} is silent"),
        );
    }
    // And with less to see nothing is surer than before.
    for cause in report["causes"].as_array().unwrap() {
        let before = whole["causes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["id"] == cause["id"]);
        let before = before.map_or(0, |it| confidence(&it["confidence"]));
        check(
            confidence(&cause["confidence"]) <= before || before == 0,
            format!("{} is surer than with everything seen", cause["id"]),
        );
    }
    wrong
}

/// Takes each permission away that a run on this scenario uses.
fn each_in_turn(scenario: &str) {
    let Some(cluster) = Cluster::start(scenario, &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let whole = ended.report();
    let used: BTreeSet<Permission> = cluster.log().iter().filter_map(Permission::of).collect();
    assert!(used.len() > 25, "{used:#?}");
    drop(cluster);
    let todo = Mutex::new(used.into_iter().collect::<Vec<_>>());
    let wrong = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = todo.lock().unwrap().pop();
                    let Some(permission) = next else { break };
                    let fault = permission.fault();
                    let Some(cluster) = Cluster::start(scenario, &[&fault]) else {
                        break;
                    };
                    let ended = collect(&cluster, &["--quick"]);
                    let found = faults(&permission, &ended, &whole);
                    // Without these the test itself cannot look.
                    let looks = permission.verb == "list"
                        && matches!(permission.resource.as_str(), "pods" | "namespaces");
                    if !looks {
                        cluster.nothing_is_left();
                    }
                    wrong.lock().unwrap().insert(permission, found);
                }
            });
        }
    });
    let wrong: Vec<String> = wrong
        .into_inner()
        .unwrap()
        .into_values()
        .flatten()
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_permission_is_lost_in_silence_where_all_is_well() {
    each_in_turn("healthy");
}

#[test]
fn no_permission_is_lost_in_silence_where_something_is_wrong() {
    each_in_turn("mixed-upstreams");
}
