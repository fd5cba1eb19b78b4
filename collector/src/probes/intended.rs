//! What a run would create and ask, found out without creating anything (`--dry-run`).

use digpod_probe::Plan;
use futures::future::join_all;
use serde_json::Value;

use super::neutral::{namespace_refused, no_namespace};
use super::places::Vantage;
use super::run::{self, Context};
use super::siblings::{self, Beside};
use super::size::Size;
use super::why::Why;
use super::{Neutral, Objects, Options, servers, standing};
use super::{files, nodes, sizes};
use crate::api::Api;
use crate::cli::NodeAccess;
use crate::gather::Found;
use crate::progress::Progress;
use crate::sink::Sink;

/// Everything that a run would create.
pub(crate) struct Intent {
    /// The namespace of its own, if it makes one.
    pub(crate) namespace: Option<(Value, Said)>,
    /// The probes.
    pub(crate) probes: Vec<Intended>,
    /// Probes that there will not be, and why.
    pub(crate) left_out: Vec<(String, String)>,
    /// Further upstreams, from the resolv.conf that the first probes find.
    pub(crate) to_come: Option<ToCome>,
}

/// What is asked of upstreams that only the first probes can name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ToCome {
    /// So many servers at most.
    pub(crate) servers: usize,
    /// Queries to each of them, from all probes.
    pub(crate) queries_each: u32,
}

/// One probe that a run would create.
pub(crate) struct Intended {
    pub(crate) vantage: String,
    pub(crate) pod: Value,
    pub(crate) plan: Plan,
    /// What makes it differ from what it stands for.
    pub(crate) note: Option<String>,
    pub(crate) said: Said,
}

/// What the API server says of an object (`dryRun=All`).
pub(crate) enum Said {
    /// It would be taken; with what admission would change of it.
    Accepted(Option<String>),
    Refused(String),
    /// Nobody asked, for this reason.
    NotAsked(String),
}

/// Finds out.
pub(crate) async fn intent(
    api: &Api,
    options: &Options,
    found: &Found,
    objects: &Objects,
    sink: &Sink,
    progress: &Progress,
) -> Intent {
    let context = Context::new(api, options, objects, sink, progress);
    let mut left_out = Vec::new();
    let (neutral, namespace) = neutral(&context, &mut left_out).await;
    let standing = standing::choose(found);
    for (node, why) in &standing.left_out {
        left_out.push((format!("node-{node}"), why.clone()));
    }
    let known = servers::servers(found, &[]);
    let sizes = sizes(api, options, &neutral, &standing).await;
    let other = &sizes.other;
    let (place, asked) = (neutral.namespace.as_str(), &options.asked);

    let mut vantages: Vec<(Vantage, &Result<Size, String>)> = Vec::new();
    let failing = Beside::failing(options, found);
    match failing.sibling(&context, found, &known).await {
        Ok(vantage) => vantages.push((vantage, &sizes.failing)),
        Err(why) => left_out.push((siblings::WORKLOAD.to_owned(), why.reason)),
    }
    if let Some(working) = Beside::working(options, found) {
        match working.sibling(&context, found, &known).await {
            Ok(vantage) => vantages.push((vantage, &sizes.working)),
            Err(why) => left_out.push((siblings::WORKING.to_owned(), why.reason)),
        }
    }
    if neutral.is_control {
        let control = Vantage::control(found, place, asked, &known);
        vantages.push((control, other));
    }
    let dns = standing.dns.iter();
    let beside = dns.map(|node| Vantage::beside_coredns(node, place, asked, found));
    vantages.extend(beside.map(|it| (it, other)));
    let mut on_nodes = nodes(&standing, options, place, &known);
    if let Err(why) = &on_nodes {
        left_out.push(("node".to_owned(), (*why).to_owned()));
    }
    let all = on_nodes.iter_mut().flat_map(|all| all.drain(..));
    vantages.extend(all.map(|it| (it, other)));
    vantages.extend(files(&standing, options, place, found).map(|it| (it, other)));

    let not_there = namespace.is_some().then_some(place);
    let tried = vantages.into_iter().map(|(vantage, size)| {
        let context = &context;
        async move { one(context, vantage, size, not_there).await }
    });
    let mut probes = Vec::new();
    for tried in join_all(tried).await {
        match tried {
            Ok(probe) => probes.push(probe),
            Err(left) => left_out.push(left),
        }
    }
    if options.until_failure.is_some() {
        let mut left_out = left_out.iter_mut();
        if let Some((_, why)) = left_out.find(|(vantage, _)| vantage == siblings::WORKLOAD) {
            *why += "; so nothing is watched until it fails (--until-failure)";
        }
    }
    let asking = probes.iter().filter(|it| asks_upstreams(&it.vantage));
    let asking = u32::try_from(asking.count()).unwrap_or(u32::MAX);
    let to_come = servers::needs_node_lists(found, &options.asked).then(|| ToCome {
        servers: known.to_come(if options.node_access == NodeAccess::Files {
            // Files of sandboxes may name any number.
            usize::MAX
        } else {
            standing.dns.len()
        }),
        queries_each: asked
            .tries_of_an_upstream(&known.domain)
            .saturating_mul(asking),
    });
    Intent {
        namespace,
        probes,
        left_out,
        to_come,
    }
}

fn asks_upstreams(vantage: &str) -> bool {
    ["workload", "control", siblings::WORKING].contains(&vantage) || vantage.starts_with("node-")
}

/// Where the probes would go that need no place of their own, and the namespace to be made for it.
async fn neutral(
    context: &Context<'_>,
    left_out: &mut Vec<(String, String)>,
) -> (Neutral, Option<(Value, Said)>) {
    let (options, objects) = (context.options, context.objects);
    if let Some(named) = Neutral::named(options) {
        return (named, None);
    }
    if let Some(why) = no_namespace(options) {
        left_out.push(("control".to_owned(), why.reason));
        return (Neutral::beside_the_pod(options), None);
    }
    let (name, object) = objects.namespace();
    let tried = Objects::try_namespace(context.api, context.sink, &object).await;
    match tried.map_err(|error| namespace_refused(&error)) {
        Ok(changed) => {
            let own = Neutral {
                namespace: name,
                is_control: true,
            };
            (own, Some((object, Said::Accepted(changed))))
        }
        Err(why) => {
            left_out.push(("control".to_owned(), why.reason));
            (Neutral::beside_the_pod(options), None)
        }
    }
}

/// Tries one out, unless its namespace is the one that only the run would make.
async fn one(
    context: &Context<'_>,
    vantage: Vantage,
    size: &Result<Size, String>,
    not_there: Option<&str>,
) -> Result<Intended, (String, String)> {
    let Vantage { id, place, .. } = &vantage;
    let size = match size {
        Ok(size) => size,
        Err(why) => return Err((id.clone(), why.clone())),
    };
    if let Some(permission) = run::denied(context, &place.namespace) {
        let why = format!("an access review says that it is forbidden to {permission}");
        return Err((id.clone(), why));
    }
    let name = run::pod_name(context.objects.run(), id, 0);
    let pod = run::object(context, &vantage, size, &name);
    let said = if not_there == Some(place.namespace.as_str()) {
        let why = "its namespace is not there yet; asked before it is created";
        Said::NotAsked(why.to_owned())
    } else {
        match run::try_out(context, &vantage, &pod).await {
            Ok(changed) => Said::Accepted(changed),
            Err(Why { reason, .. }) => Said::Refused(reason),
        }
    };
    Ok(Intended {
        vantage: vantage.id,
        pod,
        plan: vantage.plan,
        note: vantage.note,
        said,
    })
}
