//! The objects that a run would create: what many pods have in common is said once.

use serde_json::Value;

use super::page::Page;
use super::text::word;
use crate::error::plain;
use crate::probes::{Intended, Intent, Said};
use crate::time::typed;

/// What comes of a pod whose image the node cannot pull.
const OTHER_WAY: &str = "Where the image cannot be pulled, the pod is removed and created once more with an \
image that is on its node and runs `sleep`; the probe is sent into a volume of it by exec. That needs get \
and create pods/exec in the probe's namespace (not in the role of `digpod rbac` without --exec); without it \
nothing comes from there.";

pub(super) fn objects(page: &mut Page, intent: &Intent) {
    if let Some((object, said)) = &intent.namespace {
        page.item(2, &format!("namespace {}", word(object, "/metadata/name")));
        page.item(4, "without policies, for the probes that are to meet none");
        if let Some(judged) = judged(said) {
            page.item(4, &judged);
        }
    }
    for (pods, shared) in together(intent.probes.iter().map(|it| (it, body(it, true)))) {
        for probe in &pods {
            let name = word(&probe.pod, "/metadata/name");
            page.item(2, &format!("pod {}/{name}", namespace(probe)));
        }
        let body = match pods.as_slice() {
            [one] => body(one, false),
            _ => shared,
        };
        for text in body {
            page.item(4, &text);
        }
    }
    let sizes = together(
        intent
            .probes
            .iter()
            .map(|it| (plain(&it.vantage), size(it))),
    );
    let all_alike = sizes.len() == 1;
    for (vantages, size) in sizes {
        let whose = if all_alike {
            "Each pod".to_owned()
        } else {
            vantages.join(", ")
        };
        page.item(2, &format!("{whose}: {size}"));
    }
    let not_tried = intent.probes.iter().filter_map(|it| match &it.said {
        Said::NotAsked(why) => Some((namespace(it), why)),
        _ => None,
    });
    let mut told = Vec::new();
    for (namespace, why) in not_tried {
        let text = format!("Pods in {namespace} were not tried out: {}", plain(why));
        if !told.contains(&text) {
            page.item(2, &text);
            told.push(text);
        }
    }
    for (vantages, why) in together(intent.left_out.iter().map(|(it, why)| (plain(it), why))) {
        page.item(
            2,
            &format!("no probe {}: {}", vantages.join(", "), plain(why)),
        );
    }
    let first = intent.probes.first();
    if let Some(run) = first.map(|it| word(&it.pod, "/metadata/labels/digpod.io~1run")) {
        page.paragraph(
            2,
            &format!(
                "All carry app.kubernetes.io/managed-by=digpod and digpod.io/run={run} (another in each \
                 run), end by themselves, and `digpod cleanup` finds them. --format json prints them whole."
            ),
        );
        page.paragraph(2, OTHER_WAY);
    }
}

/// Things of which the same is to be said, in the order of the first of them.
pub(super) fn together<T, B: PartialEq>(all: impl Iterator<Item = (T, B)>) -> Vec<(Vec<T>, B)> {
    let mut groups: Vec<(Vec<T>, B)> = Vec::new();
    for (thing, body) in all {
        match groups.iter_mut().find(|(_, known)| *known == body) {
            Some((things, _)) => things.push(thing),
            None => groups.push((vec![thing], body)),
        }
    }
    groups
}

fn namespace(probe: &Intended) -> String {
    word(&probe.pod, "/metadata/namespace")
}

/// What is said of a pod, or of each of several that are named for their nodes.
fn body(probe: &Intended, each: bool) -> Vec<String> {
    let mut body = vec![facts(probe, each).join(", ")];
    let volumes = probe.pod.pointer("/spec/volumes").and_then(Value::as_array);
    let volumes = volumes.into_iter().flatten();
    let paths: Vec<String> = volumes.map(|it| word(it, "/hostPath/path")).collect();
    if !paths.is_empty() {
        body.push(format!("mounts read-only {}", paths.join(", ")));
    }
    let note = probe.note.as_ref();
    body.extend(note.map(|note| format!("note: {}", plain(note))));
    body.extend(judged(&probe.said));
    body
}

/// Image, size and end.
fn size(probe: &Intended) -> String {
    let pod = &probe.pod;
    let resource =
        |kind: &str, what: &str| word(pod, &format!("/spec/containers/0/resources/{kind}/{what}"));
    let deadline = pod.pointer("/spec/activeDeadlineSeconds");
    format!(
        "image {}; requests {} cpu, {} memory; limits {}, {}; ended by the kubelet after {}",
        word(pod, "/spec/containers/0/image"),
        resource("requests", "cpu"),
        resource("requests", "memory"),
        resource("limits", "cpu"),
        resource("limits", "memory"),
        typed(deadline.and_then(Value::as_u64).unwrap_or_default()),
    )
}

/// What it stands for, and where.
fn facts(probe: &Intended, each: bool) -> Vec<String> {
    let pod = &probe.pod;
    let mut facts = vec![stands_for(&probe.vantage).to_owned()];
    for (what, pointer) in [
        ("on node", "/spec/nodeName"),
        ("dnsPolicy", "/spec/dnsPolicy"),
        ("ServiceAccount", "/spec/serviceAccountName"),
        ("pull Secret", "/spec/imagePullSecrets/0/name"),
    ] {
        let value = word(pod, pointer);
        if value.is_empty() {
            continue;
        }
        if what == "on node" && each && word(pod, "/metadata/name").ends_with(&value) {
            facts.push("on the node that its name ends with".to_owned());
        } else {
            facts.push(format!("{what} {value}"));
        }
    }
    if pod.pointer("/spec/hostNetwork") == Some(&Value::Bool(true)) {
        facts.push("on the node's network".to_owned());
    }
    let user = pod.pointer("/spec/securityContext/runAsUser");
    if user.and_then(Value::as_u64) == Some(0) {
        facts.push("as user 0".to_owned());
    }
    let labels = pod.pointer("/metadata/labels").and_then(Value::as_object);
    let ours = |key: &str| key.starts_with("digpod.io/") || key == "app.kubernetes.io/managed-by";
    let labels: Vec<String> = labels
        .into_iter()
        .flatten()
        .filter(|(key, _)| !ours(key))
        .map(|(key, value)| plain(&format!("{key}={}", value.as_str().unwrap_or_default())))
        .collect();
    if !labels.is_empty() {
        facts.push(format!("labels {}", labels.join(" ")));
    }
    facts
}

/// What the API server says of it; what was not tried is told once, below.
fn judged(said: &Said) -> Option<String> {
    match said {
        Said::Accepted(None) => Some("the API server would take it (dryRun=All)".to_owned()),
        Said::Accepted(Some(changed)) => {
            Some(format!("the API server would take it; {}", plain(changed)))
        }
        Said::Refused(why) => Some(format!("REFUSED: {}", plain(why))),
        Said::NotAsked(_) => None,
    }
}

fn stands_for(vantage: &str) -> &'static str {
    match vantage.split_once('-').map_or(vantage, |(kind, _)| kind) {
        "workload" => "asks from the failing pod's place",
        "working" => "asks from the place of the pod that resolves",
        "control" => "asks from a place without policies",
        "default" => "asks the servers that CoreDNS would get there today",
        "node" => "asks as the node's own programs do",
        _ => "reads the node's files, asks nothing",
    }
}
