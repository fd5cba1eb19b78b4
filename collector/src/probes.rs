//! Probes: short-lived pods that ask DNS from where the failing pod stands, from beside CoreDNS,
//! from a namespace without policies, and from nodes.

mod admission;
mod binary;
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
mod sent;
mod servers;
mod siblings;
mod size;
mod standing;
mod state;
mod until;
mod why;

use std::sync::Arc;

use digpod_bundle::{EntryName, Status, layout};
use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::future::join_all;

use crate::api::Api;
use crate::cli::NodeAccess;
use crate::gather::{Found, WorkingPod};
use crate::rights::Access;
use crate::sink::Sink;

pub(crate) use binary::Binaries;
pub(crate) use intended::{Intended, Intent, Said, intent};
pub(crate) use leftovers::{Where, find as find_leftovers, remove as remove_leftovers};
pub(crate) use neutral::{Neutral, namespace_will_do, neutral};
pub(crate) use objects::Objects;
pub(crate) use questions::Asked;
pub(crate) use removal::Namespaces;
pub(crate) use run::Context;
pub(crate) use servers::domain as cluster_domain;
pub(crate) use until::{Gate, Opener, UntilFailure, gate};

use places::Vantage;
use run::Told;
use siblings::Beside;
use size::Size;
use standing::Standing;

/// How to probe.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Image of the probe.
    pub(crate) image: String,
    /// The probe itself, for nodes that cannot pull its image.
    pub(crate) binaries: Binaries,
    /// Secret of the probes' namespaces with which the image is pulled.
    pub(crate) pull_secret: Option<String>,
    /// Namespace without policies; `None`: one of our own.
    pub(crate) control_namespace: Option<String>,
    /// Namespace of the failing pod.
    pub(crate) namespace: String,
    /// A pod that resolves.
    pub(crate) working_pod: Option<WorkingPod>,
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
    let sizes = sizes(api, options, neutral, &standing).await;
    let other = &sizes.other;
    let namespace = neutral.namespace.as_str();

    let mut lists_to_come = Vec::new();
    let beside = standing.dns.iter().map(|node| {
        let (tell, told) = oneshot::channel();
        lists_to_come.push(told);
        let vantage = Vantage::beside_coredns(node, namespace, &options.asked, found);
        run::run(context, vantage, other, Told::resolv_conf(tell))
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
    let files = files.map(|it| run::run(context, it, other, Told::default()));
    let files: Vec<_> = files.collect();
    // Who waits for a failure asks before the files are read; otherwise the questions wait for them.
    let reads_files = options.node_access == NodeAccess::Files && options.until_failure.is_none();
    let files = async {
        if !reads_files {
            gate.opened().await;
        }
        join_all(files).await;
    };
    let files = files.shared();
    let servers = async {
        // As soon as a probe beside CoreDNS has begun, its list of upstreams is known.
        let mut lists: Vec<String> = Vec::new();
        if needs_lists {
            lists.extend(join_all(lists_to_come).await.into_iter().flatten());
        }
        // What CoreDNS was given when it started, and what its node's kubelet reads today.
        if needs_lists && reads_files {
            files.clone().await;
            lists.extend(lists_of_nodes(sink));
        }
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
            .map(|it| run::run(context, it, other, Told::default()));
        let control = async {
            if neutral.is_control {
                let vantage = Vantage::control(found, namespace, &options.asked, &servers);
                run::run(context, vantage, other, Told::default()).await;
            }
        };
        futures::join!(control, join_all(nodes));
    };
    let neutral = async {
        futures::join!(beside, files.clone(), asking);
        // Its end takes 5 s and more, which need not begin at the end of the run.
        objects.close(api, namespace).await;
    };
    let sibling = async {
        let servers = servers.clone().await;
        let failing = Beside::failing(options, found);
        let failing = failing.ask(context, found, &servers, &sizes.failing, Some(opener));
        let working = async {
            if let Some(working) = Beside::working(options, found) {
                gate.opened().await;
                let size = &sizes.working;
                working.ask(context, found, &servers, size, None).await;
            }
        };
        futures::join!(failing, working);
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

/// Every resolv.conf that was read from nodes' files.
fn lists_of_nodes(sink: &Sink) -> Vec<String> {
    let is_list = |name: &EntryName| {
        let name = name.as_str();
        name.starts_with("nodes/") && name.ends_with("/resolv.conf")
    };
    sink.with(|bundle| {
        let lists = bundle.entries().filter(|(name, _)| is_list(name));
        lists
            .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
            .collect()
    })
}

/// Each place from which is asked is missing until its answers come, since a run may end before.
fn planned(sink: &Sink, options: &Options, standing: &Standing) {
    let beside = standing.dns.iter().map(|node| format!("default-{node}"));
    let nodes = standing.all.iter().map(|node| format!("node-{node}"));
    let untouched = options.node_access == NodeAccess::None;
    let nodes = nodes.filter(|_| !untouched);
    let others = ["workload", "control"].map(str::to_owned);
    let working = options
        .working_pod
        .iter()
        .map(|_| siblings::WORKING.to_owned());
    if options.until_failure.is_some() {
        sink.pending(&layout::probe_watch("workload"));
    }
    for vantage in beside.chain(nodes).chain(others).chain(working) {
        let entry = layout::probe_records(&vantage);
        if sink.with(|bundle| bundle.item(&entry).is_none()) {
            sink.pending(&entry);
        }
    }
}

/// What probes may have in each namespace.
struct Sizes {
    failing: Result<Size, String>,
    working: Result<Size, String>,
    other: Result<Size, String>,
}

/// What each namespace admits.
async fn sizes(api: &Api, options: &Options, neutral: &Neutral, standing: &Standing) -> Sizes {
    let others = 1 + standing.dns.len() + standing.all.len() * 2;
    let others = u32::try_from(others).unwrap_or(u32::MAX);
    let failing_in = options.namespace.as_str();
    let working_in = options.working_pod.as_ref().map(|it| it.namespace.as_str());
    let neutral_in = neutral.namespace.as_str();
    let probes = |namespace: &str| {
        let here = [
            (Some(failing_in), 1),
            (working_in, 1),
            (Some(neutral_in), others),
        ];
        let here = here.into_iter().filter(|(it, _)| *it == Some(namespace));
        here.map(|(_, probes)| probes).sum()
    };
    let size = |namespace| size::size(api, namespace, probes(namespace));
    // A new namespace has neither range nor quota, or an admission's that nobody can foresee.
    let is_new = options.control_namespace.is_none() && neutral_in != failing_in;
    let other = async {
        if is_new {
            Ok(Size::default())
        } else {
            size(neutral_in).await
        }
    };
    let working = size(working_in.unwrap_or(failing_in));
    let (failing, working, other) = futures::join!(size(failing_in), working, other);
    Sizes {
        failing,
        working,
        other,
    }
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
