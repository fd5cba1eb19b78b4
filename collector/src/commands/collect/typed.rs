//! Names to ask, as the user typed them: `NAME[=ADDRESS]`.

use std::net::IpAddr;

use digpod_bundle::FailingName;

use crate::error::Failure;

/// Octets of a label at most, and characters of a name (RFC 1035, section 2.3.4).
const LABEL: usize = 63;
const NAME: usize = 253;

/// Failing names, each question once: DNS does not tell `App.corp` from `app.corp` (RFC 4343). One
/// with a dot at its end is another question than one without, which walks the search list.
pub(in crate::commands) fn names(typed: &[String]) -> Result<Vec<FailingName>, Failure> {
    let mut names: Vec<FailingName> = Vec::new();
    for text in typed {
        let new = name(text)?;
        let same = |it: &&mut FailingName| it.name.eq_ignore_ascii_case(&new.name);
        let known = names.iter_mut().filter(same).find(|it| {
            it.expected == new.expected || it.expected.is_none() || new.expected.is_none()
        });
        match known {
            Some(known) if new.expected.is_some() => known.expected = new.expected,
            Some(_) => {}
            None => names.push(new),
        }
    }
    Ok(names)
}

/// The name that every upstream should know.
pub(super) fn public(typed: &str) -> Result<(), Failure> {
    dns_name(typed).map_err(|failure| Failure {
        message: format!("--public-name {}", failure.message),
        ..failure.help("--public-name is a name that every upstream should know, like example.com")
    })
}

fn name(text: &str) -> Result<FailingName, Failure> {
    let (name, expected) = match text.split_once('=') {
        Some((name, expected)) => (name, Some(expected)),
        None => (text, None),
    };
    dns_name(name)?;
    if let Some(address) = expected
        && address.parse::<IpAddr>().is_err()
    {
        return Err(
            Failure::usage(format!("{address:?}, expected for {name}, is no address")).help(
                format!("write the IP address that {name} should have, like {name}=10.1.0.7"),
            ),
        );
    }
    Ok(FailingName {
        name: name.to_owned(),
        expected: expected.map(str::to_owned),
    })
}

/// Whether DNS can have it; or why not.
fn dns_name(name: &str) -> Result<(), Failure> {
    let refused = |why: String| Failure::usage(format!("{name:?} is no DNS name: {why}"));
    let as_typed = "type it as the application does, like app.corp.internal";
    let bare = name.strip_suffix('.').unwrap_or(name);
    if bare.is_empty() {
        let why = if name.is_empty() {
            "it is empty"
        } else {
            "it is the root, which has no address"
        };
        return Err(refused(why.to_owned()).help(as_typed));
    }
    let address = bare.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = address.parse::<IpAddr>() {
        let why = format!("it is the address {address}, which no program asks DNS for");
        return Err(refused(why).help(format!(
            "give the name that fails; the address that it should have stands behind it: app.corp.internal={address}"
        )));
    }
    if let Some((_, rest)) = bare.split_once("://") {
        let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
        return Err(refused("it is a URL".to_owned()).help(host_of(host)));
    }
    if let Some((host, port)) = bare.split_once(':')
        && !port.is_empty()
        && port.chars().all(|c| c.is_ascii_digit())
    {
        return Err(refused(format!("it has a port, {port}")).help(host_of(host)));
    }
    let plain = |c: &char| c.is_ascii_alphanumeric() || "-_.".contains(*c);
    if let Some(bad) = bare.chars().find(|c| !plain(c)) {
        let why = format!("the character {bad:?} cannot stand in one");
        return Err(refused(why).help(if bad.is_ascii() {
            as_typed
        } else {
            "type the form that DNS has of it, whose labels begin with xn--"
        }));
    }
    if bare.split('.').any(str::is_empty) {
        let why = "it has an empty label: two dots in a row, or one at the start";
        return Err(refused(why.to_owned()).help(as_typed));
    }
    if let Some(label) = bare.split('.').find(|it| it.len() > LABEL) {
        let (length, start) = (label.len(), label.get(..12).unwrap_or(label));
        let why = format!("the label {start}… has {length} characters, and {LABEL} are the most");
        return Err(refused(why).help(as_typed));
    }
    if bare.len() > NAME {
        let why = format!("it has {} characters, and {NAME} are the most", bare.len());
        return Err(refused(why).help(as_typed));
    }
    Ok(())
}

fn host_of(host: &str) -> String {
    match dns_name(host) {
        Ok(()) => format!("give its host alone: {host}"),
        Err(_) => "give the name of its host alone, like app.corp.internal".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    fn typed(all: &[&str]) -> Vec<(String, Option<String>)> {
        let all: Vec<String> = all.iter().map(|it| (*it).to_owned()).collect();
        let names = names(&all).expect("names").into_iter();
        names.map(|it| (it.name, it.expected)).collect()
    }

    #[test]
    fn names_are_as_dns_has_them() {
        let address = Some("10.1.0.7".to_owned());
        assert_eq!(
            typed(&["app.corp.internal=10.1.0.7"]),
            [("app.corp.internal".to_owned(), address)]
        );
        assert_eq!(typed(&["_ldap._tcp.corp.internal."]).len(), 1);
        assert_eq!(typed(&[&"x".repeat(63)]).len(), 1);
    }

    #[test]
    fn two_spellings_are_one_question_unless_one_walks_the_search_list() {
        let none = |name: &str| (name.to_owned(), None);
        assert_eq!(
            typed(&["Example.com", "EXAMPLE.com"]),
            [none("Example.com")]
        );
        assert_eq!(
            typed(&["example.com", "example.com.", "Example.COM."]),
            [none("example.com"), none("example.com.")]
        );
        let (one, two) = (Some("10.0.0.1".to_owned()), Some("10.0.0.2".to_owned()));
        // An address that it should have is known for either spelling; two are two.
        assert_eq!(
            typed(&["a.b", "A.b=10.0.0.1", "a.B", "a.b=10.0.0.2"]),
            [("a.b".to_owned(), one), ("a.b".to_owned(), two)]
        );
    }
}
