//! Recognises loose files of a ticket by content and makes a bundle of them.
//!
//! What a file is called decides nothing: people send `corefile.txt`, `1.log` and `output (3)`.
//! Every file is kept whole as `imported/<name>`; what was recognised in it also stands under the
//! name the collector would have given it, with a map of lines, so that evidence points into the
//! user's own file.
//!
//! The folder that the script of `digpod collect --script` writes says itself what each file is.
//!
//! **Invariant:** every file is accounted for once in [`Imported::recognised`], and its bytes are
//! in the bundle, but for files with credentials, which are never kept and said to be so, and for
//! the script's own lists, which become the entries they describe.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod corefile;
mod describe;
mod found;
mod intake;
mod json_places;
mod kinds;
pub mod kubernetes;
mod log;
mod objects;
mod places;
mod recognise;
mod resolv_conf;
mod script;
mod secrets;
mod section;
mod text;
mod tool_output;
mod top;
mod yaml_places;

use digpod_bundle::Bundle;

/// A file as the user has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LooseFile {
    /// Its name, without a path.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The bundle made of loose files, and what was made of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The bundle. Nobody knows when the files were made, so it has no time of collection.
    pub bundle: Bundle,
    /// One for each file, in the order they were given.
    pub recognised: Vec<Recognised>,
}

/// What a file was taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// The file's name as it was given.
    pub file: String,
    /// What it was taken for: `resolv.conf of a node`; `not recognised`.
    pub taken_for: String,
    /// Why, in words for the user.
    pub why: String,
    /// Entries that were made of it, beside the one that holds it whole.
    pub entries: Vec<String>,
}

/// Makes a bundle of loose files. Never fails: what is not recognised is kept and said to be so.
pub fn import(files: Vec<LooseFile>) -> Imported {
    if script::is_folder(&files) {
        let (imported, rest) = script::import(files);
        return intake::Intake::on(imported).all(rest);
    }
    intake::Intake::default().all(files)
}
