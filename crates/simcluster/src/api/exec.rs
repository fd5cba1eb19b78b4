//! `pods/exec`: `cat` where the scenario puts files into the pod, a little shell in images that have
//! one, and a probe that was sent with it.

mod shell;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::IntoResponse as _;
use serde_json::{Value, json};
use tokio::sync::mpsc::unbounded_channel;

use super::status::Refusal;
use super::write::pods;
use super::{Answer, Context};
use crate::cluster::Cluster;
use crate::json::{at, list, text};
use crate::kubelet::{has_shell, plan, probe};

/// Newest first, as the API server prefers them.
const PROTOCOLS: [&str; 2] = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/// Channels of the protocol.
const INPUT: u8 = 0;
const OUTPUT: u8 = 1;
const ERRORS: u8 = 2;
const ENDED: u8 = 3;

/// What a program wrote and how it ended.
struct Ran {
    output: Vec<u8>,
    errors: String,
    status: Value,
}

/// A container that is to run a program.
struct Container {
    cluster: Arc<Cluster>,
    pod: Arc<Value>,
    spec: Value,
    files: Option<BTreeMap<String, String>>,
}

/// Answers over a WebSocket.
pub(super) fn answer(context: &Context, upgrade: Option<WebSocketUpgrade>) -> Answer {
    let call = &context.call;
    let store = &context.cluster.store;
    let Some(pod) = store.get(pods(), &call.namespace, &call.name) else {
        return Err(Refusal::not_found(pods(), &call.name));
    };
    let upgrade = upgrade.ok_or_else(|| Refusal::bad_request("Upgrade request required"))?;
    let files = context.cluster.settings.files.iter().find(|(pod, _)| {
        pod.split_once('/').is_some_and(|(namespace, name)| {
            namespace == call.namespace && call.name.starts_with(name)
        })
    });
    let wanted = context.query("container");
    let mut containers = list(&pod, "spec.containers").iter();
    let spec = containers.find(|it| wanted.is_empty() || text(it, "name") == wanted);
    let container = Container {
        cluster: Arc::clone(&context.cluster),
        spec: spec.cloned().unwrap_or_default(),
        files: files.map(|(_, files)| files.clone()),
        pod,
    };
    let command: Vec<String> = call.all("command").into_iter().map(str::to_owned).collect();
    Ok(upgrade
        .protocols(PROTOCOLS)
        .on_upgrade(|socket| container.play(command, socket))
        .into_response())
}

impl Container {
    async fn play(self, command: Vec<String>, mut socket: WebSocket) {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let image = text(&self.spec, "image");
        let ran = match (&*words, &self.files) {
            (["cat", paths @ ..], Some(files)) => cat(paths, files),
            _ if !self.runs() => Ran::failed("container not found (\"probe\")"),
            (["sh", "-c", script, _, arguments @ ..], _)
                if has_shell(&self.cluster.settings, image) =>
            {
                self.shell(script, arguments, &mut socket).await
            }
            ([path], _) => match self.cluster.written.execute(&self.pod, path) {
                Some(Ok(())) => self.probe(&mut socket).await,
                Some(Err(why)) => Ran::failed(&format!("exec {path}: {why}")),
                None => Ran::absent(path),
            },
            _ => Ran::absent(words.first().copied().unwrap_or_default()),
        };
        tell(socket, ran).await;
    }

    fn runs(&self) -> bool {
        let mut statuses = list(&self.pod, "status.containerStatuses").iter();
        statuses.any(|it| {
            text(it, "name") == text(&self.spec, "name") && at(it, "state.running").is_some()
        })
    }

    /// The probe that was sent, with the plan of the container's environment.
    async fn probe(&self, socket: &mut WebSocket) -> Ran {
        let plan = match plan(&self.spec) {
            Ok(plan) => plan,
            Err(why) => return Ran::exit(2, &format!("digpod-probe: {why}\n")),
        };
        let (to, mut from) = unbounded_channel::<Vec<u8>>();
        let running = async {
            let say = |bytes: &[u8]| drop(to.send(bytes.to_vec()));
            let ended = probe(&self.cluster, &self.pod, &self.spec, &plan, say).await;
            drop(to);
            ended
        };
        let telling = async {
            while let Some(bytes) = from.recv().await {
                let message = [&[OUTPUT], bytes.as_slice()].concat();
                // Who does not listen any more has what they wanted.
                let _ = socket.send(Message::Binary(message.into())).await;
            }
        };
        let (ended, ()) = futures::join!(running, telling);
        match ended.code {
            0 => Ran::succeeded(),
            code => Ran::exit(code, ""),
        }
    }
}

fn cat(paths: &[&str], files: &BTreeMap<String, String>) -> Ran {
    let mut ran = Ran::succeeded();
    for path in paths {
        if let Some(text) = files.get(*path) {
            ran.output.extend_from_slice(text.as_bytes());
        } else {
            ran = Ran {
                output: ran.output,
                ..Ran::exit(1, &format!("cat: {path}: No such file or directory\n"))
            };
        }
    }
    ran
}

impl Ran {
    fn succeeded() -> Self {
        Self {
            output: Vec::new(),
            errors: String::new(),
            status: json!({"metadata": {}, "status": "Success"}),
        }
    }

    fn exit(code: i32, errors: &str) -> Self {
        Self {
            output: Vec::new(),
            errors: errors.to_owned(),
            status: failure(
                "NonZeroExitCode",
                &format!("command terminated with non-zero exit code: exit status {code}"),
            ),
        }
    }

    fn failed(why: &str) -> Self {
        Self {
            status: failure(
                "InternalError",
                &format!("error executing command in container: {why}"),
            ),
            ..Self::succeeded()
        }
    }

    fn absent(program: &str) -> Self {
        Self::failed(&format!(
            "failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: {program:?}: executable file not found in $PATH"
        ))
    }
}

fn failure(reason: &str, message: &str) -> Value {
    json!({"metadata": {}, "status": "Failure", "reason": reason, "message": message})
}

async fn tell(mut socket: WebSocket, ran: Ran) {
    let status = ran.status.to_string();
    for (channel, bytes) in [
        (OUTPUT, ran.output.as_slice()),
        (ERRORS, ran.errors.as_bytes()),
        (ENDED, status.as_bytes()),
    ] {
        if bytes.is_empty() {
            continue;
        }
        let mut message = vec![channel];
        message.extend_from_slice(bytes);
        // Who does not listen any more has what they wanted.
        let _ = socket.send(Message::Binary(message.into())).await;
    }
    let _ = socket.send(Message::Close(None)).await;
}
