//! Requests and limits that a namespace admits: clamped to its `LimitRange`s, within its quotas.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::quantity::{self, Quantity};
use crate::api::Api;

/// What the probe wants: request and limit.
const WANTED: &[(&str, &str, &str)] = &[("cpu", "10m", "200m"), ("memory", "16Mi", "64Mi")];
/// The least it can work with.
const LEAST: &[(&str, &str)] = &[("cpu", "1m"), ("memory", "12Mi")];
/// What it takes of other resources where the namespace wants a number.
const OTHERWISE: &str = "4Mi";

/// Requests and limits of one container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Size {
    of: BTreeMap<String, Part>,
}

/// Of one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    request: Quantity,
    limit: Quantity,
}

impl Default for Size {
    fn default() -> Self {
        let parts = WANTED.iter().filter_map(|(name, request, limit)| {
            let (request, limit) = (quantity::parse(request)?, quantity::parse(limit)?);
            Some(((*name).to_owned(), Part { request, limit }))
        });
        Self {
            of: parts.collect(),
        }
    }
}

impl Size {
    /// As a container's `resources`.
    pub(super) fn json(&self) -> Value {
        let of = |which: fn(&Part) -> Quantity| -> BTreeMap<&str, String> {
            let parts = self.of.iter();
            parts
                .map(|(name, part)| (name.as_str(), quantity::format(which(part))))
                .collect()
        };
        json!({"requests": of(|part| part.request), "limits": of(|part| part.limit)})
    }

    fn part(&mut self, resource: &str) -> &mut Part {
        self.of.entry(resource.to_owned()).or_insert_with(|| {
            let little = quantity::parse(OTHERWISE).unwrap_or_default();
            Part {
                request: little,
                limit: little,
            }
        })
    }

    /// `LimitRanger` refuses what is outside of a range, and what has no number where there is one.
    fn clamp(&mut self, limit: &Limit) {
        for resource in limit.resources() {
            let of = |map: &BTreeMap<String, String>| {
                map.get(resource).and_then(|text| quantity::parse(text))
            };
            let part = self.part(resource);
            if let Some(max) = of(&limit.max) {
                part.limit = part.limit.min(max);
                part.request = part.request.min(max);
            }
            if let Some(min) = of(&limit.min) {
                part.request = part.request.max(min);
                part.limit = part.limit.max(min);
            }
            // The limit divided by the request may be at most that.
            if let Some(ratio) = of(&limit.max_limit_request_ratio) {
                part.request = part.request.max(part.limit.divided_up(ratio));
            }
        }
    }

    /// Makes it fit into what a quota has left for this many pods; otherwise says what is used up.
    fn fit(&mut self, quota: &Quota, pods: u32) -> Result<(), String> {
        for (key, hard) in &quota.status.hard {
            let used = quota.status.used.get(key).map_or("0", String::as_str);
            let (Some(all), Some(taken)) = (quantity::parse(hard), quantity::parse(used)) else {
                continue;
            };
            let each = all.less(taken).divided_down(pods);
            let fits = match key.as_str() {
                "pods" | "count/pods" => each >= quantity::ONE,
                _ => {
                    if let Some(resource) = key.strip_prefix("limits.") {
                        self.lower(resource, each, true)
                    } else {
                        let resource = key.strip_prefix("requests.").unwrap_or(key);
                        // Quotas of other things (Services, claims, GPUs) do not concern the probe.
                        !matches!(resource, "cpu" | "memory" | "ephemeral-storage")
                            || self.lower(resource, each, false)
                    }
                }
            };
            if !fits {
                return Err(format!(
                    "ResourceQuota {} leaves no room for it: {used} of {hard} {key} are used",
                    quota.metadata.name
                ));
            }
        }
        Ok(())
    }

    /// Takes no more than that of a resource; gives whether it can do with it.
    fn lower(&mut self, resource: &str, most: Quantity, limit: bool) -> bool {
        let least = LEAST.iter().find(|(name, _)| *name == resource);
        let least = least
            .and_then(|(_, text)| quantity::parse(text))
            .unwrap_or_default();
        if most < least {
            return false;
        }
        let part = self.part(resource);
        part.request = part.request.min(most);
        if limit {
            part.limit = part.limit.min(most);
        }
        true
    }
}

/// Finds the size for `pods` probes at once. What may not be read is not looked at: the dry run
/// of the creation tells whether it would have mattered.
pub(super) async fn size(api: &Api, namespace: &str, pods: u32) -> Result<Size, String> {
    let base = format!("/api/v1/namespaces/{namespace}");
    let (ranges, quotas) = (
        format!("{base}/limitranges?limit=100"),
        format!("{base}/resourcequotas?limit=100"),
    );
    let (ranges, quotas) = futures::join!(
        api.get::<List<Range>>(&ranges),
        api.get::<List<Quota>>(&quotas),
    );
    let limits: Vec<Limit> = ranges
        .map(|list| list.items.into_iter().flat_map(|it| it.spec.limits))
        .into_iter()
        .flatten()
        .filter(|limit| matches!(limit.kind.as_str(), "Container" | "Pod"))
        .collect();
    let quotas: Vec<Quota> = quotas.map(|list| list.items).unwrap_or_default();
    fitting(&limits, &quotas, pods)
}

fn fitting(limits: &[Limit], quotas: &[Quota], pods: u32) -> Result<Size, String> {
    let mut size = Size::default();
    for limit in limits {
        size.clamp(limit);
    }
    for quota in quotas.iter().filter(|quota| quota.spec.counts_probes()) {
        size.fit(quota, pods)?;
    }
    let small = size.clone();
    // What was made smaller for a quota may be too small for a range.
    for limit in limits {
        size.clamp(limit);
    }
    if size == small {
        Ok(size)
    } else {
        Err("no size fits both the LimitRange and the ResourceQuota of the namespace".to_owned())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct List<T> {
    items: Vec<T>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Range {
    spec: RangeSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RangeSpec {
    limits: Vec<Limit>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Limit {
    #[serde(rename = "type")]
    kind: String,
    min: BTreeMap<String, String>,
    max: BTreeMap<String, String>,
    max_limit_request_ratio: BTreeMap<String, String>,
}

impl Limit {
    fn resources(&self) -> impl Iterator<Item = &String> {
        let ratio = self.max_limit_request_ratio.keys();
        self.min.keys().chain(self.max.keys()).chain(ratio)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Quota {
    metadata: digpod_bundle::k8s::ObjectMeta,
    spec: QuotaSpec,
    status: QuotaStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct QuotaSpec {
    scopes: Vec<String>,
    scope_selector: ScopeSelector,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ScopeSelector {
    match_expressions: Vec<ScopeExpression>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ScopeExpression {
    scope_name: String,
    operator: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct QuotaStatus {
    hard: BTreeMap<String, String>,
    used: BTreeMap<String, String>,
}

impl QuotaSpec {
    /// A probe has a deadline (`Terminating`), requests (`NotBestEffort`) and no priority class.
    fn counts_probes(&self) -> bool {
        let counts = |scope: &str, exists: bool| match scope {
            "Terminating" | "NotBestEffort" => exists,
            "NotTerminating" | "BestEffort" | "PriorityClass" | "CrossNamespacePodAffinity" => {
                !exists
            }
            _ => true,
        };
        let by_expression =
            |it: &ScopeExpression| counts(&it.scope_name, it.operator != "DoesNotExist");
        self.scopes.iter().all(|scope| counts(scope, true))
            && self
                .scope_selector
                .match_expressions
                .iter()
                .all(by_expression)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).expect("as the API writes it")
    }

    #[test]
    fn ranges_move_requests_and_limits() {
        let limit = read(json!({
            "type": "Container", "min": {"cpu": "50m"}, "max": {"cpu": "100m", "memory": "32Mi"},
            "maxLimitRequestRatio": {"memory": "1"},
        }));
        let size = fitting(&[limit], &[], 1).expect("a size");
        assert_eq!(
            size.json(),
            json!({
                "requests": {"cpu": "50m", "memory": "32Mi"},
                "limits": {"cpu": "100m", "memory": "32Mi"},
            })
        );
    }

    #[test]
    fn a_quota_that_is_used_up_is_named() {
        let quota = |hard: Value, used: Value| -> Quota {
            read(json!({
                "metadata": {"name": "team"}, "spec": {}, "status": {"hard": hard, "used": used},
            }))
        };
        let full = quota(json!({"pods": "10"}), json!({"pods": "10"}));
        let why = fitting(&[], &[full], 1).expect_err("no room");
        assert_eq!(
            why,
            "ResourceQuota team leaves no room for it: 10 of 10 pods are used"
        );
        let tight = quota(
            json!({"limits.memory": "1Gi"}),
            json!({"limits.memory": "992Mi"}),
        );
        let size = fitting(&[], &[tight], 1).expect("32Mi are left");
        assert_eq!(size.json()["limits"]["memory"], "32Mi");
        let other = quota(json!({"services": "1"}), json!({"services": "1"}));
        assert_eq!(fitting(&[], &[other], 1), Ok(Size::default()));
        let mut scoped = quota(json!({"pods": "0"}), json!({"pods": "0"}));
        scoped.spec.scopes = vec!["BestEffort".to_owned()];
        assert_eq!(fitting(&[], &[scoped], 1), Ok(Size::default()));
    }

    #[test]
    fn range_and_quota_that_exclude_each_other_are_said() {
        let limit = read(json!({"type": "Container", "min": {"memory": "128Mi"}}));
        let quota = read(json!({
            "status": {"hard": {"requests.memory": "64Mi"}, "used": {"requests.memory": "0"}},
        }));
        assert!(fitting(&[limit], &[quota], 1).is_err());
    }

    #[test]
    fn a_resource_that_a_range_bounds_gets_a_number() {
        let limit = read(json!({"type": "Container", "max": {"ephemeral-storage": "1Gi"}}));
        let size = fitting(&[limit], &[], 1).expect("a size");
        assert_eq!(size.json()["limits"]["ephemeral-storage"], "4Mi");
    }
}
