//! What a bundle says about the run that wrote it.

use digpod_bundle::{Cluster as ClusterInfo, Collected, FailingName, Manifest, Symptom, Tool};

use crate::cli::Collect;
use crate::connect::Cluster;
use crate::gather::WorkingPod;
use crate::time;

/// The manifest before anything is gathered.
pub(super) fn manifest(
    options: &Collect,
    cluster: &Cluster,
    namespace: &str,
    names: &[FailingName],
) -> Manifest {
    Manifest {
        tool: Tool {
            name: "digpod collect".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            arguments: arguments(std::env::args().skip(1)),
        },
        collected: Collected {
            started: time::now(),
            ..Collected::default()
        },
        cluster: ClusterInfo {
            context: Some(cluster.context.clone()),
            ..ClusterInfo::default()
        },
        symptom: Symptom {
            names: names.to_vec(),
            namespace: Some(namespace.to_owned()),
            pod: options.pod.clone(),
            working_pod: options.working_pod.as_ref().map(|typed| {
                let WorkingPod { namespace, name } = WorkingPod::of(typed, namespace);
                format!("{namespace}/{name}")
            }),
            text: options.symptom.clone(),
            ticket: options.ticket.clone(),
            ..Symptom::default()
        },
        ..Manifest::default()
    }
}

/// The arguments as typed, but for what is secret or a path of the user's machine.
fn arguments(typed: impl Iterator<Item = String>) -> Vec<String> {
    const HIDDEN: &[&str] = &[
        "--token",
        "--kubeconfig",
        "--certificate-authority",
        "--proxy-url",
        "--server",
        "--output-file",
        "--output",
    ];
    let mut hide = false;
    typed
        .map(|argument| {
            if std::mem::take(&mut hide) {
                return "…".to_owned();
            }
            // `-oFILE` and `-o=FILE` are ways to write it, too.
            let short = ["-o", "-s"]
                .into_iter()
                .find_map(|flag| Some((flag, argument.strip_prefix(flag)?)));
            if let Some((flag, value)) = short {
                hide = value.is_empty();
                return format!("{flag}{}", if hide { "" } else { "…" });
            }
            match argument.split_once('=') {
                Some((flag, _)) if HIDDEN.contains(&flag) => format!("{flag}=…"),
                _ => {
                    hide = HIDDEN.contains(&argument.as_str());
                    argument
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::arguments;

    #[test]
    fn no_token_and_no_path_gets_into_a_bundle() {
        let typed = "collect --token secret --token=secret -o /home/x -o=/home/x -o/home/x \
                     --kubeconfig /home/x --proxy-url=http://secret@x --server https://a:secret@x \
                     -s https://a:secret@x -shttps://a:secret@x --pod web app.corp.internal";
        let kept = arguments(typed.split_whitespace().map(str::to_owned)).join(" ");
        assert!(!kept.contains("secret") && !kept.contains("home"), "{kept}");
        assert!(kept.ends_with("--pod web app.corp.internal"), "{kept}");
    }
}
