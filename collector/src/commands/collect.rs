//! `digpod collect`: gather, probe, analyse, write, print; and leave nothing behind.

mod anywhere;
mod contents;
mod fit;
mod like;
mod limits;
mod origin;
mod stop;

use std::path::Path;

use digpod_analysis::analyse;
use digpod_bundle::{FailingName, Item, Status};
use digpod_report::report;
use serde_json::json;

use crate::api::Api;
use crate::cli::{Collect, Color, Format, NodeAccess};
use crate::connect::connect;
use crate::error::Failure;
use crate::exit::Exit;
use crate::gather::{self, Request};
use crate::output;
use crate::probes::{self, Asked, Namespaces, Objects};
use crate::program::named;
use crate::progress::Progress;
use crate::rights::{Access, Scope};
use crate::sink::Sink;
use crate::time;
use crate::whoami::whoami;

use super::script;
use like::Like;
use stop::Signals;

/// Entry that says what was created and whether it is gone.
const REMOVAL: &str = "probes/removal.json";
/// Bytes of logs read for each byte that the bundle may have: they are packed to a tenth and less.
const LOGS_PER_SIZE: u64 = 3;
/// Seconds after its end at the latest at which what is left of a run may be removed by the next.
const EXPIRY_GRACE: u64 = 60;

pub(super) async fn run(mut options: Collect, color: Color, quiet: bool) -> Result<Exit, Failure> {
    let like = match options.like.clone() {
        Some(path) => Some(Like::open(&path, &mut options)?),
        None => None,
    };
    let names = origin::names(&options.names)?;
    if options.script {
        return script::run(&options, &names);
    }
    writable(&options)?;
    let cluster = connect(&options.connection).await?;
    let progress = Progress::new(quiet);
    if options.all_namespaces {
        anywhere::find(&cluster.api, &mut options, &progress).await?;
    }
    let namespace = options
        .namespace
        .clone()
        .unwrap_or_else(|| cluster.default_namespace.clone());
    let user = match &cluster.user {
        Some(user) => format!(", user {user}"),
        None => String::new(),
    };
    progress.note(&format!(
        "context {} ({}){user}, namespace {namespace}",
        cluster.context, cluster.server
    ));
    if let Some(like) = &like {
        options.namespace = Some(namespace.clone());
        like.stand_in(&cluster.api, &mut options, &progress).await;
    }

    let time = limits::Time::new(options.timeout);
    let mut signals =
        Signals::catch().map_err(|error| Failure::new(format!("cannot start: {error}")))?;
    let mut manifest = origin::manifest(&options, &cluster, &namespace, &names);
    manifest.like = like.as_ref().map(Like::recorded);
    let sink = Sink::new(manifest);
    let objects = Objects::new(options.timeout.saturating_add(EXPIRY_GRACE));
    let mut work = tokio::spawn(work(
        cluster.api.until(time.asking()),
        options_for(&options, &namespace, &names, like.as_ref()),
        objects.clone(),
        sink.clone(),
        progress.clone(),
    ));
    let interrupted = tokio::select! {
        done = &mut work => match done {
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
            work.abort();
            // Once it has ended it creates nothing more.
            let _ = work.await;
            Some(why)
        }
    };
    if let Some(why) = &interrupted {
        if sink.with(|bundle| bundle.manifest().items.is_empty()) {
            progress.end();
            return Err(Failure::new(format!("{why}, and nothing was gathered"))
                .help("the API server had not answered yet: try `kubectl version` with the same context"));
        }
        progress.note(&format!(
            "{why}; removing what was created and writing what was gathered"
        ));
    }
    stop::on_one_more(signals, interrupted.is_some(), progress.clone());
    let clean = remove(
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

/// A run of a minute should not end with a file that cannot be written.
fn writable(options: &Collect) -> Result<(), Failure> {
    if let Some(path) = options.output.as_deref().filter(|path| path.is_dir()) {
        return Err(Failure::usage(format!("{} is a folder", path.display()))
            .help("name a file in it, like bundle.zip"));
    }
    // Writing means to put a new file in its place, which would be the end of a device.
    let special = |path: &&Path| path.metadata().is_ok_and(|it| !it.is_file());
    if let Some(path) = options.output.as_deref().filter(special) {
        return Err(
            Failure::usage(format!("{} is no regular file", path.display()))
                .help("name a file, like bundle.zip"),
        );
    }
    if let Some(path) = &options.output {
        super::input::not_there_yet(path)?;
    }
    if options.timeout == 0 {
        return Err(
            Failure::usage("--timeout 0 leaves no time to collect anything")
                .help("120s is the default"),
        );
    }
    if let Some(namespace) = options.namespace.as_deref().filter(|it| !is_label(it)) {
        return Err(
            Failure::usage(format!("{namespace:?} is no name of a namespace"))
                .help("`kubectl get namespaces` lists them"),
        );
    }
    let folder = options.output.as_deref().and_then(Path::parent);
    match folder {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => Err(Failure::usage(
            format!("there is no folder {}", folder.display()),
        )
        .help("make it first, or name another with -o")),
        _ => Ok(()),
    }
}

/// Everything that asks the cluster. The probes take the longest, so that all else is gathered
/// while they ask.
async fn work(
    api: Api,
    job: Job,
    objects: Objects,
    sink: Sink,
    progress: Progress,
) -> Result<(), Failure> {
    let request = &job.request;
    // Both may fail, and nothing was created yet then.
    let asked = access(&api, &job.scope, &progress);
    let (version, mut access) = futures::try_join!(gather::reach(&api, &sink, &progress), asked)?;
    access.record(&sink);
    let probes = job.probes.map(|probes| probes::Options {
        access: access.clone(),
        ..probes
    });
    let first = gather::first(&api, request, &sink, &progress, version.as_deref());
    let first = Box::pin(first);
    let Some(probes) = &probes else {
        sink.missing_because(
            &digpod_bundle::layout::probe_records("workload"),
            Status::NotApplicable,
            "no probe was wanted (--no-probe)",
        );
        let found = first.await;
        let rest = Box::pin(gather::rest(&api, request, &found, &sink, &progress));
        futures::join!(
            rest,
            elsewhere(&mut access, &api, &job.scope, &found, &sink, &progress)
        );
        gather::metrics_by_proxy(&api, &sink, &found).await;
        access.record_unsaid(&sink);
        return Ok(());
    };
    let (found, neutral, ()) = futures::join!(
        first,
        probes::neutral(&api, probes, &objects, &sink, &progress),
        leftovers(&api, &objects, &request.namespace, &progress),
    );
    futures::join!(
        probes::probe(&api, probes, &found, &neutral, &objects, &sink, &progress),
        Box::pin(gather::rest(&api, request, &found, &sink, &progress)),
        elsewhere(&mut access, &api, &job.scope, &found, &sink, &progress),
    );
    gather::metrics_by_proxy(&api, &sink, &found).await;
    access.record_unsaid(&sink);
    Ok(())
}

/// Asks who this user is and what they may do, and says at once what is missing.
async fn access(api: &Api, scope: &Scope, progress: &Progress) -> Result<Access, Failure> {
    let reviewed = async { Ok(Access::review(api, scope).await) };
    let (user, mut access) = futures::try_join!(whoami(api), reviewed)?;
    if let Some(user) = &user {
        progress.note(&format!("the API server takes you for {user}"));
    }
    access.user = user;
    access.say(scope, progress);
    Ok(access)
}

/// Reviews what is needed in the namespace of DNS, where that is not the one which was assumed.
async fn elsewhere(
    access: &mut Access,
    api: &Api,
    scope: &Scope,
    found: &gather::Found,
    sink: &Sink,
    progress: &Progress,
) {
    if found.dns_namespace != scope.dns_namespace {
        let scope = Scope {
            dns_namespace: found.dns_namespace.clone(),
            ..scope.clone()
        };
        access.review_again(api, &scope, sink, progress).await;
    }
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
) -> Job {
    let request = Request {
        namespace: namespace.to_owned(),
        pod: options.pod.clone(),
        selector: options.selector.clone(),
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
        pull_secret: options.pull_secret.clone(),
        control_namespace: options.probe_namespace.clone(),
        namespace: namespace.to_owned(),
        node_access: options.node_access,
        asked: Asked {
            names: names.iter().map(|it| it.name.clone()).collect(),
            public_name: options.public_name.clone(),
            random_label,
            quick: options.quick,
            like: like.map(Like::plans).unwrap_or_default(),
        },
        access: Access::default(),
    });
    Job {
        scope: scope(options, namespace, "kube-system"),
        request,
        probes,
    }
}

/// The flags that decide what a run may do; what the role of `digpod rbac` is made of.
pub(super) fn scope(options: &Collect, namespace: &str, dns_namespace: &str) -> Scope {
    Scope {
        dns_namespace: dns_namespace.to_owned(),
        namespace: namespace.to_owned(),
        pod: options.pod.clone(),
        selector: options.selector.clone(),
        probes: !options.no_probe,
        files: options.node_access == NodeAccess::Files,
        exec: options.exec,
        kubelet_config: options.kubelet_config,
        probe_namespace: options.probe_namespace.clone(),
    }
}

/// Says what earlier runs left, and removes what no run can need any more.
async fn leftovers(api: &Api, objects: &Objects, namespace: &str, progress: &Progress) {
    let Ok(found) =
        probes::find_leftovers(api, objects.run(), probes::Where::Allowed(&[namespace])).await
    else {
        return;
    };
    let (expired, running): (Vec<_>, Vec<_>) = found.into_iter().partition(|it| it.expired);
    for object in running.iter().filter(|it| !it.ends) {
        progress.note(&format!(
            "{} belongs to another run ({}) that may still be going on; `digpod cleanup` removes it",
            object.name(), object.run
        ));
    }
    let removal = probes::remove_leftovers(api, &expired).await;
    for name in &removal.removed {
        progress.note(&format!("removed {name}, left by an interrupted run"));
    }
    for (name, why) in removal.rest() {
        progress.note(&format!(
            "{name}, left by an interrupted run, could not be removed: {why}"
        ));
    }
}

/// Removes what was created; says what could not be. Gives whether nothing is left.
async fn remove(
    api: &Api,
    objects: &Objects,
    until: Namespaces,
    sink: &Sink,
    progress: &Progress,
) -> bool {
    progress.step("removing the probes");
    let removal = objects.remove(api, until).await;
    for name in &removal.ending {
        progress.note(&format!(
            "{name} is empty and ends in a few seconds (--quick does not wait for that)"
        ));
    }
    for (name, why) in removal.rest() {
        progress.note(&format!(
            "could not remove {name}: {why}; `digpod cleanup` tries again"
        ));
    }
    if !removal.is_empty() {
        let told = |all: &[(String, String)]| -> Vec<_> {
            all.iter()
                .map(|(name, why)| json!({"name": name, "reason": why}))
                .collect()
        };
        let value = json!({
            "run": objects.run(),
            "removed": removal.removed,
            "ending": removal.ending,
            "left": told(&removal.left),
            "unseen": told(&removal.unseen),
        });
        let item = Item {
            source: Some("created by this run".to_owned()),
            ..Item::default()
        };
        sink.with(|bundle| drop(bundle.add_json(REMOVAL, &value, item)));
    }
    removal.is_clean()
}

fn finish(
    options: &Collect,
    sink: &Sink,
    interrupted: Option<String>,
    clean: bool,
    color: Color,
    progress: &Progress,
    like: Option<&Like>,
) -> Result<Exit, Failure> {
    progress.step("writing the bundle");
    let ended_early = interrupted.is_some();
    if let Some(why) = &interrupted {
        gather::cut_short(sink, why);
    }
    let mut bundle = sink.take();
    bundle.edit_manifest(|manifest| {
        manifest.collected.finished = time::now();
        manifest.collected.interrupted = interrupted;
    });
    fit::fit(&mut bundle, options.max_size);
    let saved = match &options.output {
        Some(path) => bundle.save(path).map(|()| path.clone()),
        None => bundle.save_new(Path::new(".")),
    };
    progress.step("analysing");
    let report = report(&bundle, &analyse(&bundle));
    progress.end();
    let shown = output::shown(&report, options.format, color);
    output::print(&match options.format {
        Format::Human => named(&shown),
        _ => shown,
    })?;
    if let Some(like) = like {
        let compared = like.compared(&bundle, &report).text();
        match options.format {
            Format::Human => output::print(&format!("{compared}\n"))?,
            _ => compared.lines().for_each(|line| progress.note(line)),
        }
    }
    let path = saved.map_err(|error| {
        let failure = Failure::from_chain("the bundle cannot be written", &error);
        match error.help() {
            Some(help) => failure.help(help),
            None => failure,
        }
    })?;
    let size = std::fs::metadata(&path).map_or(0, |file| file.len());
    let missing = bundle
        .manifest()
        .items
        .iter()
        .filter(|item| is_gap(item))
        .count();
    let gaps = match missing {
        0 => String::new(),
        1 => "; 1 thing is missing in it".to_owned(),
        n => format!("; {n} things are missing in it"),
    };
    let written = format!(
        "Bundle: {} ({}){gaps}",
        path.display(),
        contents::size(size)
    );
    let table = contents::table(bundle.manifest());
    if options.format == Format::Human {
        let page = format!("Page:   digpod report {} --open", path.display());
        output::print(&named(&format!("{written}\n{table}{page}\n")))?;
    } else {
        progress.note(&written);
        table.lines().for_each(|line| progress.note(line));
    }
    let collected = if missing > 0 || ended_early || !clean {
        Exit::Partial
    } else {
        Exit::Done
    };
    Ok(collected.and(output::judged(&report, options.fail_on)))
}

fn is_gap(item: &Item) -> bool {
    item.status == Status::Truncated
        || !(item.status.has_content() || item.status == Status::NotApplicable)
}

/// An RFC 1123 label, as Kubernetes wants it.
fn is_label(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&text.len())
        && text.chars().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
}
