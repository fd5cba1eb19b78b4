//! The nameservers and the search list of a resolv.conf, read as glibc reads it.

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

/// The names that resolvers may ask for when somebody types `typed`: with each suffix of the search
/// list in its order, and the name alone, each with its final dot and once.
///
/// Which of them are asked in which order depends on the resolver and on `ndots`.
///
/// ```
/// let text = "search shop.svc.cluster.local corp.example\nnameserver 10.0.0.10\n";
/// let names = digpod_probe::candidates(text, "db");
/// assert_eq!(names, ["db.shop.svc.cluster.local.", "db.corp.example.", "db."]);
/// assert_eq!(digpod_probe::candidates(text, "db."), ["db."]);
/// ```
pub fn candidates(resolv_conf: &str, typed: &str) -> Vec<String> {
    let alone = format!("{}.", typed.trim_end_matches('.'));
    if typed.ends_with('.') {
        return vec![alone];
    }
    let mut names: Vec<String> = Vec::new();
    let list = search_list(resolv_conf).into_iter();
    let suffixed = list.map(|suffix| match suffix.trim_matches('.') {
        "" => alone.clone(),
        suffix => format!("{alone}{suffix}."),
    });
    for name in suffixed.chain([alone.clone()]) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
            names.push(name);
        }
    }
    names
}

/// The words of the last `search` or `domain` line; of `domain` the first.
fn search_list(resolv_conf: &str) -> Vec<&str> {
    let mut lists = resolv_conf.lines().filter_map(|line| {
        let (keyword, most) = if line.starts_with("search") {
            ("search", usize::MAX)
        } else {
            ("domain", 1)
        };
        let rest = line.strip_prefix(keyword)?;
        let words = rest.starts_with([' ', '\t']).then_some(rest)?;
        Some(words.split_ascii_whitespace().take(most).collect())
    });
    lists.next_back().unwrap_or_default()
}
