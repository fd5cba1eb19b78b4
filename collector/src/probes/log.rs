//! A probe's log: followed while it is written, so that its end is seen at once, and read whole
//! where following did not bring all of it.

use std::time::Duration;

use digpod_probe::{MAX_OUTPUT, ProbeOutput, parse_output, parse_watching};

use super::pod::CONTAINER;
use super::run::Told;
use super::state::Watched;
use super::until::Watching;
use super::why::Why;
use crate::api::Api;

/// Before a log that broke off is followed again.
const PAUSE: Duration = Duration::from_secs(1);

/// Reads what a probe prints. As soon as its first line is there, the resolv.conf in it is told.
pub(super) async fn read(
    api: &Api,
    namespace: &str,
    name: &str,
    watched: &mut Watched,
    ended: bool,
    mut told: Told<'_>,
) -> Result<ProbeOutput, Why> {
    let path = format!("/api/v1/namespaces/{namespace}/pods/{name}/log?container={CONTAINER}");
    if !ended {
        loop {
            let output = parse_output(&follow(api, &path, &mut told).await);
            if output.complete {
                return Ok(output);
            }
            // A connection of many minutes may be cut on the way; what comes next is what is waited for.
            if !told.watching.as_ref().is_some_and(Watching::goes_on) {
                break;
            }
            if let Ok(ended) = tokio::time::timeout(PAUSE, watched.ended()).await {
                ended?;
                break;
            }
        }
        watched.ended().await?;
    }
    let log = api.get_text(&path).await.map_err(|error| {
        let permission = format!("get pods/log in namespace {namespace}");
        Why::call("the probe's log cannot be read", &error, permission)
    })?;
    let output = parse_output(&log);
    if output.records.is_empty() && !output.complete {
        let said = log.lines().next().unwrap_or("nothing").to_owned();
        return Err(Why::failed(format!(
            "the probe gave no records; its log says: {said}"
        )));
    }
    Ok(output)
}

/// Follows the log until its last line or until it breaks off, for whatever reason: what is
/// missing is read once the probe has ended, and what forbids that tells why.
async fn follow(api: &Api, path: &str, told: &mut Told<'_>) -> String {
    let mut text = String::new();
    let Ok(mut lines) = api.lines(&format!("{path}&follow=true")).await else {
        return text;
    };
    while let Some(Ok(line)) = lines.next().await {
        if let Some(watched) = parse_watching(&line) {
            if let Some(watching) = &mut told.watching {
                watching.told(&watched);
            }
            // Its last is told again at the end.
            continue;
        }
        text.push_str(&line);
        if line.starts_with("{\"digpodProbe\"")
            && let Some(tell) = told.resolv_conf.take()
        {
            // Nobody may be waiting for it any more.
            let _ = tell.send(parse_output(&line).resolv_conf);
        }
        if line.starts_with("{\"end\"") || text.len() > 2 * MAX_OUTPUT {
            break;
        }
    }
    text
}
