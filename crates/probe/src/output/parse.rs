//! Reads the output back from a log that may be cut, mixed with other lines, or not ours at all.

use sha2::{Digest, Sha256};

use super::{End, Extra, Header, Trailer, Watching};
use crate::hex;
use crate::record::{ProbeOutput, Record};
use crate::watch::Watched;

/// Reads what [`write_output`](super::write_output) printed.
///
/// Lines of others between ours and prefixes before ours (`kubectl logs --timestamps`, `--prefix`)
/// are passed over. `complete` is `true` only if nothing at all is missing;
/// [`ProbeOutput::missing`] says which records are.
pub fn parse_output(text: &str) -> ProbeOutput {
    let mut reader = Reader::default();
    for line in text.split_inclusive('\n') {
        reader.line(line);
    }
    reader.finish()
}

/// How a watch goes, if a line of the log tells it ([`write_watching`](super::write_watching)).
pub fn parse_watching(line: &str) -> Option<Watched> {
    let json = line.get(line.find("{\"watching\"")?..)?;
    let line: Watching = serde_json::from_str(json.trim_end()).ok()?;
    Some(line.watching)
}

#[derive(Default)]
struct Reader {
    output: ProbeOutput,
    has_header: bool,
    digest: Sha256,
    end: Option<End>,
    /// A line of ours came twice, or its end may be missing.
    doubtful: bool,
}

impl Reader {
    fn line(&mut self, line: &str) {
        // Our lines are JSON objects, and none of the known prefixes has a brace.
        let Some(json) = line.find('{').map(|start| &line[start..]) else {
            return;
        };
        let whole = json.ends_with('\n');
        let json = json.trim_end_matches(['\n', '\r']);
        if let Ok(record) = serde_json::from_str::<Record>(json) {
            self.digest.update(json);
            self.digest.update("\n");
            self.output.records.push(record);
        } else if let Ok(extra) = serde_json::from_str::<Extra>(json) {
            self.digest.update(json);
            self.digest.update("\n");
            match extra {
                Extra::Page(page) => self.output.pages.push(page),
                Extra::File(file) => self.output.files.push(file),
                Extra::Watched(watched) => self.output.watched = Some(*watched),
            }
        } else if let Ok(Watching { watching }) = serde_json::from_str(json) {
            // What the end of a log that was cut would have told better.
            self.output.watched = Some(watching);
        } else if let Ok(trailer) = serde_json::from_str::<Trailer>(json) {
            // Without its line feed the trailer may be cut as well as whole: nobody can tell.
            self.doubtful |= self.end.is_some() || !whole;
            self.end = Some(trailer.end);
        } else if let Ok(header) = serde_json::from_str::<Header>(json) {
            self.doubtful |= self.has_header;
            if !self.has_header {
                self.header(header);
            }
        }
    }

    fn header(&mut self, header: Header) {
        self.has_header = true;
        self.output.format = header.digpod_probe;
        self.output.vantage = header.vantage;
        self.output.probe_version = header.probe_version;
        self.output.resolv_conf = header.resolv_conf;
        self.output.node = header.node;
        self.output.started = header.started;
    }

    fn finish(self) -> ProbeOutput {
        let mut output = self.output;
        let digest = hex::encode(&self.digest.finalize());
        let mut complete = self.has_header && !self.doubtful;
        // In the order of `n`, each once: the first that came is the one that is kept, and the
        // digest, taken over all, does not agree.
        output.records.sort_by_key(|record| record.n);
        output.records.dedup_by_key(|record| record.n);
        match self.end {
            Some(end) => {
                complete &= end.sha256 == digest;
                output.announced = Some(end.records);
                output.trimmed = end.trimmed;
                output.not_asked = end.not_asked;
            }
            None => complete = false,
        }
        complete &= output.missing().is_empty();
        output.complete = complete;
        output
    }
}
