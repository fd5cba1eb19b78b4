//! The probe as it runs in a container: its questions really go to the DNS servers.

use std::sync::Arc;

use digpod_probe::{
    Plan, ProbeOutput, Setup, Watched, opening, run, watch, write_closing, write_opening,
    write_watching,
};
use serde_json::Value;

use super::resolv_conf;
use super::volumes::Mounted;
use crate::cluster::Cluster;
use crate::route::{Vantage, route};
use crate::time::{now, seconds};

/// What a container left behind.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) message: Option<String>,
}

/// Carries out a plan in a container of a pod; what it prints is told as it comes.
pub(crate) async fn probe(
    cluster: &Arc<Cluster>,
    pod: &Value,
    container: &Value,
    plan: &Plan,
    tell: impl Fn(&[u8]),
) -> Ended {
    let vantage = Vantage::of(pod);
    let weak = Arc::downgrade(cluster);
    let setup = Setup::direct(resolv_conf(&cluster.settings, pod))
        .on_node(Some(vantage.node.clone()))
        .started_at(seconds(now()))
        .with_disk(Mounted::of(&cluster.settings, pod, container))
        .routed(move |to| {
            let cluster = weak.upgrade();
            cluster.map_or(digpod_probe::Route::Drop, |cluster| {
                route(&cluster, &vantage, to)
            })
        });
    let mut first = Vec::new();
    // Bytes in memory take everything.
    let _ = write_opening(&opening(plan, &setup), &mut first);
    tell(&first);
    let tell_watched = |watched: &Watched| {
        let mut line = Vec::new();
        let _ = write_watching(watched, &mut line);
        tell(&line);
    };
    let watched = watch(plan, &setup, tell_watched).await;
    watched.iter().for_each(tell_watched);
    let output = run(plan, setup).await;
    let output = ProbeOutput { watched, ..output };
    let mut bytes = Vec::new();
    let code = i32::from(write_closing(&output, &mut bytes).is_err());
    tell(&bytes);
    let message = format!(
        "digpod-probe {} {}: {} records\n",
        output.probe_version,
        output.vantage,
        output.records.len()
    );
    Ended {
        code,
        message: Some(message),
    }
}
