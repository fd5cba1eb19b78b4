//! Takes secrets out of a Corefile: values of options that hold one, credentials in addresses.
//!
//! It works on the text's pieces, so that it also covers a Corefile that CoreDNS would refuse, and
//! everything else stays byte for byte.

use digpod_corefile::{Corefile, Document, PieceKind, Source};

use super::scrub::{self, REMOVED};

/// Options whose values are secrets: of route53 (`aws_access_key ID SECRET`), etcd (`credentials
/// USER PASSWORD`), azure and tsig (`secret`), and of plugins from elsewhere (redis, netbox, vault).
const OPTIONS: [&str; 12] = [
    "access_key",
    "accesskey",
    "api_key",
    "apikey",
    "connection_string",
    "credential",
    "dsn",
    "passphrase",
    "passw",
    "private_key",
    "secret",
    "token",
];

/// The text without secrets, and how many were taken out.
pub(super) fn remove(text: &str) -> (String, u64) {
    let mut document = Document::read(text.as_bytes());
    let mut secrets = Vec::new();
    let mut option = None;
    let mut comments = Vec::new();
    for (number, piece) in document.pieces().iter().enumerate() {
        match piece.kind() {
            PieceKind::Break => option = None,
            PieceKind::Comment | PieceKind::Hidden => comments.push(number),
            kind if kind.is_token() => {
                let value = piece.value().unwrap_or_default();
                match &option {
                    None => option = Some(holds_secret(&value)),
                    // A value that comes from outside, and a block's brace, hide nothing.
                    Some(true) if value != "{" && !value.starts_with("{$") => {
                        secrets.push((number, REMOVED.to_owned()));
                    }
                    Some(_) => {
                        if let Some((clean, _)) = scrub::text(&value) {
                            secrets.push((number, clean));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let mut count = secrets.len() as u64;
    for (number, value) in secrets {
        let _ = document.set(number, &value);
    }
    let text = String::from_utf8_lossy(&document.to_bytes()).into_owned();
    if comments.is_empty() {
        return (text, count);
    }
    // Comments are prose; what is in them has no option to be known by.
    match scrub::text(&text) {
        Some((clean, more)) => {
            count += more;
            (clean, count)
        }
        None => (text, count),
    }
}

fn holds_secret(option: &str) -> bool {
    let option = option.to_ascii_lowercase();
    OPTIONS.iter().any(|part| option.contains(part))
}

/// A Corefile with what it imports.
pub(super) fn parsed(corefile: &str, custom: &[(String, String)]) -> Corefile {
    let files = custom
        .iter()
        .map(|(key, text)| Source::new(format!("custom/{key}"), text.clone()));
    digpod_corefile::parse(Source::new("Corefile", corefile), files.collect())
}

#[cfg(test)]
mod tests {
    use super::super::scrub::REMOVED;
    use super::remove;

    #[test]
    fn values_of_secret_options_go_and_all_else_stays() {
        let text = "corp.internal {\n    route53 corp.internal.:Z1 {\n        aws_access_key AKIAIOSFODNN7 wJalrXUtnFEMI\n    }\n    etcd {\n        credentials root \"hunter two\"  # root's\n        endpoint https://root:hunter2@10.0.0.9:2379\n    }\n    azure rg:zone {\n        secret {$AZURE_SECRET}\n    }\n    forward . 10.1.0.4\n}\n";
        let (clean, count) = remove(text);
        for secret in ["AKIAIOSFODNN7", "wJalrXUtnFEMI", "hunter"] {
            assert!(!clean.contains(secret), "{clean}");
        }
        assert_eq!(count, 5, "{clean}");
        assert!(clean.contains(&format!("aws_access_key {REMOVED} {REMOVED}\n")));
        assert!(clean.contains("secret {$AZURE_SECRET}\n"));
        assert!(clean.contains("    forward . 10.1.0.4\n}\n"));
        assert!(clean.contains("# root's\n"));
    }

    #[test]
    fn an_ordinary_corefile_is_left_alone() {
        let text = ".:53 {\n    errors\n    tls cert.pem key.pem\n    prometheus :9153\n    forward . /etc/resolv.conf\n    cache 30\n}\n";
        assert_eq!(remove(text), (text.to_owned(), 0));
    }
}
