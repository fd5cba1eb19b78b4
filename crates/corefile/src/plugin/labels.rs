//! Label selectors (k8s.io/apimachinery, pkg/labels): whether Kubernetes takes one.

/// Checks a selector. The message is Kubernetes's own for operators that the plugins do not take,
/// and ours for what cannot be read.
pub(super) fn check(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Ok(());
    }
    let parts = requirements(text);
    for part in &parts {
        requirement(part).map_err(|message| {
            format!("couldn't parse the selector string \"{text}\": {message}")
        })?;
    }
    let refused = [("!=", "!="), (">", "gt"), ("<", "lt")];
    for part in parts {
        if let Some((_, name)) = refused.iter().find(|(sign, _)| part.contains(sign)) {
            return Err(format!("\"{name}\" is not a valid label selector operator"));
        }
    }
    Ok(())
}

/// The parts between commas that stand outside parentheses.
fn requirements(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_u32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

fn requirement(text: &str) -> Result<(), String> {
    let text = text.trim();
    let bad = || format!("unable to parse requirement: '{text}'");
    if let Some(name) = text.strip_prefix('!') {
        let name = name.trim();
        if name.starts_with('!') {
            let why = "found '!', expected: identifier";
            return Err(format!("unable to parse requirement: {why}"));
        }
        return key(name);
    }
    let end = text
        .find(|c: char| c.is_whitespace() || "=!<>(),".contains(c))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    key(name)?;
    let rest = rest.trim();
    if rest.is_empty() {
        return Ok(());
    }
    for operator in ["notin", "in"] {
        let Some(set) = rest.strip_prefix(operator) else {
            continue;
        };
        let set = set.trim().strip_prefix('(').ok_or_else(bad)?;
        let set = set.strip_suffix(')').ok_or_else(bad)?;
        return set.split(',').try_for_each(|one| value(one.trim()));
    }
    for operator in ["==", "!=", "=", "<", ">"] {
        let Some(one) = rest.strip_prefix(operator) else {
            continue;
        };
        let one = one.trim();
        if matches!(operator, "<" | ">") && one.parse::<i64>().is_err() {
            return Err(bad());
        }
        return value(one);
    }
    Err(bad())
}

/// `[prefix/]name`
fn key(text: &str) -> Result<(), String> {
    let name = text.rsplit_once('/').map_or(text, |(_, name)| name);
    if name.is_empty() || !is_label(name) || text.matches('/').count() > 1 {
        return Err(format!("key: Invalid value: \"{text}\""));
    }
    Ok(())
}

fn value(text: &str) -> Result<(), String> {
    if text.is_empty() || is_label(text) {
        return Ok(());
    }
    Err(format!("values: Invalid value: \"{text}\""))
}

fn is_label(text: &str) -> bool {
    let ends = |c: char| c.is_ascii_alphanumeric();
    text.len() <= 63
        && text.starts_with(ends)
        && text.ends_with(ends)
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}
