//! Logs: the newest bytes of a stream, whatever its length.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Api, CallError};

/// How much of a log is read and kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TailLimits {
    /// Newest bytes kept.
    pub(crate) keep: usize,
    /// Bytes read: a log that is written faster than it is read never ends.
    pub(crate) read: u64,
    /// Time it may take.
    pub(crate) time: Duration,
}

/// The newest part of a log.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// Whole lines, but for the last one where the log ended early.
    pub(crate) text: Vec<u8>,
    /// Bytes that were read.
    pub(crate) read: u64,
    /// Why the reading ended before the log did.
    pub(crate) early: Option<String>,
}

impl Api {
    /// Reads a log and keeps its newest bytes, from the beginning of a line on. The older ones of
    /// what was read are dropped: `limitBytes` of the API cuts at the newer end, where the trouble
    /// stands (Kubernetes API reference, `readNamespacedPodLog`).
    pub(crate) async fn tail(&self, path: &str, limits: TailLimits) -> Result<Tail, CallError> {
        let answer = self.open(path).await.map_err(|refused| refused.error)?;
        let mut answer = answer.with_time(limits.time, self);
        let mut ring = VecDeque::new();
        let mut read = 0_u64;
        let mut early = None;
        while let Some(part) = answer.next().await {
            match part {
                Ok(part) => {
                    let part = part.as_ref();
                    read += part.len() as u64;
                    ring.extend(part);
                    ring.drain(..ring.len().saturating_sub(limits.keep));
                }
                Err(error) if read == 0 => return Err(error),
                Err(error) => {
                    early = Some(error.reason);
                    break;
                }
            }
            if read >= limits.read {
                early = Some(format!("it did not end within {} MiB", limits.read >> 20));
                break;
            }
        }
        if read > ring.len() as u64 {
            // A first line that lost its beginning has no time, and is worth nothing.
            let line = ring.iter().position(|byte| *byte == b'\n');
            ring.drain(..line.map_or(0, |at| at + 1));
        }
        Ok(Tail {
            text: ring.into(),
            read,
            early,
        })
    }
}
