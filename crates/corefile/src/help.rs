//! What to do about each kind of problem.

pub(crate) const IMPORT: &str =
    "Write `import` with one argument: the name of a snippet, a file, or a pattern with one `*`.";
pub(crate) const GLOB: &str =
    "Use at most one `*` or `?` and no `[...]`; several patterns need several `import` lines.";
pub(crate) const FILE: &str = "Mount the file beside the Corefile, correct its name, or use a pattern with `*`, which may match nothing.";
pub(crate) const FOLDER: &str = "Name the files in the folder: `import folder/*.server`.";
pub(crate) const DATA: &str =
    "Name the ending of the keys: `import custom/*.server` instead of `import custom/*`.";
pub(crate) const ENDLESS_IMPORT: &str = "Break the circle: no snippet or file may import itself, also not by way of another. CoreDNS before 1.13.0 never ends.";
pub(crate) const COMMA: &str = "Remove the comma before '{', or write the address that is missing.";
pub(crate) const KEYS_END: &str =
    "Remove the comma at the end, or write the address and block that are missing.";
pub(crate) const SNIPPET_TWICE: &str = "Give each snippet a name of its own.";
pub(crate) const SNIPPET_BRACE: &str =
    "Write '{' behind the name of the snippet and '}' on a line of its own after its lines.";
pub(crate) const UNCLOSED: &str = "Write '}' on a line of its own where the block ends.";
pub(crate) const STRAY_CLOSE: &str = "Put '}' on a line of its own. A block written on one line, as happens without the YAML '|', needs its lines back.";
pub(crate) const OPEN_LINE: &str = "Put '{' at the end of the directive's own line.";
pub(crate) const NESTED: &str =
    "Close the directive's block first: its properties have no blocks of their own.";
pub(crate) const NO_ZONE: &str = "Write the zone before '{', `.` for all names.";
pub(crate) const OTHER_FILE: &str =
    "Give every file as many '}' as '{': a file that is imported should be complete by itself.";
pub(crate) const AFTER_CLOSE: &str = "Begin a new line after '}'.";
pub(crate) const LAST_BRACE: &str =
    "Write one more '}' on a line of its own: the server block has none.";
pub(crate) const UNKNOWN: &str = "Correct the name, or use a CoreDNS that has this plugin. If it is a zone, the block before it is not closed, or a server block stands inside another.";
pub(crate) const KEY_PORT: &str =
    "Write the port after the last colon, from 1 to 65535, or leave the colon out.";
pub(crate) const KEY_NAME: &str = "Write a domain name (labels of 1 to 63 bytes between dots) or a network, and a blank before '{'.";
pub(crate) const KEY_BRACE: &str = "Put a blank before '{'.";
pub(crate) const KEY_CLOSE: &str = "Remove the '}', or write the line with '{' that it should close: every block before it is closed.";
pub(crate) const QUOTE: &str = "This quote is never closed: it swallows the rest of the file. Write the second quote, or remove this one.";
pub(crate) const HASH: &str = "The '#' stuck to the word before hides only what comes up to the next blank, and this is read. Put a blank before the '#'.";
pub(crate) const REPEATED: &str = "Serve each zone and port in one block only. A directive outside any block becomes a zone too: put it in a block, or in a key that is imported inside one.";
pub(crate) const MISSING_VARIABLE: &str =
    "Set the variable in the environment of the CoreDNS container, or write the value.";
pub(crate) const ENDLESS_VARIABLE: &str = "Give the variable a value that does not name it.";
pub(crate) const DIRECTIVE_AS_ZONE: &str = "Put the directive inside a server block; in an AKS custom ConfigMap, in a key that ends in `.override`.";
