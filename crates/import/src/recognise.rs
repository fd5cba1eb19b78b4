//! Asks each recogniser in turn, the surest sign first.

use crate::found::Found;
use crate::section::Section;
use crate::{corefile, describe, log, objects, resolv_conf, tool_output, top};

/// What a section is; `file` is only used to name what was made of it.
pub(crate) fn recognise(section: &Section<'_>, file: &str) -> Option<Found> {
    top::recognise(section)
        .or_else(|| describe::recognise(section.text))
        .or_else(|| resolv_conf::recognise(section))
        .or_else(|| log::recognise(section, file))
        .or_else(|| objects::recognise(section.text))
        .or_else(|| corefile::recognise(section.text, file))
        .or_else(|| tool_output::recognise(section, file))
}
