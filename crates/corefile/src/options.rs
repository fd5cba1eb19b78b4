//! What the reader may be told beside the texts.

use std::collections::BTreeMap;

/// What the reader may be told beside the texts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// The environment of CoreDNS, for `{$NAME}` and `{%NAME%}`. Without it such words stay as
    /// they are written.
    pub environment: Option<&'a BTreeMap<String, String>>,
    /// Names of the plugins that this CoreDNS has. Without them every directive is taken to be
    /// known; with them CoreDNS's `Unknown directive` is said where CoreDNS says it.
    pub directives: Option<&'a [&'a str]>,
}
