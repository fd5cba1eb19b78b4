//! All pods of the files, those that policies treat alike in one line.

use std::fmt::Write as _;

use digpod_netpol::{Target, Verdict};

use super::ends::{self, To};
use super::{Question, is_open};
use crate::error::{Failure, plain};
use crate::exit::Exit;

/// Shows who reaches the targets.
pub(super) fn show(out: &mut String, question: &Question<'_>, to: &[To]) -> Result<Exit, Failure> {
    let (set, files) = (question.set, question.files);
    if files.pods.is_empty() {
        return Err(Failure::new("there are no pods in the files")
            .help("add `kubectl get pods -A -o yaml`, or name FROM"));
    }
    let mut targets: Vec<Target<'_>> = Vec::new();
    for to in to {
        for protocol in question.protocols {
            targets.push(Target {
                to: &to.endpoint,
                protocol: *protocol,
                port: question.pod_port(to, *protocol)?,
            });
        }
    }
    let reach = set.reach(&files.pods, &targets);
    let mut denied = false;
    let mut free = 0;
    for group in &reach.groups {
        if !group.misses_some() && !group.verdicts.iter().any(is_open) {
            free += group.pods;
            continue;
        }
        denied |= group.misses_some();
        let labels: Vec<String> = group
            .labels
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let what = if group.reaches_none() {
            "none of it is in reach"
        } else if group.misses_some() {
            "not all of it is in reach"
        } else {
            "in reach or not, as the network plugin has it"
        };
        let _ = writeln!(
            out,
            "{} in {}{}: {what}",
            count(group.pods),
            plain(group.namespace),
            if labels.is_empty() {
                String::new()
            } else {
                format!(" with {}", plain(&labels.join(",")))
            },
        );
        for (target, verdict) in targets.iter().zip(&group.verdicts) {
            let word = match verdict {
                Verdict::Allowed(_) => continue,
                Verdict::Denied(_) => "denied",
                Verdict::Undetermined { .. } => "not certain",
                Verdict::NotEvaluated(_) => "not evaluated",
            };
            let _ = writeln!(
                out,
                "  {}, {} {}: {word}",
                plain(&ends::shown(target.to)),
                target.protocol,
                target.port
            );
        }
        let _ = writeln!(
            out,
            "  why: digpod netpol can-reach {} … (one of them)",
            plain(&ends::shown(group.example))
        );
    }
    let _ = writeln!(
        out,
        "{} {} it all.",
        count(free),
        if free == 1 { "reaches" } else { "reach" }
    );
    if reach.finished > 0 {
        let _ = writeln!(out, "{} ended: not counted.", count(reach.finished));
    }
    if reach.without_address > 0 {
        let _ = writeln!(
            out,
            "{} without an address yet: not counted.",
            count(reach.without_address)
        );
    }
    out.push('\n');
    Ok(if denied { Exit::Findings } else { Exit::Done })
}

fn count(pods: u64) -> String {
    match pods {
        1 => "1 pod".to_owned(),
        pods => format!("{pods} pods"),
    }
}
