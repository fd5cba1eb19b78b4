//! Answers that come line by line while something happens: a followed log, a watch.

use futures::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};
use http::Request;

use super::{Api, CallError, call_error, failed};

/// Lines as they come.
pub(crate) struct Lines {
    body: Box<dyn AsyncBufRead + Send + Unpin>,
}

/// Most bytes of one line.
const LONGEST: u64 = 4 << 20;

impl Api {
    /// GET whose answer goes on: only until its beginning the usual limit holds.
    pub(crate) async fn lines(&self, path: &str) -> Result<Lines, CallError> {
        let request = Request::get(path)
            .body(Vec::new())
            .map_err(|error| failed(error.to_string()))?;
        match tokio::time::timeout(self.limit, self.client.request_stream(request)).await {
            Ok(Ok(body)) => Ok(Lines {
                body: Box::new(body),
            }),
            Ok(Err(error)) => Err(call_error(&error)),
            Err(_) => Err(failed(format!(
                "no answer within {} s",
                self.limit.as_secs()
            ))),
        }
    }
}

impl Lines {
    /// The next line with its end; `None` when the answer has ended, or broken off.
    pub(crate) async fn next(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let mut limited = (&mut self.body).take(LONGEST);
        limited.read_until(b'\n', &mut line).await.ok()?;
        (!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned())
    }
}
