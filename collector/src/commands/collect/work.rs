//! What a run asks of the cluster, in its order.

use digpod_bundle::Status;

use super::{Job, limits, tidy};
use crate::api::Api;
use crate::error::Failure;
use crate::gather::{self, Begun};
use crate::meant;
use crate::probes::{self, Objects};
use crate::progress::Progress;
use crate::rights::{Access, Scope};
use crate::sink::Sink;
use crate::whoami::whoami;

/// Everything that asks the cluster. The probes take the longest, so that all else is gathered
/// while they ask.
pub(super) async fn work(
    server: Api,
    time: limits::Time,
    job: Job,
    objects: Objects,
    sink: Sink,
    progress: Progress,
) -> Result<(), Failure> {
    let api = server.until(time.asking());
    let request = &job.request;
    let (begun, mut access) = Box::pin(begin(&api, &job, &sink, &progress)).await?;
    access.record(&sink);
    let probes = job.probes.map(|probes| probes::Options {
        access: access.clone(),
        ..probes
    });
    let first = gather::first(&api, request, begun, &sink, &progress);
    let first = Box::pin(first);
    let Some(probes) = &probes else {
        sink.missing_because(
            &digpod_bundle::layout::probe_records("workload"),
            Status::NotApplicable,
            "no probe was wanted (--no-probe)",
        );
        let found = first.await;
        let rest = Box::pin(gather::rest(&api, request, &found, &sink, &progress));
        futures::join!(
            rest,
            services(&api, &job.scope, &found, &sink, &progress),
            elsewhere(&mut access, &api, &job.scope, &found, &sink, &progress)
        );
        gather::metrics_by_proxy(&api, &sink, &found).await;
        access.record_unsaid(&sink);
        return Ok(());
    };
    let (found, neutral) = futures::join!(
        first,
        probes::neutral(&api, probes, &objects, &sink, &progress),
    );
    let (opener, gate) = probes::gate();
    let rest = async {
        gate.opened().await;
        if probes.until_failure.is_some() {
            time.begin();
            now_begins(&sink);
        }
        let api = server.until(time.asking());
        futures::join!(
            gather::rest(&api, request, &found, &sink, &progress),
            services(&api, &job.scope, &found, &sink, &progress),
        );
    };
    let context = probes::Context::new(&api, probes, &objects, &sink, &progress);
    let when = probes::When {
        opener,
        gate: gate.clone(),
    };
    futures::join!(
        tidy::leftovers(&api, &objects, &request.namespace, &progress),
        probes::probe(&context, &found, &neutral, when),
        Box::pin(rest),
        elsewhere(&mut access, &api, &job.scope, &found, &sink, &progress),
    );
    let api = server.until(time.asking());
    gather::metrics_by_proxy(&api, &sink, &found).await;
    gather::seen_by_probes(&sink, &found);
    access.record_unsaid(&sink);
    Ok(())
}

/// Reads the Services that the names in question mean, now that the cluster's domain is known.
async fn services(
    api: &Api,
    scope: &Scope,
    found: &gather::Found,
    sink: &Sink,
    progress: &Progress,
) {
    let domain = probes::cluster_domain(found);
    let names = scope.names.iter().map(String::as_str);
    let meant = meant::services(names, &scope.namespace, Some(&domain));
    gather::services(api, &meant, sink, progress).await;
}

/// What a bundle calls "now" is after the watch: the moment that it shows.
fn now_begins(sink: &Sink) {
    let now = crate::time::now();
    sink.with(|bundle| bundle.edit_manifest(|manifest| manifest.collected.started = now));
}

/// What is asked before anything is created. It may fail.
pub(super) async fn begin(
    api: &Api,
    job: &Job,
    sink: &Sink,
    progress: &Progress,
) -> Result<(Begun, Access), Failure> {
    let asked = access(api, &job.scope, progress);
    let named = job.scope.probe_namespace.as_deref();
    let (begun, access, ()) = futures::try_join!(
        gather::begin(api, &job.request, sink, progress),
        asked,
        probes::namespace_will_do(api, named.filter(|_| job.scope.probes)),
    )?;
    Ok((begun, access))
}

/// Asks who this user is and what they may do, and says at once what is missing.
async fn access(api: &Api, scope: &Scope, progress: &Progress) -> Result<Access, Failure> {
    let reviewed = async { Ok(Access::review(api, scope).await) };
    let (user, mut access) = futures::try_join!(whoami(api), reviewed)?;
    if let Some(user) = &user {
        progress.note(&format!("the API server takes you for {user}"));
    }
    access.user = user;
    access.say(scope, progress);
    Ok(access)
}

/// Reviews what is needed in the namespace of DNS, where that is not the one which was assumed.
pub(super) async fn elsewhere(
    access: &mut Access,
    api: &Api,
    scope: &Scope,
    found: &gather::Found,
    sink: &Sink,
    progress: &Progress,
) {
    if found.dns_namespace != scope.dns_namespace {
        let scope = Scope {
            dns_namespace: found.dns_namespace.clone(),
            ..scope.clone()
        };
        access.review_again(api, &scope, sink, progress).await;
    }
}
