//! `--like BUNDLE`: the same questions again, and what has changed in the answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use digpod_analysis::analyse;
use digpod_bundle::k8s::Pod;
use digpod_bundle::layout::Kind;
use digpod_bundle::{Bundle, Like as Recorded, Status, layout};
use digpod_probe::{NameClass, Plan, ServerRole, Target};
use digpod_report::{Comparison, Outcome, compare, report, v1};

use crate::api::Api;
use crate::cli::Collect;
use crate::commands::input;
use crate::error::Failure;
use crate::progress::Progress;

/// Labels that only one generation of a workload's pods has.
const OF_ONE_GENERATION: [&str; 5] = [
    "pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
];

/// An earlier bundle.
pub(super) struct Like {
    before: Bundle,
    plans: Arc<BTreeMap<String, Plan>>,
}

impl Like {
    /// Opens it, and takes from it what was not typed.
    pub(super) fn open(path: &Path, options: &mut Collect) -> Result<Self, Failure> {
        let before = input::open(path)?;
        let plans = plans(&before);
        let symptom = &before.manifest().symptom;
        if plans.is_empty() && symptom.names.is_empty() {
            return Err(
                Failure::new(format!("{} holds no questions to repeat", path.display()))
                    .help("give a bundle that `digpod collect` wrote for a failing name"),
            );
        }
        if options.names.is_empty() {
            options.names = symptom
                .names
                .iter()
                .map(|it| match &it.expected {
                    Some(address) => format!("{}={address}", it.name),
                    None => it.name.clone(),
                })
                .collect();
        }
        if options.namespace.is_none() && !options.all_namespaces {
            options.namespace.clone_from(&symptom.namespace);
        }
        if options.pod.is_none() && options.selector.is_none() {
            options.pod.clone_from(&symptom.pod);
        }
        let questions = || plans.values().flat_map(|plan| &plan.questions);
        if let Some(public) = questions().find(|it| it.class == NameClass::Public) {
            public
                .name
                .trim_end_matches('.')
                .clone_into(&mut options.public_name);
        }
        options.quick |= !plans.is_empty() && questions().all(|it| it.tries <= 1);
        Ok(Self {
            plans: Arc::new(plans),
            before,
        })
    }

    /// The plans, by vantage.
    pub(super) fn plans(&self) -> Arc<BTreeMap<String, Plan>> {
        Arc::clone(&self.plans)
    }

    /// Which bundle it is, for the new one's manifest.
    pub(super) fn recorded(&self) -> Recorded {
        Recorded {
            id: self.before.manifest().id(),
            collected: self.before.manifest().collected.started.clone(),
        }
    }

    /// Where the pod is gone, one with its labels stands in for it.
    pub(super) async fn stand_in(&self, api: &Api, options: &mut Collect, progress: &Progress) {
        let (Some(namespace), Some(name)) = (&options.namespace, &options.pod) else {
            return;
        };
        let path = format!("/api/v1/namespaces/{namespace}/pods/{name}");
        match api.get::<Pod>(&path).await {
            Err(error) if error.status == Status::NotFound => {}
            _ => return,
        }
        let pod = self.before.get(layout::WORKLOAD_POD);
        let pod: Option<Pod> = pod.and_then(|bytes| serde_json::from_slice(bytes).ok());
        let mut labels = pod.map(|pod| pod.metadata.labels).unwrap_or_default();
        labels.retain(|key, _| !OF_ONE_GENERATION.contains(&key.as_str()));
        if labels.is_empty() {
            return;
        }
        let terms: Vec<String> = labels
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let selector = terms.join(",");
        progress.note(&format!(
            "pod {namespace}/{name} is gone; one with its labels stands in for it ({selector})"
        ));
        options.pod = None;
        options.selector = Some(selector);
    }

    /// What is different now, in words, for the person who wants to know whether it is fixed.
    pub(super) fn compared(&self, after: &Bundle, now: &v1::Report) -> Comparison {
        let then = report(&self.before, &analyse(&self.before));
        let mut comparison = compare(&then, now);
        comparison.before_id = self.before.manifest().id();
        comparison.not_repeated = self.not_repeated(after);
        if self.is_of_another_cluster(after) {
            comparison.outcome = Outcome::OtherCluster;
        }
        comparison
    }

    fn is_of_another_cluster(&self, after: &Bundle) -> bool {
        let (old, new) = (self.before.manifest(), after.manifest());
        match (&old.cluster.id, &new.cluster.id) {
            (Some(old), Some(new)) => old != new,
            _ => false,
        }
    }

    fn not_repeated(&self, after: &Bundle) -> Vec<String> {
        let mut lines = BTreeSet::new();
        let (old, new) = (self.before.manifest(), after.manifest());
        if let (Some(old), Some(new)) = (&old.symptom.pod, &new.symptom.pod)
            && old != new
        {
            lines.insert(format!("pod {old} is gone; {new} was asked from instead"));
        }
        let now = plans(after);
        for (vantage, plan) in &*self.plans {
            let Some(again) = now.get(vantage) else {
                let why = after.item(&layout::probe_records(vantage));
                let why = why.and_then(|item| item.reason.clone());
                lines.insert(match why {
                    Some(why) => format!("vantage {vantage}: {why}"),
                    None => format!("vantage {vantage} was not asked from this time"),
                });
                continue;
            };
            let asked = servers(again);
            for (server, role) in servers(plan) {
                if !asked.contains_key(&server) {
                    lines.insert(format!("{role} {server} is not asked any more"));
                }
            }
        }
        lines.into_iter().collect()
    }
}

/// Addresses asked by a plan, with their roles.
fn servers(plan: &Plan) -> BTreeMap<String, &'static str> {
    let questions = plan.questions.iter();
    questions
        .filter_map(|question| match &question.target {
            // Asked to compare with, whether anything forwards to it or not.
            Target::Server {
                role: ServerRole::Platform,
                ..
            } => None,
            Target::Server { address, role } => Some((address.clone(), role_name(*role))),
            _ => None,
        })
        .collect()
}

fn role_name(role: ServerRole) -> &'static str {
    match role {
        ServerRole::Service => "Service",
        ServerRole::CorednsPod => "CoreDNS pod",
        ServerRole::Upstream => "upstream",
        _ => "server",
    }
}

fn plans(bundle: &Bundle) -> BTreeMap<String, Plan> {
    bundle
        .entries()
        .filter_map(|(name, bytes)| match Kind::of(name) {
            Kind::ProbePlan { vantage } => Some((
                vantage,
                Plan::from_json(std::str::from_utf8(bytes).ok()?).ok()?,
            )),
            _ => None,
        })
        .collect()
}
