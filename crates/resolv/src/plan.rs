//! Which names are tried for a name, in which order and why.

mod names;

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

pub use names::NameFault;
pub(crate) use names::is_glibc_hostname;
use names::{fault, is_digits_and_dots, is_go_domain, is_musl_name, is_onion, is_wire_name};

use crate::{Family, Implementation, Observation, RecordType, Seen, Settings, Version, address};

/// The names that a resolver tries, in order, unless a stop rule ends the walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Who asks.
    pub implementation: Implementation,
    /// What the program asked for.
    pub name: String,
    /// The types that are asked for each candidate.
    pub types: Vec<RecordType>,
    /// Why nothing is asked at all.
    pub unasked: Option<Unasked>,
    /// The names, in order; never a name twice because of one and the same search word.
    pub candidates: Vec<Candidate>,
}

/// Why no server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unasked {
    /// The name is an address already.
    Literal(IpAddr),
    /// glibc from 2.26 on, 64 bits, seen in 2.31 and 2.36 but not in Debian's 2.41: a domain that is too long for the old search buffer stands
    /// among the first six, after little else. An assertion fails and the process aborts.
    SearchAborts,
    /// glibc never gets to the end of a `sortlist` line: the process hangs.
    SortlistHangs,
    /// It is no name of a host: the resolver says at once that it does not exist.
    NotAHostname(NameFault),
    /// Go never asks DNS for `.onion` (RFC 7686).
    Onion,
}

/// A name that is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The name with the dot of the root at its end.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Why no usable question can be made of it.
    pub broken: Option<Broken>,
}

/// Where a candidate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The name ends with a dot, so it is the only one.
    Rooted,
    /// As it is, first: it has `ndots` dots or more.
    AsIsFirst,
    /// With a domain of the search list.
    Search {
        /// Position in [`Settings::search`].
        index: usize,
        /// Where the domain was written.
        span: Option<Range<usize>>,
    },
    /// As it is, after the search list, or because there is none.
    AsIsLast,
}

/// Why a candidate cannot be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Too long, or with a label that is empty or too long.
    NotAName,
    /// musl up to 1.2.3 sends a mangled question for a name that ends with two dots, as
    /// `search .` makes them; servers do not answer it.
    Mangled,
}

impl Candidate {
    /// What is wrong with it, where it is no valid name.
    pub fn fault(&self) -> Option<NameFault> {
        (self.broken == Some(Broken::NotAName)).then(|| fault(&self.name))
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)?;
        match &self.origin {
            Origin::Rooted => out.write_str(" (it ends with a dot, so nothing is appended)")?,
            Origin::AsIsFirst => out.write_str(" (as it is, it has enough dots)")?,
            Origin::Search { index, .. } => write!(out, " (search domain {})", index + 1)?,
            Origin::AsIsLast => out.write_str(" (as it is)")?,
        }
        match self.broken {
            Some(Broken::NotAName) => {
                write!(out, ": cannot be asked, {}", fault(&self.name))
            }
            Some(Broken::Mangled) => out.write_str(": the question is mangled, nobody answers"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Unasked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(address) => write!(out, "it is the address {address}, nothing is asked"),
            Self::SearchAborts => out.write_str(
                "the search list makes glibc abort: a domain is too long for its old buffer",
            ),
            Self::SortlistHangs => {
                out.write_str("glibc never gets to the end of the sortlist line")
            }
            Self::NotAHostname(fault) => {
                write!(out, "it is no name of a host ({fault}), nothing is asked")
            }
            Self::Onion => out.write_str("names under .onion are never asked for"),
        }
    }
}

/// The names that are tried for `name`, in order.
///
/// ```
/// use digpod_resolv::{Environment, Family, Implementation, plan, read_as};
///
/// let text = "search shop.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n";
/// let glibc = read_as(text, Implementation::GLIBC, &Environment::default());
/// let names: Vec<_> = plan(&glibc, "web.shop", Family::Any)
///     .candidates
///     .into_iter()
///     .map(|candidate| candidate.name)
///     .collect();
/// assert_eq!(names[0], "web.shop.shop.svc.cluster.local.");
/// assert_eq!(names[1], "web.shop.svc.cluster.local.");
/// assert_eq!(names[3], "web.shop.");
/// ```
pub fn plan(settings: &Settings, name: &str, family: Family) -> Plan {
    let types = if settings.no_aaaa.value {
        vec![RecordType::A]
    } else {
        family.types().to_vec()
    };
    let unasked = unasked(settings, name, family);
    let candidates = match (&unasked, settings.implementation) {
        (Some(_), _) => Vec::new(),
        (None, Implementation::Glibc(_)) => glibc(settings, name),
        (None, Implementation::Musl(version)) => musl(settings, version, name),
        (None, Implementation::Go(_)) => go(settings, name),
    };
    Plan {
        implementation: settings.implementation,
        name: name.to_owned(),
        types,
        unasked,
        candidates,
    }
}

fn unasked(settings: &Settings, name: &str, family: Family) -> Option<Unasked> {
    let literal = match settings.implementation {
        Implementation::Go(_) => address::go_literal(name),
        Implementation::Glibc(_) | Implementation::Musl(_) => address::libc_literal(name),
    };
    if let Some((address, _)) = literal {
        return Some(Unasked::Literal(address));
    }
    let hangs = |it: &Observation| it.seen == Seen::SortlistHangs;
    if settings.observations.iter().any(hangs) {
        return Some(Unasked::SortlistHangs);
    }
    if search_aborts(settings) {
        return Some(Unasked::SearchAborts);
    }
    let is_hostname = match settings.implementation {
        // For IPv4 alone what is made of digits and dots is an address or nothing.
        Implementation::Glibc(_) if family == Family::V4 && is_digits_and_dots(name) => false,
        Implementation::Glibc(_) => is_glibc_hostname(name),
        Implementation::Musl(_) => {
            let bare = name.strip_suffix('.').unwrap_or(name);
            name.len() < 255 && !bare.is_empty() && !bare.ends_with('.')
        }
        Implementation::Go(_) => is_go_domain(name),
    };
    if !is_hostname {
        return Some(Unasked::NotAHostname(fault(name)));
    }
    let never = matches!(settings.implementation, Implementation::Go(_))
        && name.ends_with('.')
        && is_onion(name);
    never.then_some(Unasked::Onion)
}

/// The search list is copied into a buffer of 256 bytes, six domains at most. If the copy ends
/// early, glibc asserts that at least 56 bytes were copied, the size of seven pointers
/// (`resolv_conf_matches`).
pub(crate) fn search_aborts(settings: &Settings) -> bool {
    let Implementation::Glibc(version) = settings.implementation else {
        return false;
    };
    if version < Version::new(2, 26, 0) || version >= Version::new(2, 41, 0) {
        return false;
    }
    let mut copied = 0;
    for domain in settings.search.iter().take(6) {
        let size = domain.value.len() + 1;
        if copied + size > 256 {
            return copied <= 56;
        }
        copied += size;
    }
    false
}

fn dots(name: &str) -> u32 {
    let dots = name.bytes().filter(|byte| *byte == b'.').count();
    u32::try_from(dots).unwrap_or(u32::MAX)
}

fn rooted(name: String) -> String {
    if name.ends_with('.') {
        name
    } else {
        name + "."
    }
}

fn candidate(name: String, origin: Origin) -> Candidate {
    let broken = (!is_wire_name(&name)).then_some(Broken::NotAName);
    Candidate {
        name: rooted(name),
        origin,
        broken,
    }
}

/// `__res_context_search`: as it is first with enough dots, then the list whatever came of it.
fn glibc(settings: &Settings, name: &str) -> Vec<Candidate> {
    if name.ends_with('.') {
        return vec![candidate(name.to_owned(), Origin::Rooted)];
    }
    let mut candidates = Vec::new();
    let dots = dots(name);
    let as_is_first = dots >= settings.ndots.value;
    if as_is_first {
        candidates.push(candidate(name.to_owned(), Origin::AsIsFirst));
    }
    let mut has_root = false;
    for (index, domain) in settings.search.iter().enumerate() {
        let bare = domain.value.strip_prefix('.').unwrap_or(&domain.value);
        has_root |= bare.is_empty();
        candidates.push(candidate(
            format!("{name}.{bare}"),
            Origin::Search {
                index,
                span: domain.span.clone(),
            },
        ));
    }
    let may_be_alone = dots > 0 || settings.search.is_empty() || !settings.no_tld_query.value;
    if may_be_alone && !as_is_first && !has_root {
        candidates.push(candidate(name.to_owned(), Origin::AsIsLast));
    }
    candidates
}

/// `name_from_dns_search`: a search list or the name as it is, never a list after the name.
fn musl(settings: &Settings, version: Version, name: &str) -> Vec<Candidate> {
    let is_rooted = name.ends_with('.');
    let enough = dots(name) >= settings.ndots.value;
    let bare = name.strip_suffix('.').unwrap_or(name);
    let mut candidates = Vec::new();
    if !is_rooted && !enough {
        for (index, domain) in settings.search.iter().enumerate() {
            // A name that would not fit is left out.
            if domain.value.len() + bare.len() + 1 >= 256 {
                continue;
            }
            let full = format!("{bare}.{}", domain.value);
            let origin = Origin::Search {
                index,
                span: domain.span.clone(),
            };
            let mangled = full.ends_with("..") && version < Version::new(1, 2, 4);
            let broken = if mangled {
                Some(Broken::Mangled)
            } else {
                (!is_musl_name(&full)).then_some(Broken::NotAName)
            };
            candidates.push(Candidate {
                name: rooted(full),
                origin,
                broken,
            });
        }
    }
    let origin = match (is_rooted, enough) {
        (true, _) => Origin::Rooted,
        (false, true) => Origin::AsIsFirst,
        (false, false) => Origin::AsIsLast,
    };
    let broken = (!is_musl_name(name)).then_some(Broken::NotAName);
    candidates.push(Candidate {
        name: rooted(bare.to_owned()),
        origin,
        broken,
    });
    candidates
}

/// `nameList`: names that are too long or under `.onion` are left out.
fn go(settings: &Settings, name: &str) -> Vec<Candidate> {
    if name.ends_with('.') {
        return vec![go_candidate(name.to_owned(), Origin::Rooted)];
    }
    let mut candidates = Vec::new();
    let enough = dots(name) >= settings.ndots.value;
    let as_is = rooted(name.to_owned());
    let onion = is_onion(&as_is);
    if enough && !onion {
        candidates.push(go_candidate(as_is.clone(), Origin::AsIsFirst));
    }
    for (index, domain) in settings.search.iter().enumerate() {
        let full = format!("{as_is}{}", rooted(domain.value.clone()));
        if full.len() <= 254 && !is_onion(&full) {
            let origin = Origin::Search {
                index,
                span: domain.span.clone(),
            };
            candidates.push(go_candidate(full, origin));
        }
    }
    if !enough && !onion {
        candidates.push(go_candidate(as_is, Origin::AsIsLast));
    }
    candidates
}

fn go_candidate(name: String, origin: Origin) -> Candidate {
    let broken = (!is_wire_name(&name)).then_some(Broken::NotAName);
    Candidate {
        name,
        origin,
        broken,
    }
}
