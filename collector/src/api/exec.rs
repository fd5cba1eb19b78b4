//! Running a program in a container: `pods/exec` over a WebSocket.
//!
//! Each message begins with the number of its channel: 0 standard input, 1 standard output, 2
//! standard error, 3 how it ended, as a `Status`; 255 says that a channel has ended, which only v5
//! knows (k8s.io/apimachinery, `remotecommand` v4 and v5).

use std::time::Duration;

use digpod_bundle::Status;
use futures::{SinkExt as _, StreamExt as _};
use http::Request;
use serde::Deserialize;

use super::deadline::Limit;
use super::{Api, CallError};

/// Most bytes that are kept of what a program writes.
const MOST_OUTPUT: usize = 1 << 20;
/// Most bytes that are kept of its errors.
const MOST_ERRORS: usize = 2 << 10;

/// Channels.
const INPUT: u8 = 0;
const OUTPUT: u8 = 1;
const ERRORS: u8 = 2;
const ENDED: u8 = 3;
const CLOSE: u8 = 255;
/// Bytes of input in one message.
const PART: usize = 32 << 10;

/// Where to run what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exec<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) pod: &'a str,
    pub(crate) container: &'a str,
    /// The program and its arguments; there is no shell.
    pub(crate) command: &'a [&'a str],
    /// What it reads. Where the server speaks v4 its end cannot be said: the program has to know
    /// how much there is.
    pub(crate) input: Option<&'a [u8]>,
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
        if self.input.is_some() {
            path.push_str("&stdin=true");
        }
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
    /// Runs a program without a shell and gives what it wrote. A program that is not in the image is
    /// `not-found`.
    pub(crate) async fn exec(&self, exec: Exec<'_>) -> Result<Vec<u8>, CallError> {
        let mut output = Vec::new();
        let keep_it = |data: &[u8]| keep(&mut output, data, MOST_OUTPUT);
        self.exec_telling(exec, self.limit, keep_it).await?;
        Ok(output)
    }

    /// The same for a program that may take so long; what it writes is told as it comes.
    pub(crate) async fn exec_telling(
        &self,
        exec: Exec<'_>,
        longest: Duration,
        mut tell: impl FnMut(&[u8]),
    ) -> Result<(), CallError> {
        let limit = Limit::new(longest, self.deadline.as_deref());
        let request = Request::get(exec.path())
            .body(Vec::new())
            .map_err(|error| CallError::broken(&error))?;
        let connection = limit.wait(self.client.connect(request)).await?;
        let connection = connection.map_err(|error| refused(&error))?;
        let knows_ends = connection.supports_stream_close();
        let (mut to, mut stream) = connection.into_stream().split();
        // Where a program ends before it has read all, how it ended says more than a broken pipe.
        let sending = async {
            let Some(input) = exec.input else { return };
            let parts = input.chunks(PART).map(|part| [&[INPUT], part].concat());
            for part in parts.chain(knows_ends.then(|| vec![CLOSE, INPUT])) {
                if to.send(part.into()).await.is_err() {
                    return;
                }
            }
        };
        let reading = async {
            let (mut errors, mut ended) = (Vec::new(), None);
            while ended.is_none()
                && let Some(message) = limit.wait(stream.next()).await?
            {
                let data = message
                    .map_err(|error| CallError::broken(&error))?
                    .into_data();
                let Some((channel, data)) = data.split_first() else {
                    continue;
                };
                match *channel {
                    OUTPUT => tell(data),
                    ERRORS => keep(&mut errors, data, MOST_ERRORS),
                    ENDED => ended = Some(serde_json::from_slice(data).unwrap_or_default()),
                    _ => {}
                }
            }
            judge(exec.command, &errors, ended)
        };
        let mut reading = std::pin::pin!(reading);
        tokio::select! {
            ended = &mut reading => ended,
            () = sending => reading.await,
        }
    }
}

fn keep(all: &mut Vec<u8>, part: &[u8], most: usize) {
    let room = most.saturating_sub(all.len());
    all.extend(part.iter().take(room));
}

fn judge(command: &[&str], errors: &[u8], ended: Option<Ended>) -> Result<(), CallError> {
    let program = command.first().copied().unwrap_or_default();
    let Some(ended) = ended else {
        return Err(CallError::failed(format!(
            "the connection ended before {program} did"
        )));
    };
    if ended.status == "Success" {
        return Ok(());
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
