//! The queries of a run: who asks whom for what; what is the same from several places is said once.

use digpod_probe::{MAX_CANDIDATES, Pair, Plan, Question, ServerRole, Target, Transport, Watch};

use super::loads::Loads;
use super::objects::together;
use super::page::Page;
use crate::error::plain;
use crate::probes::Intent;
use crate::time::typed;

/// What a server is asked: each name with its questions.
type Asked = Vec<(String, Vec<String>)>;

pub(super) fn queries(page: &mut Page, intent: &Intent) {
    let plans = intent
        .probes
        .iter()
        .map(|it| (plain(&it.vantage), &it.plan));
    // Its files are told with its mounts.
    let asking = plans.filter(|(_, plan)| plan.most_queries() > 0);
    let alike = together(asking.map(|(vantage, plan)| {
        let nameless = Plan {
            vantage: String::new(),
            ..plan.clone()
        };
        (vantage, nameless)
    }));
    let mut told: Vec<(String, (String, Asked))> = Vec::new();
    for (vantages, plan) in &alike {
        let each = if vantages.len() > 1 { "each " } else { "" };
        let (whose, most) = (vantages.join(", "), plan.most_queries());
        let within = plan.budget_ms.div_ceil(1_000);
        page.item(
            2,
            &format!("{whose}: {each}at most {most}, within {within} s"),
        );
        if let Some(watch) = &plan.watch {
            watching(page, watch);
        }
        let first = vantages.first().map_or("", String::as_str);
        by_target(page, plan, first, &mut told);
        for get in &plan.pages {
            let (path, of) = (plain(&get.path), plain(&get.id));
            page.item(4, &format!("GET http://{}{path} ({of})", get.address));
        }
        if !plan.files.is_empty() {
            let files: Vec<String> = plan.files.iter().map(|file| plain(&file.path)).collect();
            page.item(4, &format!("reads {}", files.join(", ")));
        }
    }
    loads(page, intent);
}

/// How much that is for each server.
fn loads(page: &mut Page, intent: &Intent) {
    let loads = Loads::of(intent);
    page.paragraph(
        2,
        &format!(
            "A probe sends at most {} a second to one server; what comes back truncated is asked again \
             over TCP, what is refused for its EDNS without it, within that rate. To each server that is \
             known, from all probes:",
            loads.rate
        ),
    );
    let mut load = |queries: u32, whom: &str| {
        let queries = queries.to_string();
        page.item(
            9_usize.saturating_sub(queries.len()),
            &format!("{queries} {whom}"),
        );
    };
    for ((address, role), of) in &loads.servers {
        load(of.queries, &format!("to {address} ({})", role_name(*role)));
    }
    if loads.own.queries > 0 {
        let whom =
            "more at most to each server of a resolv.conf that a probe finds: its own, its node's";
        load(loads.own.queries, whom);
    }
    if let Some(more) = &intent.to_come {
        let whom = format!(
            "to each of up to {} more upstreams: the Corefile forwards to a resolv.conf, whose servers are \
             known when the first probes have begun",
            more.servers
        );
        load(more.queries_each, &whom);
    }
}

/// What comes before.
fn watching(page: &mut Page, watch: &Watch) {
    let names = watch.questions.iter();
    let names = names.map(|it| format!("{} {}", it.record_type, plain(&it.name)));
    let text = format!(
        "before that, once a second until one try fails, {} at most: {} of its own resolv.conf",
        typed(watch.limit_ms() / 1_000),
        names.collect::<Vec<_>>().join(", ")
    );
    page.item(4, &text);
}

/// Each server with what it is asked; servers that are asked the same as another place asks them are
/// only named.
fn by_target(
    page: &mut Page,
    plan: &Plan,
    vantage: &str,
    told: &mut Vec<(String, (String, Asked))>,
) {
    let mut again: Vec<(String, String)> = Vec::new();
    for (labels, asked) in together(targets(plan).into_iter()) {
        let label = labels.join(", ");
        let block = (label, asked);
        if let Some((before, _)) = told.iter().find(|(_, known)| *known == block) {
            again.push((block.0, before.clone()));
            continue;
        }
        let each = if labels.len() > 1 { "each of " } else { "" };
        match block.1.as_slice() {
            [(name, questions)] => {
                let asked = questions.join(", ");
                page.item(4, &format!("{each}{}: {name}: {asked}", block.0));
            }
            names => {
                page.item(4, &format!("{each}{}:", block.0));
                for (name, questions) in names {
                    page.item(6, &format!("{name}: {}", questions.join(", ")));
                }
            }
        }
        told.push((vantage.to_owned(), block));
    }
    for (labels, before) in together(again.into_iter()) {
        page.item(4, &format!("the same as {before}: {}", labels.join(", ")));
    }
}

/// Servers in the order of the plan.
fn targets(plan: &Plan) -> Vec<(String, Asked)> {
    let mut targets = plan.questions.iter().map(|it| &it.target);
    let names_servers = targets.any(|it| matches!(it, Target::Server { .. }));
    let mut by: Vec<(String, Asked)> = Vec::new();
    for question in &plan.questions {
        let label = match &question.target {
            Target::Server { address, role } => format!("{address} ({})", role_name(*role)),
            Target::OwnEach if names_servers => {
                "servers of its own resolv.conf that are none of these".to_owned()
            }
            Target::OwnEach => "each server of its own resolv.conf".to_owned(),
            Target::OwnWalk => "its own resolv.conf, in order until one answers".to_owned(),
        };
        let (name, asked) = asked(question);
        let at = by.iter().position(|(known, _)| *known == label);
        let at = at.unwrap_or_else(|| {
            by.push((label, Vec::new()));
            by.len() - 1
        });
        let Some((_, names)) = by.get_mut(at) else {
            continue;
        };
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, questions)) => questions.push(asked),
            None => names.push((name, vec![asked])),
        }
    }
    by
}

/// The name, and how often it is asked for what.
fn asked(question: &Question) -> (String, String) {
    let (name, tries) = (plain(&question.name), question.tries);
    let kind = &question.record_type;
    if question.search {
        let what = format!("up to {MAX_CANDIDATES} names that its search list makes of {name}");
        return (what, format!("{tries}× {kind} and AAAA"));
    }
    let way = match (question.transport, question.pair, question.payload) {
        (Transport::Tcp, ..) => " over TCP".to_owned(),
        (_, Some(Pair::OneSocket), _) => " and AAAA at once from one socket".to_owned(),
        (_, Some(Pair::TwoSockets), _) => " and AAAA at once from two sockets".to_owned(),
        (_, None, None) if question.checking_disabled => " without validation (CD)".to_owned(),
        (_, _, Some(0)) => " without EDNS".to_owned(),
        (_, _, Some(size)) => format!(" with EDNS size {size}"),
        (_, None, None) => String::new(),
    };
    (name, format!("{tries}× {kind}{way}"))
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
