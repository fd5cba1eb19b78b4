//! The command that prints the role for a run, to be handed to whoever may grant it.

use super::need::Scope;
use crate::gather::WorkingPod;
use crate::meant;

/// `digpod rbac …`, with the flags that make the same role; `user` as the API server calls them.
pub(crate) fn hint(scope: &Scope, user: Option<&str>) -> String {
    let mut words = vec!["digpod rbac".to_owned()];
    // Only names of the cluster change the role.
    let of_cluster = |name: &&String| {
        let meant = meant::services([name.as_str()], &scope.namespace, None);
        !meant.is_empty()
    };
    words.extend(scope.names.iter().filter(of_cluster).map(|it| shell(it)));
    let mut flag = |name: &str, value: &str| words.push(format!("{name} {}", shell(value)));
    flag("-n", &scope.namespace);
    match (&scope.pod, &scope.selector) {
        (Some(pod), _) => flag("--pod", pod),
        (None, Some(selector)) => flag("-l", selector),
        (None, None) => {}
    }
    if let Some(WorkingPod { namespace, name }) = &scope.working_pod {
        flag("--working-pod", &format!("{namespace}/{name}"));
    }
    if scope.files {
        flag("--node-access", "files");
    }
    if let Some(namespace) = &scope.probe_namespace {
        flag("--probe-namespace", namespace);
    }
    if scope.dns_namespace != "kube-system" {
        flag("--dns-namespace", &scope.dns_namespace);
    }
    match user.map(|user| (user, user.strip_prefix("system:serviceaccount:"))) {
        Some((_, Some(account))) => flag("--serviceaccount", account),
        Some((user, None)) => flag("--user", user),
        None => flag("--user", "NAME"),
    }
    for (wanted, word) in [
        (!scope.probes, "--no-probe"),
        (scope.exec, "--exec"),
        (scope.kubelet_config, "--kubelet-config"),
    ] {
        if wanted {
            words.push(word.to_owned());
        }
    }
    format!("{} | kubectl apply -f -", words.join(" "))
}

/// A word as a shell takes it.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._/:@=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
