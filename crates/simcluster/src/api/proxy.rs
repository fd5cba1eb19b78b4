//! `pods/proxy`: CoreDNS's metrics, the one page that a played pod has.

use axum::http::StatusCode;

use super::status::Refusal;
use super::write::pods;
use super::{Answer, Context, plain};
use crate::dns::metrics_port;
use crate::json::text;

/// A page of a pod, asked for as `NAME:PORT`.
pub(super) fn answer(context: &Context) -> Answer {
    let call = &context.call;
    let name = call.name.trim_start_matches("http:");
    let (name, port) = name.split_once(':').unwrap_or((name, "80"));
    let pod = context.cluster.store.get(pods(), &call.namespace, name);
    let pod = pod.ok_or_else(|| Refusal::not_found(pods(), name))?;
    let address = text(&pod, "status.podIP");
    let known = address
        .parse()
        .ok()
        .and_then(|ip| context.cluster.servers.pages_at(ip));
    let open = metrics_port(&context.cluster).map(|it| it.to_string());
    if known.is_none() || open.as_deref() != Some(port) || call.proxied != "metrics" {
        let why = format!(
            "error trying to reach service: dial tcp {address}:{port}: connect: connection refused"
        );
        return Err(Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailable",
            why,
        ));
    }
    Ok(plain(context.cluster.asked.metrics(address)))
}
