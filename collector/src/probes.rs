//! Probes: short-lived pods that ask DNS from where the failing pod stands, from beside CoreDNS,
//! from a namespace without policies, and from nodes.

mod admission;
mod intended;
mod keep;
mod labels;
mod leftovers;
mod log;
mod mounts;
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
mod why;

use std::sync::Arc;

use digpod_bundle::{Status, layout};
use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::future::join_all;
use serde_json::Value;

use crate::api::{Api, CallError};
use crate::cli::NodeAccess;
use crate::error::Failure;
use crate::gather::Found;
use crate::progress::Progress;
use crate::rights::Access;
use crate::sink::Sink;

pub(crate) use intended::{Intended, Intent, Said, intent};
pub(crate) use leftovers::{Where, find as find_leftovers, remove as remove_leftovers};
pub(crate) use objects::Objects;
pub(crate) use questions::Asked;
pub(crate) use removal::Namespaces;

use places::Vantage;
use run::Context;
use size::Size;
use standing::Standing;
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
    /// What is asked.
    pub(crate) asked: Asked,
    /// What this user may do: what could not be read or removed again is not created.
    pub(crate) access: Access,
}

/// Where probes may be put that need no place of their own.
#[derive(Clone, Debug)]
pub(crate) struct Neutral {
    namespace: String,
    /// Whether it is without policies, so that the control probe may stand there.
    is_control: bool,
}

/// Runs all probes; what fails is in the manifest with its reason.
pub(crate) async fn probe(
    api: &Api,
    options: &Options,
    found: &Found,
    neutral: &Neutral,
    objects: &Objects,
    sink: &Sink,
    progress: &Progress,
) {
    let context = Context::new(api, options, objects, sink, progress);
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
        run::run(&context, vantage, &other, Some(tell))
    });
    let beside: Vec<_> = beside.collect();
    let files = files(&standing, options, namespace, found);
    let files = files.map(|it| run::run(&context, it, &other, None));
    let servers = async {
        // As soon as a probe beside CoreDNS has begun, its list of upstreams is known.
        let lists = if servers::needs_node_lists(found, &options.asked) {
            join_all(lists).await.into_iter().flatten().collect()
        } else {
            Vec::new()
        };
        Arc::new(servers::servers(found, &lists))
    };
    let servers = servers.shared();
    let asking = async {
        let servers = servers.clone().await;
        let nodes = nodes(&standing, options, namespace, &servers).unwrap_or_else(|why| {
            sink.missing_because(&layout::probe_records("node"), Status::NotApplicable, why);
            Vec::new()
        });
        let nodes = nodes
            .into_iter()
            .map(|it| run::run(&context, it, &other, None));
        let control = async {
            if neutral.is_control {
                let vantage = Vantage::control(found, namespace, &options.asked, &servers);
                run::run(&context, vantage, &other, None).await;
            }
        };
        futures::join!(control, join_all(nodes));
    };
    let neutral = async {
        futures::join!(join_all(beside), join_all(files), asking);
        // Its end takes 5 s and more, which need not begin at the end of the run.
        objects.close(api, namespace).await;
    };
    let sibling = async {
        let servers = servers.clone().await;
        workload(&context, found, &servers, &own).await;
    };
    futures::join!(neutral, sibling);
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
) {
    match sibling(context, found, servers).await {
        Ok(vantage) => run::run(context, vantage, size, None).await,
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
    Ok(Vantage::workload(found, namespace, asked, servers, choice))
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

/// Where the probes go that no policy should touch: the namespace that was named, or a new one.
pub(crate) async fn neutral(
    api: &Api,
    options: &Options,
    objects: &Objects,
    sink: &Sink,
    progress: &Progress,
) -> Neutral {
    if let Some(named) = Neutral::named(options) {
        return named;
    }
    let created = match no_namespace(options) {
        Some(why) => Err(why),
        None => objects
            .create_namespace(api, sink, progress)
            .await
            .map_err(|error| namespace_refused(&error)),
    };
    match created {
        Ok(namespace) => Neutral {
            namespace,
            is_control: true,
        },
        Err(why) => {
            sink.missing(why.item(layout::probe_records("control")));
            Neutral::beside_the_pod(options)
        }
    }
}

impl Neutral {
    /// `--probe-namespace`.
    fn named(options: &Options) -> Option<Self> {
        let namespace = options.control_namespace.clone()?;
        Some(Self {
            namespace,
            is_control: true,
        })
    }

    /// Without a namespace of their own the probes that need no policy-free place go to the pod's.
    fn beside_the_pod(options: &Options) -> Self {
        Self {
            namespace: options.namespace.clone(),
            is_control: false,
        }
    }
}

/// Fails if the server says that there is no such namespace, or that policies hold there for a probe:
/// what is to show DNS without policies would show something else. Where that may not be asked, the
/// probes will say it.
pub(crate) async fn namespace_will_do(api: &Api, named: Option<&str>) -> Result<(), Failure> {
    let Some(name) = named else { return Ok(()) };
    let help = "name another with --probe-namespace; without it a run makes one of its own";
    let path = format!("/api/v1/namespaces/{name}");
    let (found, policies) =
        futures::join!(api.get::<Value>(&path), labels::policies_on_all(api, name));
    if found.is_err_and(|error| error.status == Status::NotFound) {
        return Err(Failure::new(format!("there is no namespace {name}")).help(help));
    }
    match policies.unwrap_or_default().as_slice() {
        [] => Ok(()),
        all => Err(Failure::new(format!(
            "namespace {name} is no place without policies: {} for every pod there",
            match all {
                [one] => format!("{one} holds"),
                all => format!("{} hold", all.join(", ")),
            }
        ))
        .help(help)),
    }
}

/// Why no namespace of the run's own is created.
fn no_namespace(options: &Options) -> Option<Why> {
    let mut verbs = ["create", "get", "delete"].iter();
    let permission = verbs.find_map(|verb| options.access.lacks(verb, "namespaces", ""))?;
    Some(Why {
        status: Status::Forbidden,
        reason: format!(
            "no namespace of its own was created: an access review says that it is forbidden to {permission}"
        ),
        missing_permission: Some(permission),
    })
}

fn namespace_refused(error: &CallError) -> Why {
    let permission = "create namespaces in the cluster".to_owned();
    let what = "no namespace of its own could be created (--probe-namespace names another)";
    Why::refused(what, error, permission)
}
