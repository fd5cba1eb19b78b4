//! Tells files that hold credentials: they are never kept.

/// What credential a text holds, in words for the user.
pub(crate) fn credential(text: &str) -> Option<&'static str> {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    // Events and references name Secrets too, but hold none of their data.
    let data = ["data:", "Data:", "data\"", "Data\"", "data\\\"", "Data\\\""];
    let has_data = data.iter().any(|key| text.contains(key));
    if has_data && (text.lines().any(is_secret_line) || has_compact_secret(text)) {
        return Some("a Kubernetes Secret");
    }
    let has = |key: &str| {
        text.lines().any(|line| {
            let line = line.trim_start().trim_start_matches("- ");
            let line = line.strip_prefix('"').unwrap_or(line);
            line.strip_prefix(key)
                .is_some_and(|rest| rest.starts_with([':', '"']))
        })
    };
    let kubeconfig = ["client-key-data", "client-certificate-data"]
        .into_iter()
        .any(has)
        || (has("clusters") && has("users") && has("contexts"));
    kubeconfig.then_some("the credentials of a kubeconfig")
}

/// `kind: Secret` on a line of its own, in YAML or laid out JSON.
fn is_secret_line(line: &str) -> bool {
    let line = line.trim().trim_start_matches("- ").trim_end_matches(',');
    let Some((key, kind)) = line.split_once(':') else {
        return false;
    };
    let plain = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
    let kind = kind.split(" #").next().unwrap_or("");
    plain(key) == "kind" && matches!(plain(kind).as_str(), "Secret" | "SecretList")
}

/// The same in JSON on one line, also where it stands in a string within JSON.
fn has_compact_secret(text: &str) -> bool {
    text.match_indices("\"Secret").any(|(at, _)| {
        let before = text.get(..at).unwrap_or("").trim_end_matches([' ', '\\']);
        let after = text.get(at + 7..).unwrap_or("");
        before.strip_suffix(':').is_some_and(|key| {
            key.trim_end()
                .trim_end_matches(['"', '\\'])
                .ends_with("kind")
        }) && (after.starts_with(['"', '\\']) || after.starts_with("List"))
    })
}

#[cfg(test)]
mod tests {
    use super::credential;

    #[test]
    fn secrets_are_seen_in_every_spelling() {
        for text in [
            "apiVersion: v1\nkind: Secret\n",
            "items:\n- kind: Secret\n",
            "items:\n- apiVersion: v1\n  kind: \"Secret\" # x\n",
            "{\n  \"kind\": \"Secret\",\n",
            "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{}}",
            "annotation: '{\"kind\":\"Secret\"}'",
            "\"{\\\"kind\\\":\\\"Secret\\\"}\"",
            "{\"kind\":\"SecretList\"}",
        ] {
            for data in [
                "data:\n",
                "stringData:\n",
                "\"data\": {}",
                "\\\"stringData\\\": {}",
            ] {
                let text = format!("{text}{data}");
                assert_eq!(credential(&text), Some("a Kubernetes Secret"), "{text}");
            }
        }
    }

    #[test]
    fn what_only_names_a_secret_is_none() {
        for text in [
            "kind: ConfigMap\ndata:\n",
            "kind: SecretStore\ndata:\n",
            "volumes:\n- secret:\n    secretName: x\n",
            "the kind: Secret is not here\ndata:\n",
            "{\"reason\":\"Secret\",\"data\":{}}",
            "kind: Event\ninvolvedObject:\n  kind: Secret\n",
        ] {
            assert_eq!(credential(text), None, "{text}");
        }
    }

    #[test]
    fn kubeconfigs_and_keys_are_credentials() {
        assert!(credential("users:\n- name: a\nclusters: []\ncontexts: []\n").is_some());
        assert!(credential("  client-key-data: AAAA\n").is_some());
        assert!(credential("-----BEGIN RSA PRIVATE KEY-----\n").is_some());
    }
}
