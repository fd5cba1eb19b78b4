//! Faults as they are written after `--fault`.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail};
use jiff::SignedDuration;

use super::{Fault, Harm, ServerHarm};

impl FromStr for Fault {
    type Err = anyhow::Error;

    fn from_str(spec: &str) -> anyhow::Result<Self> {
        let words: Vec<&str> = spec.split(':').collect();
        let times = |word: Option<&&str>| {
            word.map(|word| {
                word.parse()
                    .with_context(|| format!("fault {spec:?}: {word:?} is no number"))
            })
            .transpose()
        };
        let path = |part: &str, harm, times| Self::Path {
            part: part.to_owned(),
            harm,
            times,
        };
        Ok(match words.as_slice() {
            ["forbid", verb, resource, rest @ ..] if rest.len() <= 1 => Self::Forbid {
                verb: (*verb).to_owned(),
                resource: (*resource).to_owned(),
                namespace: rest.first().map(|&namespace| namespace.to_owned()),
            },
            ["hang", part, rest @ ..] => path(part, Harm::Hang, times(rest.first())?),
            ["cut", part, rest @ ..] => path(part, Harm::Cut, times(rest.first())?),
            ["not-json", part, rest @ ..] => path(part, Harm::NotJson, times(rest.first())?),
            ["expire", part, rest @ ..] => path(part, Harm::Expire, times(rest.first())?),
            ["expire-all", part, rest @ ..] => path(part, Harm::ExpireAll, times(rest.first())?),
            ["endless-log", part, rest @ ..] => path(part, Harm::EndlessLog, times(rest.first())?),
            ["huge-object", part, mb, rest @ ..] => {
                let mb = mb
                    .parse()
                    .with_context(|| format!("fault {spec:?}: no number of MB"))?;
                path(part, Harm::Huge(mb), times(rest.first())?)
            }
            ["clock", ahead] => {
                let seconds = ahead.trim_start_matches('+').trim_end_matches('s');
                let seconds = seconds
                    .parse()
                    .with_context(|| format!("fault {spec:?}: no seconds"))?;
                Self::Clock(SignedDuration::from_secs(seconds))
            }
            ["status", part, code, rest @ ..] => {
                let code: u16 = code
                    .parse()
                    .with_context(|| format!("fault {spec:?}: no status"))?;
                path(part, Harm::Status(code), times(rest.first())?)
            }
            ["slow", ms] => {
                let ms = ms
                    .parse()
                    .with_context(|| format!("fault {spec:?}: no milliseconds"))?;
                Self::Slow(Duration::from_millis(ms))
            }
            ["refuse-create", resource] => Self::RefuseCreate {
                resource: (*resource).to_owned(),
                host_network: false,
            },
            ["refuse-create", "pods", "hostNetwork"] => Self::RefuseCreate {
                resource: "pods".to_owned(),
                host_network: true,
            },
            [
                word @ ("silent" | "truncate" | "refuses-edns"),
                address @ ..,
            ]
            | ["fails-after", word, address @ ..] => {
                let address = address.join(":");
                let address = address
                    .parse()
                    .with_context(|| format!("fault {spec:?}: {address:?} is no address"))?;
                let harm = match *word {
                    "silent" => ServerHarm::Silent,
                    "truncate" => ServerHarm::Truncate,
                    "refuses-edns" => ServerHarm::RefusesEdns,
                    after => ServerHarm::FailsAfter(
                        after
                            .parse()
                            .with_context(|| format!("fault {spec:?}: {after:?} is no number"))?,
                    ),
                };
                Self::Server { address, harm }
            }
            ["validates", zone, address @ ..] => {
                let address = address.join(":");
                let address = address
                    .parse()
                    .with_context(|| format!("fault {spec:?}: {address:?} is no address"))?;
                let zone = format!("{}.", zone.trim_end_matches('.').to_ascii_lowercase());
                Self::Server {
                    address,
                    harm: ServerHarm::Validates(zone),
                }
            }
            ["inject-sidecar", namespace] => Self::InjectSidecar((*namespace).to_owned()),
            ["image-pull"] => Self::ImagePull,
            _ => bail!(
                "unknown fault {spec:?}; known: forbid:VERB:RESOURCE[:NAMESPACE], hang:PART, \
                 status:PART:CODE, cut:PART, not-json:PART, expire:PART, expire-all:PART, \
                 endless-log:PART, huge-object:PART:MB (each with [:TIMES]), slow:MS, clock:SECONDS, \
                 refuse-create:RESOURCE, refuse-create:pods:hostNetwork, silent:ADDRESS, truncate:ADDRESS, refuses-edns:ADDRESS, validates:ZONE:ADDRESS, fails-after:N:ADDRESS, inject-sidecar:NAMESPACE, image-pull"
            ),
        })
    }
}
