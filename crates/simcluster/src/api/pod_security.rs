//! Pod Security admission, as far as pods of probes go: the level that a namespace's label
//! `pod-security.kubernetes.io/enforce` asks for
//! (<https://kubernetes.io/docs/concepts/security/pod-security-standards/>).

use serde_json::Value;

use crate::json::{at, list, text, truth};

/// Why a namespace with this level takes no such pod, in the API server's words.
pub(super) fn violation(level: &str, pod: &Value) -> Option<String> {
    let mut found = Vec::new();
    match level {
        "baseline" => baseline(pod, &mut found),
        "restricted" => {
            baseline(pod, &mut found);
            restricted(pod, &mut found);
        }
        _ => {}
    }
    if found.is_empty() {
        return None;
    }
    Some(format!(
        "violates PodSecurity \"{level}:latest\": {}",
        found.join(", ")
    ))
}

fn baseline(pod: &Value, found: &mut Vec<String>) {
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        if truth(pod, &format!("spec.{key}")) {
            found.push(format!("host namespaces ({key}=true)"));
        }
    }
    let volumes = list(pod, "spec.volumes").iter();
    let of_host = volumes.filter(|it| at(it, "hostPath").is_some());
    let names: Vec<String> = of_host
        .map(|it| format!("\"{}\"", text(it, "name")))
        .collect();
    if !names.is_empty() {
        found.push(format!("hostPath volumes (volumes {})", names.join(", ")));
    }
    if text(pod, "spec.securityContext.seLinuxOptions.type") == "spc_t" {
        found.push("seLinuxOptions (pod set forbidden type \"spc_t\")".to_owned());
    }
}

fn restricted(pod: &Value, found: &mut Vec<String>) {
    let of_pod = at(pod, "spec.securityContext");
    for container in list(pod, "spec.containers") {
        let name = text(container, "name");
        let own = at(container, "securityContext");
        let either = |key: &str| own.and_then(|it| at(it, key)).or_else(|| at(of_pod?, key));
        let bare = |key: &str| own.and_then(|it| at(it, key));
        if bare("allowPrivilegeEscalation") != Some(&Value::Bool(false)) {
            found.push(format!(
                "allowPrivilegeEscalation != false (container \"{name}\" must set \
                 securityContext.allowPrivilegeEscalation=false)"
            ));
        }
        let dropped = own.map_or(&[][..], |it| list(it, "capabilities.drop"));
        if !dropped.iter().any(|it| it == "ALL") {
            found.push(format!(
                "unrestricted capabilities (container \"{name}\" must set \
                 securityContext.capabilities.drop=[\"ALL\"])"
            ));
        }
        if either("runAsNonRoot") != Some(&Value::Bool(true)) {
            found.push(format!(
                "runAsNonRoot != true (pod or container \"{name}\" must set \
                 securityContext.runAsNonRoot=true)"
            ));
        }
        if either("runAsUser").and_then(Value::as_i64) == Some(0) {
            found.push("runAsUser=0 (pod must not set runAsUser=0)".to_owned());
        }
        let profile = either("seccompProfile").map_or("", |it| text(it, "type"));
        if !["RuntimeDefault", "Localhost"].contains(&profile) {
            found.push(format!(
                "seccompProfile (pod or container \"{name}\" must set \
                 securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")"
            ));
        }
    }
}
