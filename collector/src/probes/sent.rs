//! The other way, where a node cannot pull the probe's image: a pod like the probe's runs `sleep` in
//! an image that is on the node already, and gets the probe by exec. What it prints comes back the
//! same way.

mod images;
mod pod;

use std::time::Duration;

use digpod_bundle::Status;
use digpod_probe::{ProbeOutput, parse_output};

use super::keep;
use super::log::Heard;
use super::places::Vantage;
use super::pod::CONTAINER;
use super::run::{self, Context, Told};
use super::size::Size;
use super::state::Watched;
use super::why::{Unpulled, Why};
use crate::api::Exec;

/// Time for everything but asking.
pub(super) const START: Duration = Duration::from_secs(90);
/// How long one image may take to start.
const STARTS: Duration = Duration::from_secs(10);
/// How long the binary may take to arrive.
const ARRIVES: Duration = Duration::from_mins(1);

/// Reads as many bytes as it is told, since the end of its input cannot be said everywhere.
const RECEIVE: &str = r#"head -c "$1" >/digpod/probe && chmod 755 /digpod/probe"#;
const PROBE: &str = "/digpod/probe";

const WAY_OUT: &str = "make the image available (`just image`, then push it or import it on the nodes) and name it \
     with --probe-image (if the registry asks for credentials, also --pull-secret)";

/// Tries it. What fails says both reasons, and the way out.
pub(super) async fn instead(
    context: &Context<'_>,
    vantage: &mut Vantage,
    size: &Result<Size, String>,
    told: &mut Told<'_>,
    unpulled: &Unpulled,
) -> Result<ProbeOutput, Why> {
    let words = &unpulled.words;
    context.note_once(&format!("the probe's image could not be pulled: {words}"));
    let namespace = &vantage.place.namespace;
    // Two pods at once may be one too many for a quota.
    context
        .objects
        .release(context.api, namespace, &unpulled.pod)
        .await;
    let sent = match size {
        Ok(size) => other(context, vantage, size, told, unpulled).await,
        Err(why) => Err(Why::failed(why.clone())),
    };
    sent.map_err(|why| {
        let but = format!(
            "it could not be sent by exec into an image on the node either: {}; {WAY_OUT}",
            why.reason
        );
        let reason = format!("the probe's container does not start: {words}; {but}");
        context.tell(&Why {
            reason: but,
            ..why.clone()
        });
        Why {
            reason,
            unpulled: Some(Box::new(unpulled.clone())),
            ..why
        }
    })
}

async fn other(
    context: &Context<'_>,
    vantage: &mut Vantage,
    size: &Size,
    told: &mut Told<'_>,
    unpulled: &Unpulled,
) -> Result<ProbeOutput, Why> {
    let binaries = &context.options.binaries;
    if binaries.is_empty() {
        let why =
            "this digpod was built without the probe's binary (--probe-binary FILE gives one)";
        return Err(Why::failed(why.to_owned()));
    }
    let namespace = vantage.place.namespace.clone();
    let access = &context.options.access;
    if let Some(missing_permission) = access.lacks_exec(context.api, &namespace).await {
        return Err(Why {
            missing_permission: Some(missing_permission.clone()),
            ..Why::failed(format!(
                "an access review says that it is forbidden to {missing_permission}"
            ))
        });
    }
    let named = vantage.place.node.clone().or(unpulled.node.clone());
    let node = named.ok_or_else(|| Why::failed("its node is not known".to_owned()))?;
    vantage.place.node = Some(node.clone());
    let there = images::on_node(context.api, &node).await;
    // Who may not read nodes still knows what the failing pod runs; a machine that does not fit says so.
    let architecture = there.as_ref().ok().map(|it| it.architecture.as_str());
    let binary = binaries.of(architecture).map_err(Why::failed)?;
    let listed = there.as_ref().map_or(&[][..], |it| it.images.as_slice());
    let candidates = images::candidates(&vantage.place.images, listed);
    let mut failed = Vec::new();
    for (tries, image) in (0..).zip(candidates) {
        match with_image(context, vantage, size, told, &image, binary, tries).await {
            Ok(output) => {
                context.note_once(&format!(
                    "the probe was sent by exec into image {image}, which is on its node"
                ));
                vantage.sent = Some(format!(
                    "sent into image {image} by exec, because the probe's image could not be pulled: {}",
                    unpulled.words
                ));
                return Ok(output);
            }
            Err(Failed::Image(why)) => failed.push(format!("{image}: {why}")),
            Err(Failed::All(why)) => return Err(why),
        }
    }
    match there {
        Err(why) if failed.is_empty() => Err(why),
        _ if failed.is_empty() => Err(Why::failed(format!(
            "no image on node {node} has a name that promises a shell"
        ))),
        _ => Err(Why::failed(failed.join("; "))),
    }
}

/// Why an image brought nothing.
enum Failed {
    /// Another one may do.
    Image(String),
    /// None will do.
    All(Why),
}

async fn with_image(
    context: &Context<'_>,
    vantage: &Vantage,
    size: &Size,
    told: &mut Told<'_>,
    image: &str,
    binary: &[u8],
    tries: u32,
) -> Result<ProbeOutput, Failed> {
    let (api, objects) = (context.api, context.objects);
    let namespace = vantage.place.namespace.as_str();
    let name = run::pod_name(objects.run(), &vantage.id, tries) + "-sent";
    let probe = run::object(context, vantage, size, &name);
    let sleeping = pod::sleeping(probe, &vantage.plan, image);
    objects
        .create_pod(api, namespace, &sleeping)
        .await
        .map_err(|error| Failed::All(run::refused(&error, namespace)))?;
    let there = Sent {
        context,
        vantage,
        name: &name,
    };
    let output = there.ask(told, binary).await;
    objects.release(api, namespace, &name).await;
    output
}

/// A pod that sleeps.
struct Sent<'a> {
    context: &'a Context<'a>,
    vantage: &'a Vantage,
    name: &'a str,
}

impl Sent<'_> {
    fn exec<'b>(&'b self, command: &'b [&'b str], input: Option<&'b [u8]>) -> Exec<'b> {
        Exec {
            namespace: &self.vantage.place.namespace,
            pod: self.name,
            container: CONTAINER,
            command,
            input,
        }
    }

    async fn ask(&self, told: &mut Told<'_>, binary: &[u8]) -> Result<ProbeOutput, Failed> {
        let (context, vantage) = (self.context, self.vantage);
        let (api, namespace) = (context.api, &vantage.place.namespace);
        let mut watched = Watched::new(api, namespace, self.name).await;
        let started = tokio::time::timeout(STARTS, watched.started()).await;
        let started = started
            .map_err(|_| Failed::Image(format!("not started within {} s", STARTS.as_secs())))?
            .map_err(|why| Failed::Image(why.reason))?;
        if started.ended {
            let said = started.end().unwrap_or("it ended at once");
            return Err(Failed::Image(format!("it runs no shell: {said}")));
        }
        let size = binary.len().to_string();
        let receive = ["sh", "-c", RECEIVE, "sh", size.as_str()];
        let sending = api.exec_telling(self.exec(&receive, Some(binary)), ARRIVES, |_| ());
        sending.await.map_err(|error| match error.status {
            Status::Forbidden => {
                let permission = format!("create pods/exec in namespace {namespace}");
                Failed::All(Why {
                    missing_permission: Some(permission),
                    ..Why::failed(error.reason)
                })
            }
            _ => Failed::Image(format!("the binary could not be sent: {}", error.reason)),
        })?;
        keep::pod(context.sink, vantage, self.name, started.pod);
        let mut heard = Heard::new(told);
        let limit = START + run::longest(&vantage.plan);
        let asking = api.exec_telling(self.exec(&[PROBE], None), limit, |part| heard.bytes(part));
        let ended = asking.await;
        let output = parse_output(&heard.text);
        match ended {
            Err(error) if heard.text.is_empty() => Err(Failed::Image(format!(
                "the probe does not run: {}",
                error.reason
            ))),
            // Answers that came count, as with a log that broke off.
            Err(error) if output.records.is_empty() && !output.complete => Err(Failed::All(
                Why::failed(format!("the probe gave no records: {}", error.reason)),
            )),
            _ => Ok(output),
        }
    }
}
