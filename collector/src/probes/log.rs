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
    told: &mut Told<'_>,
) -> Result<ProbeOutput, Why> {
    let path = format!("/api/v1/namespaces/{namespace}/pods/{name}/log?container={CONTAINER}");
    if !ended {
        loop {
            let output = parse_output(&follow(api, &path, told).await);
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
    let mut heard = Heard::new(told);
    let Ok(mut lines) = api.lines(&format!("{path}&follow=true")).await else {
        return String::new();
    };
    while let Some(Ok(line)) = lines.next().await {
        if heard.line(&line) {
            break;
        }
    }
    heard.text
}

/// What a probe has printed so far; who waits for some of it is told at once.
pub(super) struct Heard<'a, 'b> {
    told: &'a mut Told<'b>,
    /// All that is not said again at the end.
    pub(super) text: String,
    /// The beginning of a line.
    part: Vec<u8>,
}

impl<'a, 'b> Heard<'a, 'b> {
    pub(super) fn new(told: &'a mut Told<'b>) -> Self {
        Self {
            told,
            text: String::new(),
            part: Vec::new(),
        }
    }

    /// Bytes as they come.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.text.len() + self.part.len() > 2 * MAX_OUTPUT {
                return;
            }
            self.part.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.part);
                self.line(&String::from_utf8_lossy(&line));
            }
        }
    }

    /// A line with its end; gives whether nothing more is to be expected.
    fn line(&mut self, line: &str) -> bool {
        if let Some(watched) = parse_watching(line) {
            if let Some(watching) = &mut self.told.watching {
                watching.told(&watched);
            }
            // Its last is told again at the end.
            return false;
        }
        self.text.push_str(line);
        if line.starts_with("{\"digpodProbe\"")
            && let Some(tell) = self.told.resolv_conf.take()
        {
            // Nobody may be waiting for it any more.
            let _ = tell.send(parse_output(line).resolv_conf);
        }
        line.starts_with("{\"end\"") || self.text.len() > 2 * MAX_OUTPUT
    }
}
