//! `digpod collect`: gather, probe, analyse, write, print; and leave nothing behind.

mod anywhere;
mod checks;
mod contents;
mod dry_run;
mod finish;
mod fit;
mod like;
mod limits;
mod origin;
mod stop;
mod tidy;
mod typed;
mod work;

use digpod_bundle::{FailingName, Status};

use crate::cli::{Collect, Color, NodeAccess};
use crate::connect::{Cluster, connect};
use crate::error::Failure;
use crate::exit::Exit;
use crate::gather::{Request, WorkingPod};
use crate::probes::{self, Asked, Binaries, Namespaces, Objects};
use crate::progress::Progress;
use crate::rights::{Access, Scope};
use crate::sink::Sink;

pub(super) use typed::names as typed_names;

use super::script;
use finish::finish;
use like::Like;
use stop::Signals;
use work::{begin, elsewhere, work};

/// Bytes of logs read for each byte that the bundle may have: they are packed to a tenth and less.
const LOGS_PER_SIZE: u64 = 3;
/// Seconds after its end at the latest at which what is left of a run may be removed by the next.
const EXPIRY_GRACE: u64 = 60;

pub(super) async fn run(mut options: Collect, color: Color, quiet: bool) -> Result<Exit, Failure> {
    let like = match options.like.clone() {
        Some(path) => Some(Like::open(&path, &mut options)?),
        None => None,
    };
    let names = typed::names(&options.names)?;
    if options.script {
        return script::run(&options, &names);
    }
    checks::check(&options, names.len())?;
    let binaries = match &options.probe_binary {
        Some(path) => Binaries::read(path)?,
        None => Binaries::built_in(),
    };
    let cluster = connect(&options.connection).await?;
    let progress = Progress::new(quiet);
    if options.all_namespaces {
        anywhere::find(&cluster.api, &mut options, &progress).await?;
    }
    let namespace = options
        .namespace
        .clone()
        .unwrap_or_else(|| cluster.default_namespace.clone());
    say_where(&cluster, &namespace, &progress);
    if let Some(like) = &like {
        options.namespace = Some(namespace.clone());
        like.stand_in(&cluster.api, &mut options, &progress).await;
    }

    warn(&options, &progress);
    let job = options_for(&options, &namespace, &names, like.as_ref(), binaries);
    let objects = objects(&options);
    if options.dry_run {
        return Box::pin(dry_run::run(&cluster, &options, job, &objects, &progress)).await;
    }
    let time = limits::Time::new(options.timeout, options.until_failure.unwrap_or(0));
    let mut signals =
        Signals::catch().map_err(|error| Failure::new(format!("cannot start: {error}")))?;
    let mut manifest = origin::manifest(&options, &cluster, &namespace, &names);
    manifest.like = like.as_ref().map(Like::recorded);
    let sink = Sink::new(manifest);
    let mut working = tokio::spawn(work(
        cluster.api.clone(),
        time.clone(),
        job,
        objects.clone(),
        sink.clone(),
        progress.clone(),
    ));
    let interrupted = tokio::select! {
        done = &mut working => match done {
            Ok(Ok(())) => time.is_over().then(|| time.why()),
            Ok(Err(_)) if time.is_over() => Some(time.why()),
            // No server answered: there is nothing to write, and nothing was created.
            Ok(Err(failure)) => {
                progress.end();
                return Err(failure);
            }
            Err(error) => Some(format!("an error in digpod itself ended the run: {error}")),
        },
        why = stop::reason(&mut signals, &time) => {
            working.abort();
            // Once it has ended it creates nothing more.
            let _ = working.await;
            Some(why)
        }
    };
    if let Some(why) = &interrupted {
        if nothing_came(&sink) {
            progress.end();
            return Err(Failure::new(format!("{why}, and nothing was gathered"))
                .help("the API server had not answered yet: try `kubectl version` with the same context"));
        }
        progress.note(&format!(
            "{why}; removing what was created and writing what was gathered"
        ));
    }
    stop::on_one_more(signals, interrupted.is_some(), progress.clone());
    let clean = tidy::remove(
        &cluster.api.until(time.removing()),
        &objects,
        if options.quick && interrupted.is_none() {
            Namespaces::Ending
        } else {
            Namespaces::Gone
        },
        &sink,
        &progress,
    )
    .await;
    limits::clock(&cluster.api, &sink, &progress);
    finish(
        &options,
        &sink,
        interrupted,
        clean,
        color,
        &progress,
        like.as_ref(),
    )
}

/// Which cluster is meant, before anything is asked of it.
fn say_where(cluster: &Cluster, namespace: &str, progress: &Progress) {
    let user = match &cluster.user {
        Some(user) => format!(", user {user}"),
        None => String::new(),
    };
    progress.note(&format!(
        "context {} ({}){user}, namespace {namespace}",
        cluster.context, cluster.server
    ));
}

/// What the run will create; it expires when the run has surely ended.
fn objects(options: &Collect) -> Objects {
    let before = options.until_failure.unwrap_or(0);
    let longest = options.timeout.saturating_add(before);
    Objects::new(longest.saturating_add(EXPIRY_GRACE))
}

/// What may not go as it was meant.
fn warn(options: &Collect, progress: &Progress) {
    if options.pull_secret.is_some() && options.probe_namespace.is_none() && !options.no_probe {
        progress.note(
            "the namespace that this run makes has no Secret for --pull-secret; name one that has it with --probe-namespace",
        );
    }
}

/// Whether the server has answered nothing, not even with a refusal.
fn nothing_came(sink: &Sink) -> bool {
    sink.with(|bundle| {
        let mut items = bundle.manifest().items.iter();
        items.all(|it| matches!(it.status, Status::TimedOut | Status::NotApplicable))
    })
}

struct Job {
    scope: Scope,
    request: Request,
    probes: Option<probes::Options>,
}

fn options_for(
    options: &Collect,
    namespace: &str,
    names: &[FailingName],
    like: Option<&Like>,
    binaries: Binaries,
) -> Job {
    let request = Request {
        namespace: namespace.to_owned(),
        pod: options.pod.clone(),
        selector: options.selector.clone(),
        working_pod: working_pod(options, namespace),
        since: options.since,
        log_budget: options.max_size.saturating_mul(LOGS_PER_SIZE),
        nodes: options.nodes.clone(),
        exec: options.exec,
        kubelet_config: options.kubelet_config,
    };
    let mut random = [0_u8; 6];
    let _ = getrandom::fill(&mut random);
    let random_label = random.iter().fold("digpod-".to_owned(), |label, byte| {
        format!("{label}{byte:02x}")
    });
    let probes = (!options.no_probe).then(|| probes::Options {
        image: options.probe_image.clone(),
        binaries,
        pull_secret: options.pull_secret.clone(),
        control_namespace: options.probe_namespace.clone(),
        namespace: namespace.to_owned(),
        working_pod: working_pod(options, namespace),
        node_access: options.node_access,
        until_failure: options.until_failure.map(|seconds| probes::UntilFailure {
            seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
            names: names.to_vec(),
        }),
        asked: Asked {
            names: names.iter().map(|it| it.name.clone()).collect(),
            namespace: namespace.to_owned(),
            public_name: options.public_name.clone(),
            random_label,
            quick: options.quick,
            like: like.map(Like::plans).unwrap_or_default(),
        },
        access: Access::default(),
    });
    Job {
        scope: scope(options, names, namespace, "kube-system"),
        request,
        probes,
    }
}

fn working_pod(options: &Collect, namespace: &str) -> Option<WorkingPod> {
    let typed = options.working_pod.as_deref()?;
    Some(WorkingPod::of(typed, namespace))
}

/// The flags that decide what a run may do; what the role of `digpod rbac` is made of.
pub(super) fn scope(
    options: &Collect,
    names: &[FailingName],
    namespace: &str,
    dns_namespace: &str,
) -> Scope {
    Scope {
        names: names.iter().map(|it| it.name.clone()).collect(),
        dns_namespace: dns_namespace.to_owned(),
        namespace: namespace.to_owned(),
        pod: options.pod.clone(),
        selector: options.selector.clone(),
        working_pod: working_pod(options, namespace),
        probes: !options.no_probe,
        files: options.node_access == NodeAccess::Files,
        exec: options.exec,
        kubelet_config: options.kubelet_config,
        probe_namespace: options.probe_namespace.clone(),
    }
}
