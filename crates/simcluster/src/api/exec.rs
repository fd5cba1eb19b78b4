//! `pods/exec`: the one program that images here have is `cat`, and only where the scenario puts
//! files into the pod.

use std::collections::BTreeMap;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::IntoResponse as _;
use serde_json::{Value, json};

use super::status::Refusal;
use super::write::pods;
use super::{Answer, Context};

/// Newest first, as the API server prefers them.
const PROTOCOLS: [&str; 2] = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/// Channels of the protocol.
const OUTPUT: u8 = 1;
const ERRORS: u8 = 2;
const ENDED: u8 = 3;

/// What a program wrote and how it ended.
struct Ran {
    output: Vec<u8>,
    errors: String,
    status: Value,
}

/// Answers over a WebSocket.
pub(super) fn answer(context: &Context, upgrade: Option<WebSocketUpgrade>) -> Answer {
    let call = &context.call;
    let store = &context.cluster.store;
    if store.get(pods(), &call.namespace, &call.name).is_none() {
        return Err(Refusal::not_found(pods(), &call.name));
    }
    let upgrade = upgrade.ok_or_else(|| Refusal::bad_request("Upgrade request required"))?;
    let files = context.cluster.settings.files.iter().find(|(pod, _)| {
        pod.split_once('/').is_some_and(|(namespace, name)| {
            namespace == call.namespace && call.name.starts_with(name)
        })
    });
    let ran = run(&call.all("command"), files.map(|(_, files)| files));
    Ok(upgrade
        .protocols(PROTOCOLS)
        .on_upgrade(|socket| tell(socket, ran))
        .into_response())
}

fn run(command: &[&str], files: Option<&BTreeMap<String, String>>) -> Ran {
    let mut ran = Ran {
        output: Vec::new(),
        errors: String::new(),
        status: json!({"metadata": {}, "status": "Success"}),
    };
    let (Some(files), ["cat", paths @ ..]) = (files, command) else {
        let program = command.first().copied().unwrap_or_default();
        ran.status = failure(
            "InternalError",
            &format!(
                "error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: {program:?}: executable file not found in $PATH"
            ),
        );
        return ran;
    };
    for path in paths {
        if let Some(text) = files.get(*path) {
            ran.output.extend_from_slice(text.as_bytes());
        } else {
            ran.errors = format!("cat: {path}: No such file or directory\n");
            ran.status = failure(
                "NonZeroExitCode",
                "command terminated with non-zero exit code: exit status 1",
            );
        }
    }
    ran
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
