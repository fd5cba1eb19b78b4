//! OpenShift's DNS operator, which writes the Corefile from its own object.

use digpod_bundle::k8s::DnsOperator;
use digpod_bundle::{Status, layout};

use super::groups::Groups;
use super::redact;
use super::source::get;
use crate::api::{Api, CallError};
use crate::sink::Sink;

/// Reads it where there is one.
pub(super) async fn operator(api: &Api, sink: &Sink, groups: Result<&Groups, &CallError>) {
    let known = groups
        .ok()
        .is_none_or(|it| it.named("operator.openshift.io").is_some());
    let absent = "only OpenShift has a DNS operator";
    if !known {
        return sink.missing_because(layout::DNS_OPERATOR, Status::NotApplicable, absent);
    }
    let call = get(
        "dnses.operator.openshift.io",
        None,
        "/apis/operator.openshift.io/v1/dnses/default".to_owned(),
    );
    match api.get::<DnsOperator>(&call.path).await {
        Err(error) if error.status == Status::NotFound => {
            sink.missing_because(layout::DNS_OPERATOR, Status::NotApplicable, absent);
        }
        mut operator => {
            if let Ok(operator) = &mut operator {
                redact::metadata(&mut operator.metadata);
                operator.metadata.managed_fields.clear();
                for condition in &mut operator.status.conditions {
                    redact::message(&mut condition.message);
                }
            }
            sink.json_or_gap(layout::DNS_OPERATOR, &call, &operator);
        }
    }
}
