//! `--dry-run`: every object, query and call of a run, and nothing created.
//!
//! The cluster is read as far as a run reads it before it creates its first object: what would be
//! asked depends on where DNS is and what its configuration says.

mod loads;
mod objects;
mod page;
mod queries;
mod text;

use digpod_probe::Plan;
use serde_json::{Value, json};

use super::{Job, begin, elsewhere, limits};
use crate::api::Api;
use crate::cli::{Collect, Format};
use crate::connect::Cluster;
use crate::error::Failure;
use crate::exit::Exit;
use crate::gather;
use crate::output;
use crate::probes::{self, Intent, Objects, Said};
use crate::program::named;
use crate::progress::Progress;
use crate::rights::{ApiCall, calls};
use crate::sink::Sink;

/// What a run would do.
struct DryRun {
    user: Option<String>,
    intent: Option<Intent>,
    calls: Vec<ApiCall>,
}

pub(super) async fn run(
    cluster: &Cluster,
    options: &Collect,
    job: Job,
    objects: &Objects,
    progress: &Progress,
) -> Result<Exit, Failure> {
    let time = limits::Time::new(options.timeout, 0);
    let api = cluster.api.until(time.asking());
    let found = Box::pin(find(&api, options, job, objects, progress)).await;
    progress.end();
    let found = found?;
    if options.format == Format::Json {
        let mut text = serde_json::to_string_pretty(&found.to_json()).unwrap_or_default();
        text.push('\n');
        output::print(&text)?;
    } else {
        output::print(&named(&text::text(&found, output::width())))?;
    }
    Ok(Exit::Done)
}

async fn find(
    api: &Api,
    options: &Collect,
    job: Job,
    objects: &Objects,
    progress: &Progress,
) -> Result<DryRun, Failure> {
    // Nobody reads what goes in here.
    let sink = Sink::new(digpod_bundle::Manifest::default());
    let (begun, mut access) = Box::pin(begin(api, &job, &sink, progress)).await?;
    let found = Box::pin(gather::first(api, &job.request, begun, &sink, progress)).await;
    elsewhere(&mut access, api, &job.scope, &found, &sink, progress).await;
    let user = access.user.clone();
    let scope = crate::rights::Scope {
        dns_namespace: found.dns_namespace.clone(),
        ..job.scope
    };
    let intent = match job.probes {
        None => None,
        Some(wanted) => {
            progress.step("trying out the probes' objects (dryRun=All)");
            let wanted = probes::Options { access, ..wanted };
            Some(probes::intent(api, &wanted, &found, objects, &sink, progress).await)
        }
    };
    let own = intent.as_ref().and_then(|it| it.namespace.as_ref());
    let own = own.and_then(|(object, _)| object.pointer("/metadata/name")?.as_str());
    let mut calls = calls(&scope, own);
    if options.all_namespaces {
        calls.push(ApiCall {
            method: "GET",
            path: "/api/v1/pods".to_owned(),
            purpose: "the failing pod, looked for in all namespaces (-A)",
            sometimes: false,
        });
    }
    Ok(DryRun {
        user,
        intent,
        calls,
    })
}

impl DryRun {
    fn to_json(&self) -> Value {
        let mut objects: Vec<Value> = Vec::new();
        let mut plans: Vec<&Plan> = Vec::new();
        let mut left_out = Vec::new();
        let (mut to_come, mut loads) = (None, None);
        if let Some(intent) = &self.intent {
            let namespace = intent.namespace.iter();
            objects.extend(namespace.map(|(object, said)| one(object, said, None, None)));
            for probe in &intent.probes {
                let (vantage, note) = (Some(probe.vantage.as_str()), probe.note.as_deref());
                objects.push(one(&probe.pod, &probe.said, vantage, note));
                plans.push(&probe.plan);
            }
            let left = intent.left_out.iter();
            left_out.extend(left.map(|(vantage, why)| json!({"vantage": vantage, "reason": why})));
            loads = Some(loads::Loads::of(intent).to_json());
            let more = intent.to_come;
            to_come = more.map(|it| {
                json!({
                    "servers": it.servers,
                    "queriesEach": it.queries_each,
                    "repeatsEach": it.queries_each.saturating_mul(loads::MOST_REPEATS),
                })
            });
        }
        json!({
            "user": self.user,
            "objects": objects,
            "leftOut": left_out,
            "plans": plans,
            "loads": loads,
            "upstreamsToCome": to_come,
            "calls": self.calls,
        })
    }
}

fn one(object: &Value, said: &Said, vantage: Option<&str>, note: Option<&str>) -> Value {
    let (word, reason) = match said {
        Said::Accepted(changed) => ("accepted", changed.as_deref()),
        Said::Refused(why) => ("refused", Some(why.as_str())),
        Said::NotAsked(why) => ("not-asked", Some(why.as_str())),
    };
    json!({
        "object": object,
        "vantage": vantage,
        "note": note,
        "dryRun": word,
        "reason": reason,
    })
}
