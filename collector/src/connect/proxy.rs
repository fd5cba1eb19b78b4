//! Which proxy requests go through, as in Go: `--proxy-url` or the kubeconfig's `proxy-url`, else
//! the environment's, where `NO_PROXY` counts (golang.org/x/net/http/httpproxy).

use std::net::IpAddr;

use http::Uri;

use crate::error::Failure;

/// The proxy for a server.
pub(super) fn choose(given: Option<&str>, server: &Uri) -> Result<Option<Uri>, Failure> {
    if let Some(text) = given.filter(|text| !text.is_empty()) {
        return parse("proxy-url", text).map(Some);
    }
    let names = match server.scheme_str() {
        Some("http") => ["HTTP_PROXY", "http_proxy"],
        _ => ["HTTPS_PROXY", "https_proxy"],
    };
    let Some((name, text)) = names.iter().find_map(|name| Some((name, variable(name)?))) else {
        return Ok(None);
    };
    let without = variable("NO_PROXY")
        .or_else(|| variable("no_proxy"))
        .unwrap_or_default();
    if bypassed(server, &without) {
        return Ok(None);
    }
    let text = if text.contains("://") {
        text
    } else {
        format!("http://{text}")
    };
    parse(name, &text).map(Some)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn parse(name: &str, text: &str) -> Result<Uri, Failure> {
    // Both names mean that the proxy resolves the server's name.
    let text = text.replacen("socks5h://", "socks5://", 1);
    let uri: Option<Uri> = text.parse().ok();
    uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https" | "socks5")))
        .filter(|uri| uri.host().is_some_and(|host| !host.is_empty()))
        // The text may hold a password.
        .ok_or_else(|| {
            Failure::usage(format!("{name} is no address of a proxy"))
                .help("write it like http://proxy.example:3128 or socks5://127.0.0.1:1080")
        })
}

/// Whether no proxy is used for a server: this host always, and what `NO_PROXY` lists.
fn bypassed(server: &Uri, without: &str) -> bool {
    let host = server.host().unwrap_or_default();
    let host = host
        .trim_start_matches('[')
        .trim_end_matches([']', '.'])
        .to_ascii_lowercase();
    let port = server.port_u16().unwrap_or(match server.scheme_str() {
        Some("http") => 80,
        _ => 443,
    });
    let ip: Option<IpAddr> = host.parse().ok();
    if host == "localhost" || ip.is_some_and(|ip| ip.is_loopback()) {
        return true;
    }
    without
        .split(',')
        .map(|term| term.trim().to_ascii_lowercase())
        .filter(|term| !term.is_empty())
        .any(|term| fits(&term, &host, ip, port))
}

fn fits(term: &str, host: &str, ip: Option<IpAddr>, port: u16) -> bool {
    if term == "*" {
        return true;
    }
    if let Some((network, length)) = term.split_once('/') {
        return match (ip, network.parse(), length.parse()) {
            (Some(ip), Ok(network), Ok(length)) => inside(ip, network, length),
            _ => false,
        };
    }
    let (name, only) = match term.rsplit_once(':') {
        Some((name, digits)) if !name.contains(':') || name.ends_with(']') => {
            match digits.parse::<u16>() {
                Ok(number) => (name, Some(number)),
                Err(_) => return false,
            }
        }
        _ => (term, None),
    };
    if only.is_some_and(|only| only != port) {
        return false;
    }
    let name = name.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = name.parse::<IpAddr>() {
        return ip == Some(address);
    }
    // `corp` and `*.corp`, `.corp`: the name itself belongs to the first alone.
    let name = name.strip_prefix('*').unwrap_or(name);
    match name.strip_prefix('.') {
        Some(_) => host.ends_with(name),
        None => {
            host == name
                || host
                    .strip_suffix(name)
                    .is_some_and(|rest| rest.ends_with('.'))
        }
    }
}

fn inside(ip: IpAddr, network: IpAddr, length: u32) -> bool {
    let (ip, network, bits): (u128, u128, u32) = match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => (
            u128::from(u32::from(ip)),
            u128::from(u32::from(network)),
            32,
        ),
        (IpAddr::V6(ip), IpAddr::V6(network)) => (u128::from(ip), u128::from(network), 128),
        _ => return false,
    };
    match bits.checked_sub(length) {
        None => false,
        Some(rest) => ip.checked_shr(rest) == network.checked_shr(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::bypassed;

    #[test]
    fn no_proxy_means_what_it_means_in_go() {
        let check = |server: &str, list: &str| bypassed(&server.parse().expect("a URL"), list);
        assert!(check("https://127.0.0.1:6443", ""));
        assert!(check("https://localhost", ""));
        assert!(check("https://[::1]:6443", ""));
        assert!(!check("https://10.0.0.1", ""));
        assert!(check("https://10.0.0.1", "*"));
        assert!(check("https://10.0.0.1", "a, 10.0.0.0/8"));
        assert!(!check("https://11.0.0.1", "10.0.0.0/8"));
        assert!(check("https://11.0.0.1", "0.0.0.0/0"));
        assert!(check("https://[fd00::1]", "fd00::/8"));
        assert!(check("https://10.0.0.1:6443", "10.0.0.1:6443"));
        assert!(!check("https://10.0.0.1", "10.0.0.1:6443"));
        assert!(check("https://api.corp.example", "corp.example"));
        assert!(check("https://api.corp.example", "*.corp.example"));
        assert!(check("https://CORP.example", "corp.example"));
        assert!(!check("https://corp.example", ".corp.example"));
        assert!(!check("https://mycorp.example", "corp.example"));
        assert!(!check("https://10.0.0.1", "10.0.0.0/99, x/y, :"));
    }
}
