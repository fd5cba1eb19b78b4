//! CoreDNS versions, as they stand in image tags, banners and on command lines.

use std::fmt;
use std::str::FromStr;

/// A released version of CoreDNS.
///
/// ```
/// use digpod_corefile::plugin::Version;
///
/// assert_eq!(Version::parse("v1.9.4-hotfix.20240704"), Some(Version::new(1, 9, 4)));
/// assert!(Version::new(1, 11, 3) < Version::new(1, 12, 0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// 1 so far.
    pub major: u16,
    /// The second number.
    pub minor: u16,
    /// The third number.
    pub patch: u16,
}

impl Version {
    /// The oldest release that the tables speak of.
    pub const OLDEST: Self = Self::new(1, 0, 0);
    /// The newest release that the tables know; later ones are taken for this one.
    pub const NEWEST: Self = Self::new(1, 15, 0);

    /// A version of these three numbers.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// Reads `1.11.3`, `v1.12.1`, an image tag such as `v1.9.4-hotfix.20240704`, a reference to an
    /// image (`…/coredns:v1.11.1@sha256:…`) or the start banner (`CoreDNS-1.11.3`). A missing third
    /// number is 0.
    ///
    /// Tags of node-cache (`k8s-dns-node-cache:1.23.1`) number node-cache, not CoreDNS: do not
    /// pass them.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.split('@').next().unwrap_or(text);
        let tag = match text.rsplit_once(':') {
            Some((_, tag)) if !tag.contains('/') => tag,
            _ if text.contains('/') => return None,
            _ => text,
        };
        let tag = match tag.get(..8) {
            Some(start) if start.eq_ignore_ascii_case("coredns-") => tag.get(8..)?,
            _ => tag,
        };
        let tag = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
        let mut numbers = tag.splitn(3, '.');
        let major = numbers.next()?.parse().ok()?;
        let (minor, rest) = leading(numbers.next()?)?;
        let patch = match numbers.next() {
            Some(patch) if rest.is_empty() => leading(patch)?.0,
            _ => 0,
        };
        Some(Self::new(major, minor, patch))
    }
}

/// The number at the start of a text, and what follows it.
fn leading(text: &str) -> Option<(u16, &str)> {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end)?;
    Some((number.parse().ok()?, rest))
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The text is no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NotAVersion;

impl NotAVersion {
    /// What to do.
    pub fn help(&self) -> &'static str {
        "write it as 1.11.3, or as the tag of the image: v1.11.3"
    }
}

impl fmt::Display for NotAVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a version of CoreDNS")
    }
}

impl std::error::Error for NotAVersion {}

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(NotAVersion)
    }
}
