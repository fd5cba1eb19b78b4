//! Certificates and keys, from files or as base64 in the kubeconfig.

use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::error::Failure;

/// Reads a file; keys and certificates are small.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))
}

/// What stands in the kubeconfig, else in the file it names; data wins over a file, as in client-go.
pub(super) fn load(
    what: &str,
    data: Option<&str>,
    file: Option<&str>,
) -> Result<Option<Vec<u8>>, Failure> {
    let said = |text: &&str| !text.is_empty();
    match (data.filter(said), file.filter(said)) {
        (Some(data), _) => decode(data)
            .map(Some)
            .ok_or_else(|| Failure::new(format!("{what}-data in the kubeconfig is no base64"))),
        (None, Some(path)) => read(Path::new(path)).map(Some),
        (None, None) => Ok(None),
    }
}

/// The DER of each certificate.
pub(super) fn certificates(pem: &[u8]) -> Vec<Vec<u8>> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let text = String::from_utf8_lossy(pem);
    text.split(BEGIN)
        .skip(1)
        .filter_map(|after| decode(after.split_once(END)?.0))
        .collect()
}

/// base64 with line breaks in it.
fn decode(text: &str) -> Option<Vec<u8>> {
    let plain: String = text.split_ascii_whitespace().collect();
    BASE64_STANDARD.decode(plain).ok()
}
