//! Answers that come line by line while something happens: a followed log, a watch.

use std::time::Duration;

use super::call::Answer;
use super::{Api, CallError};

/// Lines as they come.
pub(crate) struct Lines {
    answer: Answer,
    /// What has come and was not given yet.
    held: Vec<u8>,
    ended: bool,
}

/// Most bytes of one line: a watch tells a whole object in each, and an object has at most 1.5 MiB.
const LONGEST: usize = 4 << 20;
/// Longest that lines are waited for where no deadline ends the run before.
const PATIENCE: Duration = Duration::from_hours(1);

impl Api {
    /// GET whose answer goes on: its beginning has the limit of every call, what comes then the
    /// run's deadline alone.
    pub(crate) async fn lines(&self, path: &str) -> Result<Lines, CallError> {
        Ok(Lines {
            answer: self.open_endless(path, PATIENCE).await?,
            held: Vec::new(),
            ended: false,
        })
    }
}

impl Lines {
    /// The next line with its end; `None` when the answer has ended. After an error nothing comes.
    pub(crate) async fn next(&mut self) -> Option<Result<String, CallError>> {
        loop {
            let end = self.held.iter().position(|byte| *byte == b'\n');
            if let Some(end) = end {
                let line: Vec<u8> = self.held.drain(..=end).collect();
                return Some(Ok(text(&line)));
            }
            if self.ended {
                let rest = std::mem::take(&mut self.held);
                return (!rest.is_empty()).then(|| Ok(text(&rest)));
            }
            match self.answer.next().await {
                Some(Ok(part)) if self.held.len() + part.as_ref().len() <= LONGEST => {
                    self.held.extend_from_slice(part.as_ref());
                }
                Some(Ok(_)) => return Some(Err(self.stop(too_long()))),
                Some(Err(error)) => return Some(Err(self.stop(error))),
                None => self.ended = true,
            }
        }
    }

    fn stop(&mut self, error: CallError) -> CallError {
        self.held.clear();
        self.ended = true;
        error
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn too_long() -> CallError {
    let most = LONGEST >> 20;
    CallError::failed(format!("a line of the answer is longer than {most} MiB"))
}
