//! Lists, read page by page and object by object.

use digpod_bundle::Status;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::call::Refused;
use super::error::{not_json, parse};
use super::split::{MOST_ITEM, Piece, Splitter};
use super::{Api, CallError};

/// How much of a list is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Objects a page; kubectl's own is 500.
    pub(crate) page: u64,
    /// Objects in all.
    pub(crate) most: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            page: 500,
            most: 10_000,
        }
    }
}

/// A list that was read, whole or in part.
#[derive(Clone, Debug)]
pub(crate) struct Listed<T> {
    /// The objects.
    pub(crate) items: Vec<T>,
    /// How the reading ended.
    pub(crate) end: ListEnd,
}

/// How the reading of a list ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListEnd {
    /// Objects that were handed out.
    pub(crate) read: u64,
    /// Objects of over 4 MiB, left out.
    pub(crate) too_large: u64,
    /// Objects that were not of the shape that was asked for, left out.
    pub(crate) unreadable: u64,
    /// Objects after the last one that was read, as the server estimates them.
    pub(crate) remaining: u64,
    /// Version of the list.
    pub(crate) resource_version: Option<String>,
    /// Why it ended early.
    pub(crate) cut: Option<String>,
    /// What was wrong with the first unreadable object.
    pub(crate) why_unreadable: String,
}

impl ListEnd {
    /// What is missing, in words; `None` if nothing is.
    pub(crate) fn missing(&self) -> Option<String> {
        let objects = |n: u64| match n {
            1 => "1 object".to_owned(),
            n => format!("{n} objects"),
        };
        let mut parts = Vec::new();
        if let Some(cut) = &self.cut {
            let of = match self.remaining {
                0 => String::new(),
                more => format!(" of about {}", self.read + more),
            };
            parts.push(format!("only the first {}{of} were read: {cut}", self.read));
        }
        if self.too_large > 0 {
            parts.push(format!(
                "{} larger than {} MiB left out",
                objects(self.too_large),
                MOST_ITEM >> 20
            ));
        }
        if self.unreadable > 0 {
            parts.push(format!(
                "{} could not be read: {}",
                objects(self.unreadable),
                self.why_unreadable
            ));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// What stands around the items.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Around {
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    r#continue: Option<String>,
    remaining_item_count: Option<u64>,
    resource_version: Option<String>,
}

impl Api {
    /// Reads a list that is known to be short, with [`Bounds`] as usual. What was read before an
    /// error is kept; an error before the first object is the call's.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<Listed<T>, CallError> {
        let mut items = Vec::new();
        let end = self
            .each(path, Bounds::default(), |item| items.push(item))
            .await?;
        Ok(Listed { items, end })
    }

    /// Reads a list of any length and hands out its objects one by one as they arrive. `T` is what
    /// is kept of each: fields it does not have are skipped unread.
    pub(crate) async fn each<T: DeserializeOwned>(
        &self,
        path: &str,
        bounds: Bounds,
        mut keep: impl FnMut(T),
    ) -> Result<ListEnd, CallError> {
        let join = if path.contains('?') { '&' } else { '?' };
        let mut end = ListEnd::default();
        let mut token = String::new();
        let mut expired = false;
        loop {
            let page = bounds.page.min(bounds.most.saturating_sub(end.read)).max(1);
            let mut target = format!("{path}{join}limit={page}");
            if !token.is_empty() {
                target = format!("{target}&continue={}", crate::gather::encode(&token));
            }
            match self.page(&target, &mut end, &mut keep).await {
                Ok(next) if next.is_empty() => return Ok(end),
                Ok(_) if end.read + end.too_large + end.unreadable >= bounds.most => {
                    end.cut = Some("the others are not needed".to_owned());
                    return Ok(end);
                }
                Ok(next) => token = next,
                // The list's version is gone; once, the rest may be of a newer one.
                Err(refused) if refused.error.code == 410 && !expired => {
                    match refused.refusal.token() {
                        Some(next) => next.clone_into(&mut token),
                        None => return ended(end, refused.error),
                    }
                    expired = true;
                }
                Err(refused) => return ended(end, refused.error),
            }
        }
    }

    /// Reads one page; gives the token of the next, empty at the end.
    async fn page<T: DeserializeOwned>(
        &self,
        path: &str,
        end: &mut ListEnd,
        keep: &mut impl FnMut(T),
    ) -> Result<String, Refused> {
        let mut answer = self.open(path).await?.with_time(self.limit * 4, self);
        let mut splitter = Splitter::default();
        while let Some(part) = answer.next().await {
            let part = part.map_err(Refused::without_answer)?;
            let pushed = splitter.push(part.as_ref(), |piece| match piece {
                Piece::TooLarge => end.too_large += 1,
                Piece::Item(item) => match serde_json::from_slice(item) {
                    Ok(item) => {
                        end.read += 1;
                        keep(item);
                    }
                    Err(error) => {
                        if end.unreadable == 0 {
                            end.why_unreadable = error.to_string();
                        }
                        end.unreadable += 1;
                    }
                },
            });
            pushed.map_err(|why| Refused::without_answer(not_json(&why)))?;
        }
        let around = splitter.finish().map_err(|why| not_json(&why));
        let around = around.and_then(|around| parse::<Around>(&around));
        let metadata = around.map_err(Refused::without_answer)?.metadata;
        end.remaining = metadata.remaining_item_count.unwrap_or(0);
        if end.resource_version.is_none() {
            end.resource_version = metadata.resource_version;
        }
        Ok(metadata.r#continue.unwrap_or_default())
    }
}

/// What an error makes of a list: of one that gave something, a shorter one.
fn ended(mut end: ListEnd, error: CallError) -> Result<ListEnd, CallError> {
    if end.read == 0 && end.too_large == 0 {
        return Err(error);
    }
    end.cut = Some(match error.status {
        Status::TimedOut => error.reason,
        _ if error.code == 410 => "the server no longer knows the rest (410 Gone)".to_owned(),
        _ => error.reason,
    });
    Ok(end)
}
