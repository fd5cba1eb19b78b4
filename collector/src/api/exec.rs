//! Running a program in a container: `pods/exec` over a WebSocket.
//!
//! Each message begins with the number of its channel: 1 standard output, 2 standard error, 3 how
//! it ended, as a `Status` (k8s.io/apimachinery, `remotecommand` v4 and v5).

use digpod_bundle::Status;
use futures::StreamExt as _;
use http::Request;
use serde::Deserialize;

use super::deadline::Limit;
use super::{Api, CallError};

/// Most bytes that are kept of what a program writes.
const MOST_OUTPUT: usize = 1 << 20;
/// Most bytes that are kept of its errors.
const MOST_ERRORS: usize = 2 << 10;

/// Where to run what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exec<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) pod: &'a str,
    pub(crate) container: &'a str,
    /// The program and its arguments; there is no shell.
    pub(crate) command: &'a [&'a str],
}

impl Exec<'_> {
    /// The path of the call.
    pub(crate) fn path(&self) -> String {
        use std::fmt::Write as _;
        let mut path = format!(
            "/api/v1/namespaces/{}/pods/{}/exec?container={}&stdout=true&stderr=true",
            self.namespace,
            self.pod,
            crate::gather::encode(self.container)
        );
        for word in self.command {
            let _ = write!(path, "&command={}", crate::gather::encode(word));
        }
        path
    }
}

/// How a program ended.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ended {
    status: String,
    message: String,
}

impl Api {
    /// Runs a program without a shell, without input, and gives what it wrote. A program that is not
    /// in the image is `not-found`.
    pub(crate) async fn exec(&self, exec: Exec<'_>) -> Result<Vec<u8>, CallError> {
        let limit = Limit::new(self.limit, self.deadline.as_deref());
        let request = Request::get(exec.path())
            .body(Vec::new())
            .map_err(|error| CallError::broken(&error))?;
        let connection = limit.wait(self.client.connect(request)).await?;
        let mut stream = connection.map_err(|error| refused(&error))?.into_stream();
        let (mut output, mut errors, mut ended) = (Vec::new(), Vec::new(), None);
        while ended.is_none()
            && let Some(message) = limit.wait(stream.next()).await?
        {
            let data = message
                .map_err(|error| CallError::broken(&error))?
                .into_data();
            let Some((channel, data)) = data.split_first() else {
                continue;
            };
            match channel {
                1 => keep(&mut output, data, MOST_OUTPUT),
                2 => keep(&mut errors, data, MOST_ERRORS),
                3 => ended = Some(serde_json::from_slice(data).unwrap_or_default()),
                _ => {}
            }
        }
        judge(exec.command, output, &errors, ended)
    }
}

fn keep(all: &mut Vec<u8>, part: &[u8], most: usize) {
    let room = most.saturating_sub(all.len());
    all.extend(part.iter().take(room));
}

fn judge(
    command: &[&str],
    output: Vec<u8>,
    errors: &[u8],
    ended: Option<Ended>,
) -> Result<Vec<u8>, CallError> {
    let program = command.first().copied().unwrap_or_default();
    let Some(ended) = ended else {
        return Err(CallError::failed(format!(
            "the connection ended before {program} did"
        )));
    };
    if ended.status == "Success" {
        return Ok(output);
    }
    // What container runtimes say of a program that is not there: runc and crun.
    let absent = ["executable file not found", "No such file or directory"]
        .iter()
        .any(|words| ended.message.contains(words));
    if absent {
        return Err(CallError {
            status: Status::NotFound,
            code: 200,
            reason: format!("the container's image has no {program}"),
        });
    }
    let errors = String::from_utf8_lossy(errors);
    let said = match errors.trim() {
        "" => ended.message,
        errors => errors.to_owned(),
    };
    Err(CallError::failed(said))
}

/// Why no connection was made.
fn refused(error: &kube::Error) -> CallError {
    let kube::Error::Api(status) = error else {
        return CallError::broken(error);
    };
    CallError {
        status: match status.code {
            401 => Status::Unauthorized,
            403 => Status::Forbidden,
            404 => Status::NotFound,
            _ => Status::Failed,
        },
        code: status.code,
        reason: status.message.clone(),
    }
}
