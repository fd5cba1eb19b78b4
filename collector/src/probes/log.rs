//! A probe's log: followed while it is written, so that its end is seen at once, and read whole
//! where following did not bring all of it.

use digpod_probe::{MAX_OUTPUT, ProbeOutput, parse_output};
use futures::channel::oneshot;

use super::pod::CONTAINER;
use super::state::Watched;
use super::why::Why;
use crate::api::Api;

/// Reads what a probe prints. As soon as its first line is there, the resolv.conf in it is told.
pub(super) async fn read(
    api: &Api,
    namespace: &str,
    name: &str,
    watched: &mut Watched,
    ended: bool,
    resolv_conf: Option<oneshot::Sender<String>>,
) -> Result<ProbeOutput, Why> {
    let path = format!("/api/v1/namespaces/{namespace}/pods/{name}/log?container={CONTAINER}");
    if !ended {
        let output = parse_output(&follow(api, &path, resolv_conf).await);
        if output.complete {
            return Ok(output);
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
async fn follow(api: &Api, path: &str, mut resolv_conf: Option<oneshot::Sender<String>>) -> String {
    let mut text = String::new();
    let Ok(mut lines) = api.lines(&format!("{path}&follow=true")).await else {
        return text;
    };
    while let Some(Ok(line)) = lines.next().await {
        text.push_str(&line);
        if line.starts_with("{\"digpodProbe\"")
            && let Some(tell) = resolv_conf.take()
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
