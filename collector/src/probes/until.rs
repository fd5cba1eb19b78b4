//! `--until-failure`: the workload's probe asks until one try fails, and everything else waits for it.

use std::time::Duration;

use digpod_bundle::{FailingName, Item, Status, layout};
use digpod_probe::{
    Expected, NameClass, Plan, Question, Target, Transport, Watch, WatchEnd, Watched,
};
use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::future::Shared;

use crate::meant::full_name;
use crate::progress::Progress;
use crate::sink::Sink;
use crate::time::typed;

/// Once a second: as often as a person would try, and far below any rate limit.
const INTERVAL_MS: u32 = 1_000;

/// What is asked until it fails.
#[derive(Clone, Debug)]
pub(crate) struct UntilFailure {
    /// How long at most.
    pub(crate) seconds: u32,
    pub(crate) names: Vec<FailingName>,
}

impl UntilFailure {
    /// Each name once a second, as programs in the pod ask: the servers of its resolv.conf in order.
    pub(super) fn watch(&self, namespace: &str, domain: &str) -> Watch {
        let mut watch = Watch::default();
        for it in &self.names {
            let name = full_name(&it.name, namespace, domain);
            // However it is spelt, it is asked once for each type; what comes back has that spelling.
            let known = |of: &&Question| of.name.eq_ignore_ascii_case(&name);
            let name = match watch.questions.iter().find(known) {
                Some(known) => known.name.clone(),
                None => name,
            };
            if let Some(address) = it.expected.clone() {
                let name = name.clone();
                watch.expected.push(Expected { name, address });
            }
            let kind = record_type(it);
            let known = |of: &Question| of.name == name && of.record_type == kind;
            if watch.questions.iter().any(known) {
                continue;
            }
            watch.questions.push(Question {
                target: Target::OwnWalk,
                name,
                record_type: kind.to_owned(),
                transport: Transport::Udp,
                class: NameClass::Custom,
                tries: self.seconds,
                interval_ms: INTERVAL_MS,
                pair: None,
                payload: None,
                checking_disabled: false,
                search: false,
            });
        }
        watch
    }
}

fn record_type(name: &FailingName) -> &'static str {
    match &name.expected {
        Some(address) if address.contains(':') => "AAAA",
        _ => "A",
    }
}

/// How long a plan's probe may ask before its budget begins.
pub(super) fn before_budget(plan: &Plan) -> Duration {
    let Some(watch) = &plan.watch else {
        return Duration::ZERO;
    };
    // Its last try has its full time.
    Duration::from_millis(watch.limit_ms() + u64::from(plan.timeout_ms))
}

/// Opens the gate, at the latest when it is dropped.
pub(crate) struct Opener(Option<oneshot::Sender<()>>);

/// What waits until something failed, or until there is nothing to wait for.
#[derive(Clone)]
pub(crate) struct Gate(Shared<oneshot::Receiver<()>>);

/// A gate that is closed.
pub(crate) fn gate() -> (Opener, Gate) {
    let (open, opened) = oneshot::channel();
    (Opener(Some(open)), Gate(opened.shared()))
}

impl Gate {
    pub(crate) async fn opened(&self) {
        // Nobody is left to open it: nothing is watched any more.
        let _ = self.0.clone().await;
    }
}

/// A watch that goes on: what is told of it goes into the bundle and on the screen.
pub(super) struct Watching<'a> {
    sink: &'a Sink,
    progress: &'a Progress,
    vantage: String,
    names: String,
    opener: Opener,
}

impl<'a> Watching<'a> {
    pub(super) fn new(
        until: &UntilFailure,
        vantage: &str,
        opener: Opener,
        sink: &'a Sink,
        progress: &'a Progress,
    ) -> Self {
        let names: Vec<&str> = until.names.iter().map(|it| it.name.as_str()).collect();
        Self {
            sink,
            progress,
            vantage: vantage.to_owned(),
            names: names.join(", "),
            opener,
        }
    }

    /// Whether its end has not been told.
    pub(super) fn goes_on(&self) -> bool {
        self.opener.0.is_some()
    }

    pub(super) fn told(&mut self, watched: &Watched) {
        // A run that is stopped now has it as it was.
        keep(self.sink, &self.vantage, watched);
        let words = watched.words();
        match watched.end {
            WatchEnd::Asking => {
                let names = &self.names;
                let text = match watched.tries {
                    0 => {
                        let most = typed(watched.limit_ms / 1_000);
                        format!("asking {names} once a second until one try fails, {most} at most")
                    }
                    _ => format!("asking {names} once a second: {words}"),
                };
                self.progress.going_on(&text);
            }
            WatchEnd::Failed | WatchEnd::TimeOver => {
                if let Some(open) = self.opener.0.take() {
                    self.progress.note(&words);
                    // Nobody may be waiting any more.
                    let _ = open.send(());
                }
            }
        }
    }
}

/// What came of a watch.
pub(super) fn keep(sink: &Sink, vantage: &str, watched: &Watched) {
    let source = format!("probe {vantage}, before its other questions");
    sink.json(&layout::probe_watch(vantage), &source, watched);
}

/// Says, once, that there was nobody to watch: everything else went on at once. Why is what the
/// probe's own entry says.
pub(super) fn unwatched(sink: &Sink, progress: &Progress, vantage: &str) {
    let entry = layout::probe_watch(vantage);
    let known = sink.with(|bundle| bundle.get(&entry).is_some());
    if known {
        return;
    }
    let records = sink.with(|bundle| bundle.item(&layout::probe_records(vantage)).cloned());
    let because = records.filter(|it| !it.status.has_content());
    let item = Item {
        entry,
        ..because.unwrap_or_else(|| Item {
            status: Status::Failed,
            reason: Some(
                "the probe told nothing of it: its image is of another release".to_owned(),
            ),
            ..Item::default()
        })
    };
    let why = item.reason.clone().unwrap_or_default();
    progress.note(&format!(
        "--until-failure: nothing is watched, everything is asked at once: {why}"
    ));
    sink.missing(item);
}
