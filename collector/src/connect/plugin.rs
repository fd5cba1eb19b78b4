//! Credential plugins: programs that the kubeconfig names under `exec`
//! (<https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>).

use std::io::IsTerminal as _;
use std::process::{Output, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use kube::config::{Cluster, ExecConfig, ExecInteractiveMode};
use serde::Deserialize;
use serde_json::json;
use tokio::process::Command;

use super::pem;
use crate::error::Failure;

/// How long a plugin may take; kubectl waits for ever.
const LIMIT: Duration = Duration::from_mins(1);
/// How long it may take where somebody may have to log in.
const LOGIN_LIMIT: Duration = Duration::from_mins(3);

/// A plugin that is ready to run.
pub(super) struct Plugin {
    exec: ExecConfig,
    command: String,
    whose: String,
    /// What it is told in `KUBERNETES_EXEC_INFO`.
    info: String,
    interactive: bool,
    limit: Duration,
}

/// What it gave.
pub(super) struct Credential {
    pub(super) token: Option<String>,
    /// Certificate and key in PEM form.
    pub(super) certificate: Option<(String, String)>,
    pub(super) expires: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    api_version: String,
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
    expiration_timestamp: Option<String>,
}

impl Plugin {
    pub(super) fn new(
        exec: ExecConfig,
        whose: String,
        cluster: &Cluster,
        request_timeout: Duration,
    ) -> Result<Self, Failure> {
        let Some(command) = exec.command.clone().filter(|it| !it.is_empty()) else {
            return Err(Failure::new(format!(
                "the credential plugin of {whose} names no command"
            )));
        };
        let terminal = std::io::stdin().is_terminal();
        let interactive = terminal && exec.interactive_mode != Some(ExecInteractiveMode::Never);
        if exec.interactive_mode == Some(ExecInteractiveMode::Always) && !terminal {
            return Err(Failure::new(format!(
                "the credential plugin {command} of {whose} wants to ask, but standard input is no terminal"
            ))
            .help("run digpod in a terminal, or give --token"));
        }
        let mut spec = json!({"interactive": interactive});
        if exec.provide_cluster_info {
            spec["cluster"] = about(cluster)?;
        }
        let info = json!({
            "kind": "ExecCredential",
            "apiVersion": exec.api_version,
            "spec": spec,
        });
        let limit = match (request_timeout.is_zero(), interactive) {
            (false, _) => request_timeout,
            (true, true) => LOGIN_LIMIT,
            (true, false) => LIMIT,
        };
        Ok(Self {
            exec,
            command,
            whose,
            info: info.to_string(),
            interactive,
            limit,
        })
    }

    /// Runs it once.
    pub(super) async fn run(&self) -> Result<Credential, Failure> {
        let output = match tokio::time::timeout(self.limit, self.output()).await {
            Ok(output) => output?,
            Err(_) => {
                return Err(self
                    .failure(&format!(
                        "did not end within {} s",
                        self.limit.as_secs_f32()
                    ))
                    .help(
                        "run it by hand to see what it waits for; --request-timeout allows more",
                    ));
            }
        };
        if !output.status.success() {
            let said = last_line(&output.stderr);
            return Err(self
                .failure(&format!("failed ({}){said}", output.status))
                .help("`kubectl auth whoami` with the same context fails alike"));
        }
        self.read(&output.stdout)
    }

    async fn output(&self) -> Result<Output, Failure> {
        let mut command = Command::new(&self.command);
        command
            .args(self.exec.args.iter().flatten())
            .env("KUBERNETES_EXEC_INFO", &self.info)
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        for pair in self.exec.env.iter().flatten() {
            if let (Some(name), Some(value)) = (pair.get("name"), pair.get("value")) {
                command.env(name, value);
            }
        }
        if self.interactive {
            // It may show a code to type elsewhere.
            command.stdin(Stdio::inherit()).stderr(Stdio::inherit());
        } else {
            command.stdin(Stdio::null()).stderr(Stdio::piped());
        }
        command.output().await.map_err(|error| {
            let hint = self.exec.install_hint.as_deref().map(one_line);
            if error.kind() == std::io::ErrorKind::NotFound {
                let failure = self.failure("is not installed");
                return failure.help(
                    hint.unwrap_or_else(|| {
                        "install it where PATH leads, or give --token".to_owned()
                    }),
                );
            }
            self.failure(&format!("cannot be run: {error}"))
        })
    }

    fn read(&self, bytes: &[u8]) -> Result<Credential, Failure> {
        let wrong = |why: &str| {
            self.failure(&format!("gave no credential: {why}"))
                .help("run it by hand to see what it prints, or update it")
        };
        // What it printed may hold a secret, so no error shows any of it.
        let answer: Answer = serde_json::from_slice(bytes)
            .map_err(|_| wrong("what it printed is no ExecCredential in JSON"))?;
        if answer.kind != "ExecCredential" {
            return Err(wrong("what it printed is no ExecCredential"));
        }
        let wanted = self.exec.api_version.as_deref().unwrap_or_default();
        if !wanted.is_empty() && answer.api_version != wanted {
            return Err(wrong(&format!(
                "the kubeconfig wants {wanted}, and it answered in {}",
                answer.api_version
            ))
            .help("update the plugin, or its apiVersion in the kubeconfig"));
        }
        let status = answer.status.ok_or_else(|| wrong("`status` is missing"))?;
        let said = |text: Option<String>| text.filter(|text| !text.is_empty());
        let token = said(status.token);
        let certificate = said(status.client_certificate_data).zip(said(status.client_key_data));
        if token.is_none() && certificate.is_none() {
            return Err(wrong("`status` has no token and no client certificate"));
        }
        let expires = said(status.expiration_timestamp);
        let expires = expires
            .map(|text| text.parse::<Timestamp>())
            .transpose()
            .map_err(|_| wrong("its expirationTimestamp is no time"))?;
        Ok(Credential {
            token,
            certificate,
            expires,
        })
    }

    fn failure(&self, what: &str) -> Failure {
        Failure::new(format!(
            "the credential plugin {} of {} {what}",
            self.command, self.whose
        ))
    }
}

/// The cluster as `ExecCredential` tells it.
fn about(cluster: &Cluster) -> Result<serde_json::Value, Failure> {
    let authority = pem::load(
        "certificate-authority",
        cluster.certificate_authority_data.as_deref(),
        cluster.certificate_authority.as_deref(),
    )?;
    let config = cluster.extensions.iter().flatten();
    let config = config
        .filter(|it| it.name == "client.authentication.k8s.io/exec")
        .map(|it| it.extension.clone())
        .next();
    let mut about = json!({"server": cluster.server, "config": config});
    if let Some(authority) = authority {
        about["certificate-authority-data"] = BASE64_STANDARD.encode(authority).into();
    }
    if let Some(name) = &cluster.tls_server_name {
        about["tls-server-name"] = name.as_str().into();
    }
    if let Some(url) = &cluster.proxy_url {
        about["proxy-url"] = url.as_str().into();
    }
    if cluster.insecure_skip_tls_verify == Some(true) {
        about["insecure-skip-tls-verify"] = true.into();
    }
    Ok(about)
}

/// The end of what it said, for the error.
fn last_line(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty());
    match line {
        None => String::new(),
        Some(line) => format!(": {}", line.chars().take(300).collect::<String>()),
    }
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}
