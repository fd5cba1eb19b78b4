//! A dry run for people to read.

use std::fmt::Write as _;

use digpod_probe::{MAX_CANDIDATES, Pair, Plan, Question, ServerRole, Target, Transport, Watch};
use serde_json::Value;

use super::DryRun;
use super::loads::Loads;
use crate::error::plain;
use crate::probes::{Intended, Intent, Said};
use crate::rights::ApiCall;
use crate::time::typed;

/// Everything, part by part.
pub(super) fn text(run: &DryRun) -> String {
    let mut text = "Nothing was created. ".to_owned();
    match &run.intent {
        Some(intent) => {
            let own = if intent.namespace.is_some() {
                "1 namespace, "
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "A run with these flags would create {own}{} pods, send at most {} queries, and remove \
                 all of it.",
                intent.probes.len(),
                all_queries(intent),
            );
            text += "\nOBJECTS it would create, and remove at its end\n";
            objects(&mut text, intent);
            text += "\nQUERIES they would send\n";
            queries(&mut text, intent);
        }
        None => text += "A run with these flags would only read (--no-probe).\n",
    }
    text += "\nCALLS to the API server (those with ? in some clusters only)\n";
    calls(&mut text, &run.calls);
    text
}

/// What comes of a pod whose image the node cannot pull.
const OTHER_WAY: &str = "  Where the image cannot be pulled, the pod is removed and created once more with an image that\n  \
is on its node and runs `sleep`; the probe is sent into a volume of it by exec. That needs get and\n  \
create pods/exec in the probe's namespace (not in the role of `digpod rbac` without --exec);\n  \
without it nothing comes from there.\n";

fn objects(text: &mut String, intent: &Intent) {
    if let Some((object, said)) = &intent.namespace {
        let name = word(object, "/metadata/name");
        let _ = writeln!(text, "  namespace {name}");
        text.push_str("    without policies, for the probes that are to meet none\n");
        judged(text, said);
    }
    for probe in &intent.probes {
        pod(text, probe);
    }
    let mut sizes: Vec<(String, Vec<String>)> = Vec::new();
    for probe in &intent.probes {
        let (size, vantage) = (size(probe), plain(&probe.vantage));
        match sizes.iter_mut().find(|(known, _)| *known == size) {
            Some((_, vantages)) => vantages.push(vantage),
            None => sizes.push((size, vec![vantage])),
        }
    }
    let all_alike = sizes.len() == 1;
    for (size, vantages) in sizes {
        let whose = if all_alike {
            "Each pod".to_owned()
        } else {
            vantages.join(", ")
        };
        let _ = writeln!(text, "  {whose}: {size}");
    }
    for (vantage, why) in &intent.left_out {
        let _ = writeln!(text, "  no probe {}: {}", plain(vantage), plain(why));
    }
    let first = intent.probes.first();
    if let Some(run) = first.map(|it| word(&it.pod, "/metadata/labels/digpod.io~1run")) {
        let _ = writeln!(
            text,
            "  All carry app.kubernetes.io/managed-by=digpod and digpod.io/run={run} (another in each run), \
             end by\n  themselves, and `digpod cleanup` finds them. --format json prints them whole."
        );
        text.push_str(OTHER_WAY);
    }
}

fn pod(text: &mut String, probe: &Intended) {
    let pod = &probe.pod;
    let (namespace, name) = (
        word(pod, "/metadata/namespace"),
        word(pod, "/metadata/name"),
    );
    let _ = writeln!(text, "  pod {namespace}/{name}");
    let _ = writeln!(text, "    {}", facts(probe).join(", "));
    let volumes = pod.pointer("/spec/volumes").and_then(Value::as_array);
    let volumes = volumes.into_iter().flatten();
    let paths: Vec<String> = volumes.map(|it| word(it, "/hostPath/path")).collect();
    if !paths.is_empty() {
        let _ = writeln!(text, "    mounts read-only {}", paths.join(", "));
    }
    if let Some(note) = &probe.note {
        let _ = writeln!(text, "    note: {}", plain(note));
    }
    judged(text, &probe.said);
}

/// Image, size and end.
fn size(probe: &Intended) -> String {
    let pod = &probe.pod;
    let resource =
        |kind: &str, what: &str| word(pod, &format!("/spec/containers/0/resources/{kind}/{what}"));
    format!(
        "image {}; requests {} cpu, {} memory; limits {}, {}; ended by the kubelet after {} s",
        word(pod, "/spec/containers/0/image"),
        resource("requests", "cpu"),
        resource("requests", "memory"),
        resource("limits", "cpu"),
        resource("limits", "memory"),
        pod["spec"]["activeDeadlineSeconds"],
    )
}

/// What it stands for, and where.
fn facts(probe: &Intended) -> Vec<String> {
    let pod = &probe.pod;
    let mut facts = vec![stands_for(&probe.vantage).to_owned()];
    for (what, pointer) in [
        ("on node", "/spec/nodeName"),
        ("dnsPolicy", "/spec/dnsPolicy"),
        ("ServiceAccount", "/spec/serviceAccountName"),
        ("pull Secret", "/spec/imagePullSecrets/0/name"),
    ] {
        let value = word(pod, pointer);
        if !value.is_empty() {
            facts.push(format!("{what} {value}"));
        }
    }
    if pod["spec"]["hostNetwork"] == true {
        facts.push("on the node's network".to_owned());
    }
    if pod["spec"]["securityContext"]["runAsUser"] == 0 {
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

fn judged(text: &mut String, said: &Said) {
    let _ = match said {
        Said::Accepted(None) => writeln!(text, "    the API server would take it (dryRun=All)"),
        Said::Accepted(Some(changed)) => {
            writeln!(text, "    the API server would take it; {}", plain(changed))
        }
        Said::Refused(why) => writeln!(text, "    REFUSED: {}", plain(why)),
        Said::NotAsked(why) => writeln!(text, "    not tried: {}", plain(why)),
    };
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

fn all_queries(intent: &Intent) -> u32 {
    let to_come = intent.to_come.map_or(0, |it| {
        let servers = u32::try_from(it.servers).unwrap_or(u32::MAX);
        servers.saturating_mul(it.queries_each)
    });
    let plans = intent.probes.iter().map(|it| it.plan.most_queries());
    plans.fold(to_come, u32::saturating_add)
}

fn queries(text: &mut String, intent: &Intent) {
    for probe in &intent.probes {
        let plan = &probe.plan;
        let most = plan.most_queries();
        // Its files are told with its mounts.
        if most == 0 {
            continue;
        }
        let _ = writeln!(
            text,
            "  {}: at most {most}, within {} s",
            plain(&probe.vantage),
            plan.budget_ms.div_ceil(1_000)
        );
        if let Some(watch) = &plan.watch {
            watching(text, watch);
        }
        by_target(text, plan);
        for page in &plan.pages {
            let (path, of) = (plain(&page.path), plain(&page.id));
            let _ = writeln!(text, "    GET http://{}{path} ({of})", page.address);
        }
        if !plan.files.is_empty() {
            let files: Vec<String> = plan.files.iter().map(|file| plain(&file.path)).collect();
            let _ = writeln!(text, "    reads {}", files.join(", "));
        }
    }
    let loads = Loads::of(intent);
    let _ = writeln!(
        text,
        "  A probe sends at most {} a second to one server; what comes back truncated is asked again \
         over TCP,\n  what is refused for its EDNS without it, within that rate. To each server that is known, from all probes:",
        loads.rate
    );
    for ((address, role), load) in &loads.servers {
        let role = role_name(*role);
        let _ = writeln!(text, "    {:>5} to {address} ({role})", load.queries);
    }
    if loads.own.queries > 0 {
        let _ = writeln!(
            text,
            "    {:>5} more at most to each server of a resolv.conf that a probe finds: its own, its node's",
            loads.own.queries
        );
    }
    if let Some(more) = &intent.to_come {
        let _ = writeln!(
            text,
            "    {:>5} to each of up to {} more upstreams: the Corefile forwards to a resolv.conf, whose \
             servers are\n          known when the first probes have begun",
            more.queries_each, more.servers
        );
    }
}

/// What comes before.
fn watching(text: &mut String, watch: &Watch) {
    let names: Vec<String> = watch
        .questions
        .iter()
        .map(|it| format!("{} {}", it.record_type, plain(&it.name)))
        .collect();
    let _ = writeln!(
        text,
        "    before that, once a second until one try fails, {} at most: {} of its own resolv.conf",
        typed(watch.limit_ms() / 1_000),
        names.join(", ")
    );
}

/// One line a server: what it is asked, how often.
fn by_target(text: &mut String, plan: &Plan) {
    let mut targets = plan.questions.iter().map(|it| &it.target);
    let names_servers = targets.any(|it| matches!(it, Target::Server { .. }));
    let mut by: Vec<(String, Vec<String>)> = Vec::new();
    for question in &plan.questions {
        let target = match &question.target {
            Target::Server { address, role } => format!("{address} ({})", role_name(*role)),
            Target::OwnEach if names_servers => {
                "servers of its own resolv.conf that are none of these".to_owned()
            }
            Target::OwnEach => "each server of its own resolv.conf".to_owned(),
            Target::OwnWalk => "its own resolv.conf, in order until one answers".to_owned(),
        };
        let asked = asked(question);
        match by.iter_mut().find(|(known, _)| *known == target) {
            Some((_, questions)) => questions.push(asked),
            None => by.push((target, vec![asked])),
        }
    }
    for (target, asked) in by {
        let _ = writeln!(text, "    {target}: {}", asked.join(", "));
    }
}

fn asked(question: &Question) -> String {
    let name = plain(&question.name);
    let types = match question.pair {
        Some(_) => format!("{} and AAAA", question.record_type),
        None if question.search => format!("{} and AAAA", question.record_type),
        None => question.record_type.clone(),
    };
    if question.search {
        return format!(
            "{}× {types} of up to {MAX_CANDIDATES} names that its search list makes of {name}",
            question.tries
        );
    }
    let way = match (question.transport, question.pair, question.payload) {
        (Transport::Tcp, ..) => " over TCP".to_owned(),
        (_, Some(Pair::OneSocket), _) => " at once from one socket".to_owned(),
        (_, Some(Pair::TwoSockets), _) => " at once from two sockets".to_owned(),
        (_, _, Some(0)) => " without EDNS".to_owned(),
        (_, _, Some(size)) => format!(" with EDNS size {size}"),
        (_, None, None) => String::new(),
    };
    format!("{}× {types} {name}{way}", question.tries)
}

const fn role_name(role: ServerRole) -> &'static str {
    match role {
        ServerRole::Service => "DNS Service",
        ServerRole::CorednsPod => "CoreDNS pod",
        ServerRole::NodeLocal => "node-local cache",
        ServerRole::Upstream => "upstream",
        ServerRole::Platform => "platform's resolver",
        ServerRole::Own => "own list",
    }
}

/// By what they are for, since that is what a reader weighs them by.
fn calls(text: &mut String, calls: &[ApiCall]) {
    let mut by: Vec<(&str, Vec<&ApiCall>)> = Vec::new();
    for call in calls {
        match by.iter_mut().find(|(purpose, _)| *purpose == call.purpose) {
            Some((_, calls)) => calls.push(call),
            None => by.push((call.purpose, vec![call])),
        }
    }
    for (purpose, calls) in by {
        let _ = writeln!(text, "  {purpose}");
        for call in calls {
            let mark = if call.sometimes { "?" } else { " " };
            let _ = writeln!(text, "   {mark} {:<6} {}", call.method, plain(&call.path));
        }
    }
    text.push_str(
        "  Lists come in pages. A GET is repeated where the server is busy, four times at most; nothing \
         else is.\n",
    );
}

/// A string of an object, for one line.
fn word(object: &Value, pointer: &str) -> String {
    let text = object.pointer(pointer).and_then(Value::as_str);
    plain(text.unwrap_or_default())
}
