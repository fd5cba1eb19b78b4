//! Asks until one try fails.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::Setup;
use super::jobs::{Job, jobs};
use super::run::{Shared, micros, one_try};
use crate::draws::Draws;
use crate::plan::Plan;
use crate::record::Record;
use crate::watch::{Watch, WatchEnd, Watched};

/// How often is told how it goes: who stops a run loses what was not told.
const TELL: Duration = Duration::from_secs(1);
/// So many times; then once in [`SELDOM`], so that a watch of a day fits into a container's log.
const OFTEN: u32 = 600;
/// See [`OFTEN`].
const SELDOM: u32 = 5;

/// Carries out the plan's [`Watch`], if it has one, and returns as soon as a try fails or the time is
/// over. How it goes is told meanwhile, its end not.
///
/// It needs a tokio runtime with I/O and time.
pub async fn watch(plan: &Plan, setup: &Setup, tell: impl FnMut(&Watched)) -> Option<Watched> {
    let watch = plan.watch.as_ref()?;
    let watched = ask(plan, watch, setup, tell).await;
    // Whoever asks next to the same server keeps the same distance.
    sleep(
        Duration::from_secs(1)
            .checked_div(plan.rate_per_server)
            .unwrap_or_default(),
    )
    .await;
    Some(watched)
}

/// What all questions of a watch share.
struct Watching {
    shared: Shared,
    watch: Watch,
    so_far: Mutex<Watched>,
    draws: Mutex<Draws>,
}

async fn ask(plan: &Plan, watch: &Watch, setup: &Setup, mut tell: impl FnMut(&Watched)) -> Watched {
    // The last try has its full time, too.
    let budget_ms = watch.limit_ms() + u64::from(plan.timeout_ms) * 2;
    let asking = Plan {
        budget_ms: u32::try_from(budget_ms).unwrap_or(u32::MAX),
        ..plan.clone()
    };
    let watching = Arc::new(Watching {
        shared: Shared::new(&asking, setup.clone()),
        watch: watch.clone(),
        so_far: Mutex::new(Watched {
            started: setup.started.clone(),
            limit_ms: watch.limit_ms(),
            ..Watched::default()
        }),
        draws: Mutex::default(),
    });
    let mut running = JoinSet::new();
    for question in &watch.questions {
        for job in jobs(question, plan, &setup.resolv_conf) {
            match job {
                Ok(job) => drop(running.spawn(keep_asking(job, Arc::clone(&watching)))),
                Err(record) => return watching.end(Some(*record)),
            }
        }
    }
    let mut ticks = interval(TELL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ticked = 0_u32;
    loop {
        tokio::select! {
            ended = running.join_next() => match ended {
                None => return watching.end(None),
                Some(Ok(Some(failure))) => return watching.end(Some(failure)),
                Some(_) => {}
            },
            _ = ticks.tick() => {
                if ticked < OFTEN || ticked.is_multiple_of(SELDOM) {
                    tell(&watching.now());
                }
                ticked = ticked.saturating_add(1);
            }
        }
    }
}

/// One question at its times; gives the try that failed.
async fn keep_asking(job: Job, watching: Arc<Watching>) -> Option<Record> {
    let limits = &watching.shared.limits;
    let interval = Duration::from_millis(job.question.interval_ms.into());
    let mut last_good = None;
    let mut earliest = limits.start;
    for try_ in 1..=job.question.tries {
        // A slow answer puts the next try off; none is made up for.
        earliest = (limits.start + interval * (try_ - 1)).max(earliest);
        if earliest >= limits.start + interval * job.question.tries {
            break;
        }
        let permit = limits.turn(job.first, earliest, job.messages()).await?;
        let (records, _) = one_try(&job, &watching.shared, try_, permit).await;
        let failure = watching.note(&records);
        if failure.is_some() {
            watching.so_far().last_good = last_good;
            return failure;
        }
        last_good = records.into_iter().next_back();
        earliest = Instant::now();
    }
    None
}

impl Watching {
    /// Counts a try; gives its record that failed.
    fn note(&self, records: &[Record]) -> Option<Record> {
        let mut so_far = self.so_far();
        so_far.tries += 1;
        if let Some(last) = records.last() {
            let mut draws = self.draws.lock().unwrap_or_else(PoisonError::into_inner);
            draws.note(last);
            so_far.news = Some(draws.news());
        }
        for record in records {
            if self.watch.fails(record) {
                return Some(record.clone());
            }
            so_far.slowest_us = so_far.slowest_us.max(record.latency_us);
        }
        None
    }

    fn now(&self) -> Watched {
        let mut now = self.so_far().clone();
        now.lasted_ms = micros(self.shared.limits.start.elapsed()) / 1_000;
        // It is of a question that has failed while this is told.
        now.last_good = None;
        now
    }

    fn end(&self, failure: Option<Record>) -> Watched {
        let mut end = self.now();
        end.end = match failure {
            Some(_) => WatchEnd::Failed,
            None => WatchEnd::TimeOver,
        };
        end.last_good = failure
            .as_ref()
            .and_then(|_| self.so_far().last_good.clone());
        end.expected = match &failure {
            Some(failure) => self.watch.expected_of(&failure.name),
            None => Vec::new(),
        };
        end.failure = failure;
        end
    }

    fn so_far(&self) -> std::sync::MutexGuard<'_, Watched> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
