//! How much a reader takes in before it gives up.

/// How much may come out of a bundle; what is more is refused with an error that names it.
///
/// There is no cap on the ratio of packed to unpacked: honest logs repeat themselves. What comes
/// out is counted while it comes out, so a file that lies about its sizes gains nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most entries.
    pub entries: usize,
    /// Most bytes of one entry.
    pub entry_bytes: u64,
    /// Most bytes of all entries together: a [`Bundle`](crate::Bundle) is held in memory.
    pub total_bytes: u64,
    /// Deepest nesting: of folders in a name, and of objects and lists in a JSON document.
    /// Archives within a bundle are plain bytes and never opened.
    pub nesting: usize,
}

impl Default for Limits {
    /// 200,000 entries, 64 MiB each, 2 GiB together, 128 deep.
    fn default() -> Self {
        Self {
            entries: 200_000,
            entry_bytes: 64 << 20,
            total_bytes: 2 << 30,
            nesting: 128,
        }
    }
}

/// Counts what comes out of a reader against the limits.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: Limits,
    entries: usize,
    bytes: u64,
}

impl Meter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            limits: *limits,
            entries: 0,
            bytes: 0,
        }
    }

    /// Bytes that the next entry may have; one more than that is too many.
    pub(crate) fn room(&self) -> u64 {
        self.limits
            .entry_bytes
            .min(self.limits.total_bytes.saturating_sub(self.bytes))
    }

    /// Takes note of an entry, before (with the size it claims) or after it was read.
    pub(crate) fn check(&self, name: &str, bytes: u64) -> Result<(), crate::OpenError> {
        use crate::OpenError;
        if bytes > self.limits.entry_bytes {
            return Err(OpenError::EntryTooLarge {
                name: name.to_owned(),
                limit: self.limits.entry_bytes,
            });
        }
        if self.bytes.saturating_add(bytes) > self.limits.total_bytes {
            return Err(OpenError::TotalTooLarge {
                name: name.to_owned(),
                limit: self.limits.total_bytes,
            });
        }
        if self.entries >= self.limits.entries {
            return Err(OpenError::TooManyEntries {
                limit: self.limits.entries,
            });
        }
        if name.split('/').count() > self.limits.nesting {
            return Err(OpenError::TooDeep {
                name: name.to_owned(),
                limit: self.limits.nesting,
            });
        }
        Ok(())
    }

    /// Counts an entry that was read.
    pub(crate) fn add(&mut self, name: &str, bytes: u64) -> Result<(), crate::OpenError> {
        self.check(name, bytes)?;
        self.entries += 1;
        self.bytes += bytes;
        Ok(())
    }
}
