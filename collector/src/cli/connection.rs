//! kubectl's connection flags, with kubectl's meanings.

use std::path::PathBuf;

use clap::Args;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Connection (as kubectl)")]
pub(crate) struct Connection {
    /// Path of the kubeconfig file.
    #[arg(long)]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig.
    #[arg(long)]
    pub(crate) context: Option<String>,
    /// Cluster of the kubeconfig.
    #[arg(long)]
    pub(crate) cluster: Option<String>,
    /// User of the kubeconfig.
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// Address of the API server.
    #[arg(short = 's', long)]
    pub(crate) server: Option<String>,
    /// Bearer token.
    #[arg(long, hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// User to impersonate.
    #[arg(long = "as")]
    pub(crate) as_user: Option<String>,
    /// Group to impersonate; may be repeated.
    #[arg(long)]
    pub(crate) as_group: Vec<String>,
    /// UID to impersonate.
    #[arg(long)]
    pub(crate) as_uid: Option<String>,
    /// File with the certificate authority of the API server.
    #[arg(long)]
    pub(crate) certificate_authority: Option<PathBuf>,
    /// Do not check the API server's certificate.
    #[arg(long)]
    pub(crate) insecure_skip_tls_verify: bool,
    /// Name to check the API server's certificate against.
    #[arg(long)]
    pub(crate) tls_server_name: Option<String>,
    /// Proxy for requests to the API server.
    #[arg(long)]
    pub(crate) proxy_url: Option<String>,
    /// How long one call may take, like 10s; 0 means the default.
    #[arg(long, default_value = "0", value_parser = seconds)]
    pub(crate) request_timeout: u64,
}

/// `10`, `10s`, `2m`, `1h` in seconds, as kubectl and Go write durations.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    let unit = text.trim_end_matches(|c: char| !c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(unit);
    let factor = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => {
            return Err(format!(
                "{text:?} is no duration; write it as 30s, 5m or 1h"
            ));
        }
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .ok_or_else(|| format!("{text:?} is no duration; write it as 30s, 5m or 1h"))
}
