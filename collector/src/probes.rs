//! Probes: short-lived pods that ask DNS from where the failing pod stands, from beside CoreDNS,
//! from a namespace without policies, and from nodes.

mod admission;
mod intended;
mod keep;
mod labels;
mod leftovers;
mod log;
mod mounts;
mod neutral;
mod objects;
mod places;
mod pod;
mod quantity;
mod questions;
mod removal;
mod repeat;
mod run;
mod runner;
mod servers;
mod size;
mod standing;
mod state;
mod until;
mod why;

use std::sync::Arc;

use digpod_bundle::{Status, layout};
use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::future::join_all;

use crate::api::Api;
use crate::cli::NodeAccess;
use crate::gather::Found;
use crate::rights::Access;
use crate::sink::Sink;

pub(crate) use intended::{Intended, Intent, Said, intent};
pub(crate) use leftovers::{Where, find as find_leftovers, remove as remove_leftovers};
pub(crate) use neutral::{Neutral, namespace_will_do, neutral};
pub(crate) use objects::Objects;
pub(crate) use questions::Asked;
pub(crate) use removal::Namespaces;
pub(crate) use run::Context;
pub(crate) use until::{Gate, Opener, UntilFailure, gate};

use places::Vantage;
use run::Told;
use size::Size;
use standing::Standing;
use until::Watching;
use why::Why;

/// How to probe.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Image of the probe.
    pub(crate) image: String,
    /// Secret of the probes' namespaces with which the image is pulled.
    pub(crate) pull_secret: Option<String>,
    /// Namespace without policies; `None`: one of our own.
    pub(crate) control_namespace: Option<String>,
    /// Namespace of the failing pod.
    pub(crate) namespace: String,
    /// What probes may use of nodes.
    pub(crate) node_access: NodeAccess,
    /// What is asked before everything else, until it fails.
    pub(crate) until_failure: Option<UntilFailure>,
    /// What is asked.
    pub(crate) asked: Asked,
    /// What this user may do: what could not be read or removed again is not created.
    pub(crate) access: Access,
}

/// When probes ask.
pub(crate) struct When {
    /// For the one that watches until something fails; opens at once where none does.
    pub(crate) opener: Opener,
    /// For all others.
    pub(crate) gate: Gate,
}

/// Runs all probes; what fails is in the manifest with its reason.
pub(crate) async fn probe(context: &Context<'_>, found: &Found, neutral: &Neutral, when: When) {
    let When { opener, gate } = when;
    let Context {
        api,
        options,
        objects,
        sink,
        progress,
        ..
    } = *context;
    let standing = standing::choose(found);
    for (node, why) in &standing.left_out {
        let entry = layout::probe_records(&format!("node-{node}"));
        sink.missing_because(&entry, Status::NotApplicable, why.as_str());
    }
    planned(sink, options, &standing);
    progress.step("probing: beside CoreDNS, from the pod's place, a policy-free place and nodes");
    let (own, other) = sizes(api, options, neutral, &standing).await;
    let namespace = neutral.namespace.as_str();

    let mut lists = Vec::new();
    let beside = standing.dns.iter().map(|node| {
        let (tell, told) = oneshot::channel();
        lists.push(told);
        let vantage = Vantage::beside_coredns(node, namespace, &options.asked, found);
        run::run(context, vantage, &other, Told::resolv_conf(tell))
    });
    let beside: Vec<_> = beside.collect();
    let needs_lists = needs_lists(options, found);
    let beside = async {
        // Whoever waits for a failure needs the servers' names before.
        if !needs_lists {
            gate.opened().await;
        }
        join_all(beside).await;
    };
    let files = files(&standing, options, namespace, found);
    let files = files.map(|it| run::run(context, it, &other, Told::default()));
    let files: Vec<_> = files.collect();
    let files = async {
        gate.opened().await;
        join_all(files).await;
    };
    let servers = async {
        // As soon as a probe beside CoreDNS has begun, its list of upstreams is known.
        let lists = if needs_lists {
            join_all(lists).await.into_iter().flatten().collect()
        } else {
            Vec::new()
        };
        Arc::new(servers::servers(found, &lists))
    };
    let servers = servers.shared();
    let asking = async {
        let servers = servers.clone().await;
        gate.opened().await;
        let nodes = nodes(&standing, options, namespace, &servers).unwrap_or_else(|why| {
            sink.missing_because(&layout::probe_records("node"), Status::NotApplicable, why);
            Vec::new()
        });
        let nodes = nodes
            .into_iter()
            .map(|it| run::run(context, it, &other, Told::default()));
        let control = async {
            if neutral.is_control {
                let vantage = Vantage::control(found, namespace, &options.asked, &servers);
                run::run(context, vantage, &other, Told::default()).await;
            }
        };
        futures::join!(control, join_all(nodes));
    };
    let neutral = async {
        futures::join!(beside, files, asking);
        // Its end takes 5 s and more, which need not begin at the end of the run.
        objects.close(api, namespace).await;
    };
    let sibling = async {
        let servers = servers.clone().await;
        workload(context, found, &servers, &own, opener).await;
    };
    futures::join!(neutral, sibling);
}

/// Whether the probes that ask upstreams wait for the lists that those beside CoreDNS find. Where a
/// failure is waited for, the answers beside CoreDNS should be of that moment: the servers that
/// CoreDNS's metrics name will do.
fn needs_lists(options: &Options, found: &Found) -> bool {
    let mut asked = options.asked.clone();
    asked.quick |= options.until_failure.is_some();
    servers::needs_node_lists(found, &asked)
}

/// Each place from which is asked is missing until its answers come, since a run may end before.
fn planned(sink: &Sink, options: &Options, standing: &Standing) {
    let beside = standing.dns.iter().map(|node| format!("default-{node}"));
    let nodes = standing.all.iter().map(|node| format!("node-{node}"));
    let untouched = options.node_access == NodeAccess::None;
    let nodes = nodes.filter(|_| !untouched);
    let others = ["workload", "control"].map(str::to_owned);
    for vantage in beside.chain(nodes).chain(others) {
        let entry = layout::probe_records(&vantage);
        if sink.with(|bundle| bundle.item(&entry).is_none()) {
            sink.pending(&entry);
        }
    }
}

/// What each namespace admits: the failing pod's, and the other probes'.
async fn sizes(
    api: &Api,
    options: &Options,
    neutral: &Neutral,
    standing: &Standing,
) -> (Result<Size, String>, Result<Size, String>) {
    let others = 1 + standing.dns.len() + standing.all.len() * 2;
    let others = u32::try_from(others).unwrap_or(u32::MAX);
    if options.namespace == neutral.namespace {
        let size = size::size(api, &options.namespace, others).await;
        return (size.clone(), size);
    }
    let other = async {
        match &options.control_namespace {
            Some(namespace) => size::size(api, namespace, others).await,
            // A new namespace has neither range nor quota, or an admission's that nobody can foresee.
            None => Ok(Size::default()),
        }
    };
    futures::join!(size::size(api, &options.namespace, 1), other)
}

/// The sibling of the failing pod.
async fn workload(
    context: &Context<'_>,
    found: &Found,
    servers: &servers::Servers,
    size: &Result<Size, String>,
    opener: Opener,
) {
    let until = context.options.until_failure.as_ref();
    match sibling(context, found, servers).await {
        Ok(vantage) => {
            let (sink, progress) = (context.sink, context.progress);
            let watching =
                until.map(|until| Watching::new(until, &vantage.id, opener, sink, progress));
            run::run(context, vantage, size, Told::watching(watching)).await;
        }
        Err(why) => context
            .sink
            .missing(why.item(layout::probe_records("workload"))),
    }
}

/// Where the sibling stands and what it asks; or why there can be none.
async fn sibling(
    context: &Context<'_>,
    found: &Found,
    servers: &servers::Servers,
) -> Result<Vantage, Why> {
    let (options, pod) = (context.options, found.workload.as_ref());
    let namespace = options.namespace.as_str();
    let node = pod.and_then(|pod| pod.spec.node_name.as_deref());
    if let Some(why) = node.and_then(|node| standing::unfit(found, node)) {
        return Err(Why::new(Status::NotApplicable, why));
    }
    let choice = labels::choose(context.api, namespace, &found.dns_namespace, pod).await;
    let choice = choice.map_err(|why| Why::new(Status::NotApplicable, why))?;
    let asked = &options.asked;
    let mut vantage = Vantage::workload(found, namespace, asked, servers, choice);
    let until = options.until_failure.as_ref();
    vantage.plan.watch = until.map(|it| it.watch(namespace, &servers.domain));
    Ok(vantage)
}

/// On the network of nodes; or why nothing asks from there.
fn nodes(
    standing: &Standing,
    options: &Options,
    namespace: &str,
    servers: &servers::Servers,
) -> Result<Vec<Vantage>, &'static str> {
    if options.node_access == NodeAccess::None {
        return Err(
            "nodes were not to be touched (--node-access none): whether the node itself resolves is not known",
        );
    }
    if standing.all.is_empty() {
        return Err("no node is known on which the failing pod or CoreDNS runs");
    }
    let all = standing.all.iter();
    Ok(all
        .map(|node| Vantage::node(node, namespace, &options.asked, servers))
        .collect())
}

/// The files of nodes, where that is wanted.
fn files(
    standing: &Standing,
    options: &Options,
    namespace: &str,
    found: &Found,
) -> impl Iterator<Item = Vantage> {
    let wanted = options.node_access == NodeAccess::Files;
    let all = if wanted { standing.all.as_slice() } else { &[] };
    let vantages = all
        .iter()
        .map(|node| Vantage::files(node, namespace, &options.asked, found));
    vantages.collect::<Vec<_>>().into_iter()
}
