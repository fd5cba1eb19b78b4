//! `digpod collect`: gather, probe, analyse, write, print; and leave nothing behind.

mod origin;
mod stop;

use std::path::Path;

use digpod_analysis::analyse;
use digpod_bundle::{FailingName, Item, Status};
use digpod_report::report;
use serde_json::json;

use crate::api::Api;
use crate::cli::{Collect, Color, Format};
use crate::connect::connect;
use crate::error::Failure;
use crate::exit::Exit;
use crate::gather::{self, Request};
use crate::output;
use crate::probes::{self, Asked, Objects};
use crate::progress::Progress;
use crate::sink::Sink;
use crate::time;

use stop::Signals;

/// Entry that says what was created and whether it is gone.
const REMOVAL: &str = "probes/removal.json";
/// Seconds after its end at the latest at which what is left of a run may be removed by the next.
const EXPIRY_GRACE: u64 = 60;

pub(super) async fn run(options: Collect, color: Color, quiet: bool) -> Result<Exit, Failure> {
    let names = origin::names(&options.names)?;
    writable(&options)?;
    let cluster = connect(&options.connection).await?;
    let progress = Progress::new(quiet);
    let namespace = options
        .namespace
        .clone()
        .unwrap_or_else(|| cluster.default_namespace.clone());
    progress.note(&format!(
        "context {} ({}), namespace {namespace}",
        cluster.context, cluster.server
    ));

    let mut signals =
        Signals::catch().map_err(|error| Failure::new(format!("cannot start: {error}")))?;
    let sink = Sink::new(origin::manifest(&options, &cluster, &namespace, &names));
    let objects = Objects::new(options.timeout.saturating_add(EXPIRY_GRACE));
    let mut work = tokio::spawn(work(
        cluster.api.clone(),
        options_for(&options, &namespace, &names),
        objects.clone(),
        sink.clone(),
        progress.clone(),
    ));
    let interrupted = tokio::select! {
        done = &mut work => match done {
            Ok(Ok(())) => None,
            // No server answered: there is nothing to write, and nothing was created.
            Ok(Err(failure)) => {
                progress.end();
                return Err(failure);
            }
            Err(error) => Some(format!("an error in digpod itself ended the run: {error}")),
        },
        why = stop::reason(&mut signals, options.timeout) => {
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
    let hurry = options.quick && interrupted.is_none();
    let clean = remove(&cluster.api, &objects, hurry, &sink, &progress).await;
    finish(&options, &sink, interrupted, clean, color, &progress)
}

/// A run of a minute should not end with a file that cannot be written.
fn writable(options: &Collect) -> Result<(), Failure> {
    if let Some(path) = options.output.as_deref().filter(|path| path.is_dir()) {
        return Err(Failure::usage(format!("{} is a folder", path.display()))
            .help("name a file in it, like bundle.zip"));
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
    let version = gather::reach(&api, &sink, &progress).await?;
    let find = gather::find(&api, request, &sink, &progress, version.as_deref());
    let Some(probes) = &job.probes else {
        sink.missing_because(
            &digpod_bundle::layout::probe_records("workload"),
            Status::NotApplicable,
            "no probe was wanted (--no-probe)",
        );
        let found = find.await;
        gather::rest(&api, request, &sink, &progress, &found).await;
        return Ok(());
    };
    let (found, neutral, ()) = futures::join!(
        find,
        probes::neutral(&api, probes, &objects, &sink),
        leftovers(&api, &objects, &request.namespace, &progress),
    );
    futures::join!(
        probes::probe(&api, probes, &found, &neutral, &objects, &sink, &progress),
        gather::rest(&api, request, &sink, &progress, &found),
    );
    Ok(())
}

struct Job {
    request: Request,
    probes: Option<probes::Options>,
}

fn options_for(options: &Collect, namespace: &str, names: &[FailingName]) -> Job {
    let request = Request {
        namespace: namespace.to_owned(),
        pod: options.pod.clone(),
        selector: options.selector.clone(),
        since: options.since,
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
        },
    });
    Job { request, probes }
}

/// Says what earlier runs left, and removes what no run can need any more.
async fn leftovers(api: &Api, objects: &Objects, namespace: &str, progress: &Progress) {
    let Ok(found) = probes::find_leftovers(api, objects.run(), &[namespace]).await else {
        return;
    };
    let (expired, running): (Vec<_>, Vec<_>) = found.into_iter().partition(|it| it.expired);
    for object in &running {
        progress.note(&format!(
            "{} belongs to another run ({}) that may still be going on; `digpod cleanup` removes it",
            object.name, object.run
        ));
    }
    let left = probes::remove_leftovers(api, &expired).await;
    for object in &expired {
        let stays = left.iter().find(|(name, _)| *name == object.name);
        match stays {
            None => progress.note(&format!(
                "removed {}, left by an interrupted run",
                object.name
            )),
            Some((name, why)) => progress.note(&format!(
                "{name}, left by an interrupted run, is still there: {why}"
            )),
        }
    }
}

/// Removes what was created; says what could not be. Gives whether nothing is left.
async fn remove(
    api: &Api,
    objects: &Objects,
    hurry: bool,
    sink: &Sink,
    progress: &Progress,
) -> bool {
    progress.step("removing the probes");
    let removal = objects.remove(api, hurry).await;
    for name in &removal.going {
        progress.step(&format!(
            "{name} is empty; the cluster removes it within seconds"
        ));
    }
    for (name, why) in &removal.left {
        progress.note(&format!(
            "could not remove {name}: {why}; `digpod cleanup` tries again"
        ));
    }
    if !removal.is_empty() {
        let left: Vec<_> = removal
            .left
            .iter()
            .map(|(name, why)| json!({"name": name, "reason": why}))
            .collect();
        let value = json!({
            "run": objects.run(),
            "removed": removal.removed,
            "going": removal.going,
            "left": left,
        });
        let item = Item {
            source: Some("created by this run".to_owned()),
            ..Item::default()
        };
        sink.with(|bundle| drop(bundle.add_json(REMOVAL, &value, item)));
    }
    removal.left.is_empty()
}

fn finish(
    options: &Collect,
    sink: &Sink,
    interrupted: Option<String>,
    clean: bool,
    color: Color,
    progress: &Progress,
) -> Result<Exit, Failure> {
    progress.step("writing the bundle");
    let ended_early = interrupted.is_some();
    let bundle = sink.with(|bundle| {
        bundle.edit_manifest(|manifest| {
            manifest.collected.finished = time::now();
            manifest.collected.interrupted = interrupted;
        });
        bundle.clone()
    });
    let saved = match &options.output {
        Some(path) => bundle.save(path).map(|()| path.clone()),
        None => bundle.save_new(Path::new(".")),
    };
    progress.step("analysing");
    let report = report(&bundle, &analyse(&bundle));
    progress.end();
    output::print(&output::shown(&report, options.format, color))?;
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
        "Bundle: {} ({} kB){gaps}",
        path.display(),
        size.div_ceil(1_000)
    );
    if options.format == Format::Human {
        let page = format!("Page:   digpod report {} --open", path.display());
        output::print(&format!("{written}\n{page}\n"))?;
    } else {
        progress.note(&written);
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
