//! The nameservers of a resolv.conf, read as glibc reads it.

/// The addresses of the `nameserver` lines, in listed order, as written.
///
/// ```
/// let text = "search shop.svc.cluster.local\nnameserver 10.0.0.10\n# nameserver 10.0.0.11\n";
/// assert_eq!(digpod_probe::nameservers(text), ["10.0.0.10"]);
/// ```
pub fn nameservers(resolv_conf: &str) -> Vec<&str> {
    resolv_conf.lines().filter_map(nameserver).collect()
}

fn nameserver(line: &str) -> Option<&str> {
    // glibc wants the keyword at the very start of the line and a blank after it.
    let rest = line.strip_prefix("nameserver")?;
    if !rest.starts_with([' ', '\t']) {
        return None;
    }
    rest.split_ascii_whitespace().next()
}
