//! What kubectl's exit code and complaints say of an item.

use digpod_bundle::Status;

use super::is_corefile;

/// What became of an item.
pub(super) struct Outcome {
    pub(super) status: Status,
    pub(super) reason: Option<String>,
    pub(super) missing_permission: Option<String>,
}

/// Exit code of `timeout`, when it ended the command.
const TIMED_OUT: i32 = 124;

/// Judges: an answer counts only where kubectl ended well.
pub(super) fn of(entry: &str, code: i32, there: bool, said: &str) -> Outcome {
    if code == 0 && there {
        return Outcome {
            status: Status::Ok,
            reason: None,
            missing_permission: None,
        };
    }
    let line = said.lines().map(str::trim).rfind(|line| !line.is_empty());
    let line = line.unwrap_or_default();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let status = if code == 0 {
        Status::Failed
    } else if has(&["(Forbidden)", " is forbidden: "]) {
        Status::Forbidden
    } else if has(&[
        "(Unauthorized)",
        "You must be logged in",
        "must be logged in to the server",
    ]) {
        Status::Unauthorized
    } else if has(&["(NotFound)", "the server doesn't have a resource type"])
        || said.contains("previous terminated container") && said.contains("not found")
    {
        absent(entry)
    } else if code == TIMED_OUT
        || has(&[
            "deadline exceeded",
            "(Timeout)",
            "Timeout exceeded",
            "i/o timeout",
            "timed out",
        ])
    {
        Status::TimedOut
    } else {
        Status::Failed
    };
    let reason = match (status, line) {
        (_, "") if code == TIMED_OUT => "kubectl did not end within a minute".to_owned(),
        (_, "") if code == 0 => "the file that kubectl wrote is not there".to_owned(),
        (_, "") => format!("kubectl ended with {code} and said nothing"),
        (_, line) => line.chars().take(500).collect(),
    };
    Outcome {
        missing_permission: (status == Status::Forbidden)
            .then(|| permission(said))
            .flatten(),
        status,
        reason: Some(reason),
    }
}

/// Most clusters have no other ConfigMap than the Corefile's, and some no metrics API.
fn absent(entry: &str) -> Status {
    let optional = entry.starts_with("dns/configmaps/") && !is_corefile(entry)
        || entry.ends_with("-metrics.json");
    if optional {
        Status::NotApplicable
    } else {
        Status::NotFound
    }
}

/// `cannot list resource "pods" in API group "x" in the namespace "y"`, as the manifest says it.
fn permission(said: &str) -> Option<String> {
    let (_, rest) = said.split_once(" cannot ")?;
    let (verb, rest) = rest.split_once(" resource \"")?;
    let (resource, rest) = rest.split_once('"')?;
    let (_, rest) = rest.split_once("API group \"")?;
    let (group, rest) = rest.split_once('"')?;
    let resource = match (group, resource.split_once('/')) {
        ("", _) => resource.to_owned(),
        (group, Some((resource, sub))) => format!("{resource}.{group}/{sub}"),
        (group, None) => format!("{resource}.{group}"),
    };
    let place = rest
        .split_once("in the namespace \"")
        .and_then(|(_, rest)| rest.split_once('"'));
    Some(match place {
        Some((namespace, _)) => format!("{verb} {resource} in namespace {namespace}"),
        None => format!("{verb} {resource} in the cluster"),
    })
}

#[cfg(test)]
mod tests {
    use digpod_bundle::Status;

    use super::of;

    #[test]
    fn complaints_of_kubectl_become_gaps() {
        let entry = "dns/pods.json";
        let forbidden = "Error from server (Forbidden): pods is forbidden: User \"u\" cannot list \
                         resource \"pods\" in API group \"\" in the namespace \"kube-system\"\n";
        let outcome = of(entry, 1, true, forbidden);
        assert_eq!(outcome.status, Status::Forbidden);
        let permission = outcome.missing_permission;
        assert_eq!(
            permission.as_deref(),
            Some("list pods in namespace kube-system")
        );
        let cases = [
            (0, "", Status::Ok),
            (
                1,
                "error: You must be logged in to the server (Unauthorized)",
                Status::Unauthorized,
            ),
            (
                1,
                "Error from server (NotFound): pods \"x\" not found",
                Status::NotFound,
            ),
            (124, "", Status::TimedOut),
            (
                1,
                "Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded while awaiting headers)",
                Status::TimedOut,
            ),
            (
                1,
                "The connection to the server was refused",
                Status::Failed,
            ),
            (126, "", Status::Failed),
        ];
        for (code, said, status) in cases {
            assert_eq!(of(entry, code, true, said).status, status, "{said}");
        }
        assert_eq!(of(entry, 0, false, "").status, Status::Failed);
        let said = "Error from server (NotFound): configmaps \"coredns-custom\" not found";
        let custom = of("dns/configmaps/coredns-custom.json", 1, true, said);
        assert_eq!(custom.status, Status::NotApplicable);
    }
}
