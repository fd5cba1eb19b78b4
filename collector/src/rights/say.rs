//! Says at once what is missing, with its price and the way out, and sees to it that nothing of it
//! is missing in the manifest.

use digpod_bundle::{Item, Status, layout};

use super::need::{Need, Scope};
use super::review::{Access, ask};
use super::{hint, needs};
use crate::api::Api;
use crate::progress::Progress;
use crate::sink::{Call, Sink};

/// What is missing of one resource in one place.
struct Line<'a> {
    need: &'a Need,
    verbs: Vec<&'static str>,
    losses: Vec<&'static str>,
}

impl Access {
    /// Asks what this user may do.
    pub(crate) async fn review(api: &Api, scope: &Scope) -> Self {
        ask(api, needs(scope)).await
    }

    /// Asks again for what is elsewhere than was thought: the cluster's DNS was found.
    pub(crate) async fn review_again(
        &mut self,
        api: &Api,
        scope: &Scope,
        sink: &Sink,
        progress: &Progress,
    ) {
        let known = |need: &Need| self.checked.iter().any(|(it, _)| it == need);
        let (old, new): (Vec<Need>, Vec<Need>) = needs(scope).into_iter().partition(known);
        let more = Self {
            user: self.user.clone(),
            ..ask(api, new).await
        };
        self.checked.retain(|(need, _)| old.contains(need));
        self.checked.extend(more.checked.iter().cloned());
        more.say(scope, progress);
        self.record(sink);
    }

    /// One line a missing thing, what it costs, and who can help; the run goes on.
    pub(crate) fn say(&self, scope: &Scope, progress: &Progress) {
        // A server that nobody reaches, or that does not know who asks, is said once elsewhere.
        let error = self.error.as_ref();
        if let Some(error) = error.filter(|it| !it.is_unreachable() && it.code != 401) {
            progress.note(&format!(
                "what this user may do could not be asked ({}); what is refused is said as it comes",
                error.reason
            ));
        }
        let mut lines: Vec<Line<'_>> = Vec::new();
        for need in self.denied() {
            let same = |line: &Line<'_>| {
                (line.need.group, line.need.resource, &line.need.namespace)
                    == (need.group, need.resource, &need.namespace)
            };
            let at = lines.iter().position(same).unwrap_or_else(|| {
                lines.push(Line {
                    need,
                    verbs: Vec::new(),
                    losses: Vec::new(),
                });
                lines.len() - 1
            });
            let Some(line) = lines.get_mut(at) else {
                continue;
            };
            if !line.verbs.contains(&need.verb) {
                line.verbs.push(need.verb);
            }
            if !line.losses.contains(&need.loss) {
                line.losses.push(need.loss);
            }
        }
        for line in &lines {
            progress.note(&format!(
                "missing permission: {} {} {}; without it {}",
                line.verbs.join(", "),
                line.need.full_resource(),
                line.need.place(),
                line.losses.join("; ")
            ));
        }
        if !lines.is_empty() {
            progress.note(&format!(
                "going on with what is allowed; who administers the cluster can grant the rest: {}",
                hint(scope, self.user.as_deref())
            ));
        }
    }

    /// Writes `cluster/access.json`.
    pub(crate) fn record(&self, sink: &Sink) {
        let call = Call {
            verb: "create",
            resource: "selfsubjectrulesreviews.authorization.k8s.io",
            namespace: None,
            path: "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews".to_owned(),
        };
        match &self.error {
            Some(error) => sink.gap(layout::ACCESS, &call, error),
            None => sink.json(layout::ACCESS, "access reviews", &self.to_json()),
        }
    }

    /// What is denied and no item says so: a call that was not made for it, a step that went
    /// another way. Without this a loss could pass in silence.
    pub(crate) fn record_unsaid(&self, sink: &Sink) {
        for need in self.denied() {
            // The calls in a namespace of the run's own speak for themselves.
            if need.namespace.is_none() && need.resource.starts_with("pods") && need.verb != "list"
            {
                continue;
            }
            let permission = need.permission();
            let said = sink.with(|bundle| {
                let items = &bundle.manifest().items;
                items
                    .iter()
                    .any(|item| item.missing_permission.as_ref() == Some(&permission))
            });
            if !said {
                let place = need.namespace.as_deref().unwrap_or("cluster");
                let what = need.full_resource().replace('/', "-");
                sink.missing(Item {
                    entry: format!("access/{place}/{}-{what}", need.verb),
                    status: Status::Forbidden,
                    reason: Some(format!("an access review says forbidden; {}", need.loss)),
                    missing_permission: Some(permission),
                    ..Item::default()
                });
            }
        }
    }
}
