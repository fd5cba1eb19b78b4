//! The end of a run: the bundle is written, the diagnosis printed, and what is missing told.

use std::path::Path;

use digpod_analysis::analyse;
use digpod_bundle::{Bundle, EntryName, Item, Kind, Status, layout};
use digpod_probe::Watched;
use digpod_report::report;

use super::like::Like;
use super::{contents, fit};
use crate::cli::{Collect, Color, Format};
use crate::error::{Failure, plain};
use crate::exit::Exit;
use crate::gather;
use crate::output;
use crate::program::named;
use crate::progress::Progress;
use crate::sink::Sink;
use crate::time;

pub(super) fn finish(
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
        gather::cut_short(sink, why, !options.no_probe);
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
        // For people the report has it.
        let table = format!("{table}{}", watched(&bundle));
        table.lines().for_each(|line| progress.note(line));
    }
    let collected = if missing > 0 || ended_early || !clean {
        Exit::Partial
    } else {
        Exit::Done
    };
    Ok(collected.and(output::judged(&report, options.fail_on)))
}

/// What came of --until-failure, as a line of its own.
fn watched(bundle: &Bundle) -> String {
    let entry = bundle.get(&layout::probe_watch("workload"));
    let watched = entry.and_then(|it| serde_json::from_slice::<Watched>(it).ok());
    watched.map_or_else(String::new, |it| format!("Watch:  {}\n", plain(&it.told())))
}

/// Whether something is missing. That a name in question means no Service is an answer.
pub(super) fn is_gap(item: &Item) -> bool {
    let kind = EntryName::new(item.entry.as_str()).map(|name| Kind::of(&name));
    match item.status {
        Status::Truncated => true,
        Status::NotFound => !matches!(kind, Ok(Kind::NamedService { .. })),
        status => !(status.has_content() || status == Status::NotApplicable),
    }
}
