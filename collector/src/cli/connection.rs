//! kubectl's connection flags, with kubectl's meanings.

use std::path::PathBuf;
use std::time::Duration;

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
    /// File with a client certificate.
    #[arg(long)]
    pub(crate) client_certificate: Option<PathBuf>,
    /// File with the client certificate's key.
    #[arg(long)]
    pub(crate) client_key: Option<PathBuf>,
    /// Do not check the API server's certificate.
    #[arg(long)]
    pub(crate) insecure_skip_tls_verify: bool,
    /// Name to check the API server's certificate against.
    #[arg(long)]
    pub(crate) tls_server_name: Option<String>,
    /// Proxy for requests to the API server: http, https or socks5.
    #[arg(long)]
    pub(crate) proxy_url: Option<String>,
    /// How long one call may take, like 10s; 0 means the default.
    #[arg(long, default_value = "0", value_parser = duration)]
    pub(crate) request_timeout: Duration,
}

/// A duration in whole seconds, rounded up.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    let duration = duration(text)?;
    Ok(duration.as_secs() + u64::from(duration.subsec_nanos() > 0))
}

/// The same, rounded down: what is less than a second is none.
pub(crate) fn whole_seconds(text: &str) -> Result<u64, String> {
    Ok(duration(text)?.as_secs())
}

/// `10` (seconds), `10s`, `1m30s`, `1.5h`, `500ms`: an integer or what Go's `time.ParseDuration`
/// takes, as kubectl reads them (client-go, `clientcmd.ParseTimeout`). None is negative here.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    parse(text).ok_or_else(|| format!("{text:?} is no duration; write it as 30s, 1m30s or 1h"))
}

fn parse(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let mut rest = text;
    let mut nanos: u128 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => digits(after),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() || whole.len() > 9 {
            return None;
        }
        let end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let unit: u128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        nanos += whole.parse::<u128>().unwrap_or(0) * unit;
        let fraction = fraction.get(..fraction.len().min(9))?;
        let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        nanos += fraction.parse::<u128>().unwrap_or(0) * unit / scale;
        rest = after;
    }
    Some(Duration::from_nanos(u64::try_from(nanos).ok()?))
}

fn digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{duration, seconds};

    #[test]
    fn durations_are_what_kubectl_takes() {
        for (text, millis) in [
            ("0", 0),
            ("10", 10_000),
            ("10s", 10_000),
            ("1m30s", 90_000),
            ("1.5h", 5_400_000),
            (".5s", 500),
            ("250ms", 250),
            ("1h0m0.001s", 3_600_001),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for bad in [
            "",
            "s",
            "1x",
            "-5s",
            "1m 30s",
            "1.5",
            "5 s",
            "99999999999h",
            ".",
        ] {
            assert!(duration(bad).is_err(), "{bad}");
        }
        assert_eq!(seconds("1500ms"), Ok(2));
    }
}
