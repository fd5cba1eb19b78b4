//! Fetches pages: one GET each, within a limit of time and size, only the lines that are wanted.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Route, Setup};
use crate::extras::{FetchedPage, Keep, Page};

/// How long one page may take.
const LIMIT: Duration = Duration::from_secs(3);
/// Most bytes read of a page: CoreDNS with many zones has about 1 MB.
const MOST_READ: u64 = 8 << 20;
/// Most bytes of it that travel back.
const MOST_KEPT: usize = 512 << 10;

/// Metrics of the Go runtime that tell whether CoreDNS is short of something.
const GO: &[&str] = &["go_goroutines", "go_info", "go_memstats_heap_inuse_bytes"];
/// Histograms whose buckets tell of nothing that is looked for here.
const NO_BUCKETS: &[&str] = &[
    "coredns_dns_request_size_bytes_bucket",
    "coredns_dns_response_size_bytes_bucket",
    "coredns_health_request_duration_seconds_bucket",
    "coredns_kubernetes_dns_programming_duration_seconds_bucket",
    "coredns_kubernetes_rest_client_rate_limiter_duration_seconds_bucket",
    "coredns_kubernetes_rest_client_request_duration_seconds_bucket",
];

/// Fetches one page.
pub(super) async fn fetch(page: &Page, setup: &Setup) -> FetchedPage {
    let mut fetched = FetchedPage {
        id: page.id.clone(),
        ..FetchedPage::default()
    };
    match timeout(LIMIT, get(page, setup)).await {
        Ok(Ok((status, body))) => {
            fetched.status = status;
            let whole = body.len() as u64 >= MOST_READ;
            keep(&String::from_utf8_lossy(&body), page.keep, &mut fetched);
            fetched.truncated |= whole;
        }
        Ok(Err(error)) => fetched.error = Some(error),
        Err(_) => fetched.error = Some(format!("no answer within {} s", LIMIT.as_secs())),
    }
    fetched
}

async fn get(page: &Page, setup: &Setup) -> Result<(u16, Vec<u8>), String> {
    let address = page
        .address
        .parse()
        .map_err(|_| format!("{:?} is no address:port", page.address))?;
    let to = match (setup.route)(address) {
        Route::To(to) => to,
        Route::Unreachable => return Err("no route to host".to_owned()),
        Route::Drop => std::future::pending().await,
    };
    let words = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect(to).await.map_err(words)?;
    // HTTP/1.0: the server sends no chunks and closes when it is done.
    let request = format!(
        "GET {} HTTP/1.0\r\nHost: {}\r\nUser-Agent: digpod-probe\r\nAccept: text/plain\r\n\r\n",
        page.path, page.address
    );
    stream.write_all(request.as_bytes()).await.map_err(words)?;
    let mut answer = Vec::new();
    let mut limited = stream.take(MOST_READ);
    limited.read_to_end(&mut answer).await.map_err(words)?;
    let head = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .ok_or("an answer that is no HTTP")?;
    let line = String::from_utf8_lossy(&answer[..head]);
    let status = line
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.get(2..5))
        .and_then(|code| code.parse().ok())
        .ok_or("an answer that is no HTTP")?;
    Ok((status, answer.split_off(head + 4)))
}

fn keep(body: &str, keep: Keep, fetched: &mut FetchedPage) {
    for line in body.split_inclusive('\n') {
        if keep == Keep::CorednsMetrics && !is_of_coredns(line) {
            continue;
        }
        if fetched.text.len() + line.len() > MOST_KEPT {
            fetched.truncated = true;
            break;
        }
        fetched.text.push_str(line);
    }
}

/// Whether a line of Prometheus' text format is a sample or a type that tells of CoreDNS.
fn is_of_coredns(line: &str) -> bool {
    let name = line.strip_prefix("# TYPE ").unwrap_or(line);
    let end = name.find(['{', ' ']).unwrap_or(name.len());
    let name = &name[..end];
    (name.starts_with("coredns_") || name.starts_with("process_") || GO.contains(&name))
        && !NO_BUCKETS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::is_of_coredns;

    #[test]
    fn what_tells_of_coredns_is_kept() {
        for line in [
            "coredns_panics_total 0\n",
            "coredns_proxy_request_duration_seconds_bucket{to=\"10.1.0.4:53\",le=\"1\"} 7\n",
            "# TYPE coredns_panics_total counter\n",
            "process_start_time_seconds 1.7e9\n",
            "go_info{version=\"go1.25\"} 1\n",
        ] {
            assert!(is_of_coredns(line), "{line}");
        }
        for line in [
            "# HELP coredns_panics_total A metric that counts the number of panics.\n",
            "go_memstats_frees_total 1\n",
            "coredns_dns_request_size_bytes_bucket{le=\"1\"} 7\n",
            "\n",
            "",
        ] {
            assert!(!is_of_coredns(line), "{line}");
        }
    }
}
