//! What ends a run before it is done: a signal, or the time that was allowed.

use crate::exit::Exit;
use crate::progress::Progress;
use std::io::Write as _;

use super::limits::Time;

/// The signals that ask a run to stop, caught from the moment this is made.
pub(super) struct Signals {
    #[cfg(unix)]
    caught: [(&'static str, tokio::signal::unix::Signal); 3],
}

#[cfg(unix)]
impl Signals {
    /// Catches Ctrl-C, SIGTERM and SIGHUP.
    pub(super) fn catch() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            caught: [
                ("Ctrl-C", signal(SignalKind::interrupt())?),
                ("SIGTERM", signal(SignalKind::terminate())?),
                ("SIGHUP", signal(SignalKind::hangup())?),
            ],
        })
    }

    /// Waits for the next one and names it.
    pub(super) async fn next(&mut self) -> &'static str {
        let [(interrupt, a), (terminate, b), (hangup, c)] = &mut self.caught;
        tokio::select! {
            _ = a.recv() => interrupt,
            _ = b.recv() => terminate,
            _ = c.recv() => hangup,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    /// Catches Ctrl-C.
    pub(super) fn catch() -> std::io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next one and names it.
    pub(super) async fn next(&mut self) -> &'static str {
        let _ = tokio::signal::ctrl_c().await;
        "Ctrl-C"
    }
}

/// Waits for a reason to stop, and gives it in words.
pub(super) async fn reason(signals: &mut Signals, time: &Time) -> String {
    tokio::select! {
        () = time.stopped() => time.why(),
        name = signals.next() => format!("stopped by {name}"),
    }
}

/// While a run removes what it created: who asks to stop once more does not want to wait for that.
pub(super) fn on_one_more(mut signals: Signals, mut asked: bool, progress: Progress) {
    tokio::spawn(async move {
        loop {
            let name = signals.next().await;
            if asked {
                progress.end();
                let _ = writeln!(
                    std::io::stderr(),
                    "{name} again: ending at once; `digpod cleanup` removes what is left"
                );
                std::process::exit(Exit::Failed.code().into());
            }
            asked = true;
            progress.note(&format!(
                "{name}: nearly done, removing what was created; once more ends at once"
            ));
        }
    });
}
