//! Turns the bytes of a file into text, as the editors and shells of the field write it.

use std::borrow::Cow;

/// A file's text.
pub(crate) struct Text<'a> {
    pub(crate) text: Cow<'a, str>,
    /// Whether lines of the text are lines of the file as a UTF-8 reader shows it.
    pub(crate) lines_hold: bool,
}

/// `None` if this is no text.
pub(crate) fn decode(bytes: &[u8]) -> Option<Text<'_>> {
    // Redirected output of Windows PowerShell 5 is UTF-16.
    let utf16: Option<fn([u8; 2]) -> u16> = match bytes {
        [0xFF, 0xFE, ..] => Some(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => Some(u16::from_be_bytes),
        _ => None,
    };
    if let Some(unit) = utf16 {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .skip(1)
            .filter_map(|pair| Some(unit(pair.try_into().ok()?)))
            .collect();
        return Some(Text {
            text: String::from_utf16(&units).ok()?.into(),
            lines_hold: false,
        });
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let plain = !text.contains('\0');
    plain.then(|| Text {
        text: text.strip_prefix('\u{feff}').unwrap_or(text).into(),
        lines_hold: true,
    })
}
