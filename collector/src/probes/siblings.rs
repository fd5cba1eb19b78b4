//! Probes beside pods: one like the failing pod, and one like the pod that resolves.

use digpod_bundle::k8s::Pod;
use digpod_bundle::{Status, layout};

use super::places::Vantage;
use super::run::{self, Context, Told};
use super::servers::Servers;
use super::size::Size;
use super::until::{self, Opener, Watching};
use super::why::Why;
use super::{Options, labels, standing};
use crate::gather::Found;

/// The failing pod's place.
pub(super) const WORKLOAD: &str = "workload";
/// The place of the pod that resolves.
pub(super) const WORKING: &str = "working";

/// A pod beside which a probe is to stand.
pub(super) struct Beside<'a> {
    id: &'static str,
    pub(super) namespace: &'a str,
    pod: Option<&'a Pod>,
}

impl<'a> Beside<'a> {
    /// The failing pod; without one its namespace.
    pub(super) fn failing(options: &'a Options, found: &'a Found) -> Self {
        Self {
            id: WORKLOAD,
            namespace: &options.namespace,
            pod: found.workload.as_ref(),
        }
    }

    /// The pod that resolves, if one was named.
    pub(super) fn working(options: &'a Options, found: &'a Found) -> Option<Self> {
        Some(Self {
            id: WORKING,
            namespace: &options.working_pod.as_ref()?.namespace,
            pod: found.working.as_ref(),
        })
    }

    /// Where its sibling stands and what it asks; or why there can be none.
    pub(super) async fn sibling(
        &self,
        context: &Context<'_>,
        found: &Found,
        servers: &Servers,
    ) -> Result<Vantage, Why> {
        let Self { id, namespace, pod } = *self;
        if id == WORKING && pod.is_none() {
            let why = "the pod that resolves could not be read, so that no probe can be like it";
            return Err(Why::new(Status::NotApplicable, why.to_owned()));
        }
        let node = pod.and_then(|pod| pod.spec.node_name.as_deref());
        if let Some(why) = node.and_then(|node| standing::unfit(found, node)) {
            return Err(Why::new(Status::NotApplicable, why));
        }
        let choice = labels::choose(context.api, namespace, &found.dns_namespace, pod).await;
        let choice = choice.map_err(|why| Why::new(Status::NotApplicable, why))?;
        let options = context.options;
        let mut vantage = Vantage::sibling(id, pod, namespace, &options.asked, servers, choice);
        if id == WORKLOAD {
            let until = options.until_failure.as_ref();
            vantage.plan.watch = until.map(|it| it.watch(namespace, &servers.domain));
        }
        Ok(vantage)
    }

    /// Has its sibling ask, and tell of its watch.
    pub(super) async fn ask(
        &self,
        context: &Context<'_>,
        found: &Found,
        servers: &Servers,
        size: &Result<Size, String>,
        opener: Option<Opener>,
    ) {
        let wanted = context.options.until_failure.as_ref();
        match self.sibling(context, found, servers).await {
            Ok(vantage) => {
                let (sink, progress) = (context.sink, context.progress);
                let watching = wanted.zip(opener).map(|(until, opener)| {
                    Watching::new(until, &vantage.id, opener, sink, progress)
                });
                run::run(context, vantage, size, Told::watching(watching)).await;
            }
            Err(why) => {
                let entry = layout::probe_records(self.id);
                context.sink.missing(why.item(entry));
            }
        }
        if self.id == WORKLOAD && wanted.is_some() {
            until::unwatched(context.sink, context.progress, self.id);
        }
    }
}
