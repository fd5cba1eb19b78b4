//! The kubeconfig that clients get.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::scenario::Settings;
use crate::tls::Identity;

/// Writes it, readable by its owner only: a context with a token, which is the current one, and
/// one with a client certificate. JSON is YAML.
pub(crate) fn write(
    path: &Path,
    settings: &Settings,
    api: SocketAddr,
    identity: &Identity,
    token: &str,
) -> Result<()> {
    let (context, user) = (
        &settings.context,
        format!("{}_{}", settings.user, settings.context),
    );
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": context, "cluster": {
            "server": format!("https://{api}"),
            "certificate-authority-data": BASE64_STANDARD.encode(&identity.ca_pem),
        }}],
        "users": [
            {"name": user, "user": {"token": token}},
            {"name": format!("{user}-certificate"), "user": {
                "client-certificate-data": BASE64_STANDARD.encode(&identity.client_pem),
                "client-key-data": BASE64_STANDARD.encode(&identity.client_key_pem),
            }},
        ],
        "contexts": [
            {"name": context, "context": {"cluster": context, "user": user}},
            {"name": format!("{context}-certificate"), "context": {
                "cluster": context,
                "user": format!("{user}-certificate"),
            }},
        ],
        "current-context": context,
    });
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options
        .open(path)
        .with_context(|| path.display().to_string())?;
    serde_json::to_writer_pretty(&mut file, &config)?;
    file.write_all(b"\n")
        .with_context(|| path.display().to_string())
}
