//! `template`.

use super::{Outcome, Setup, no_end};
use crate::plugin::advice;
use crate::plugin::regex::Regex;
use crate::plugin::values;

pub(super) fn template(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            let class = setup.next_arg()?;
            if !values::is_class(&class.text) {
                let message = format!("invalid query class {}", class.text);
                let help = "Write `IN`, or `ANY` for every class.";
                return Err(setup.err(message).on(class).help(help));
            }
            let kind = setup.next_arg()?;
            if !values::is_type(&kind.text) {
                let message = format!("invalid RR class {}", kind.text);
                return Err(setup.err(message).on(kind).help(advice::TYPE));
            }
            setup.tokens.args();
            Ok(())
        },
        property,
        no_end,
    );
}

fn property(setup: &mut Setup<'_>, _: &mut (), name: &str) -> Outcome {
    if setup.property(name).is_none() {
        let help = advice::unknown(setup.plugin, setup.version, name);
        return Err(setup.arg_err().help(help));
    }
    match name {
        "match" => {
            for word in setup.args(1, usize::MAX)? {
                let length = word.text.len();
                if length > 10_000 && setup.since(14, 0) {
                    let message = format!("regex pattern too long: {length} > 10000");
                    return Err(setup.err(message).on(word));
                }
                if let Err(why) = Regex::new(&word.text) {
                    let message = format!("could not parse regex: {}, {why}", word.text);
                    return Err(setup.err(message).on(word).help(advice::REGEX));
                }
            }
            Ok(())
        }
        "answer" | "additional" | "authority" => {
            for word in setup.args(1, usize::MAX)? {
                if let Err(why) = text_template(&word.text) {
                    let end = if name == "answer" { "" } else { "\n" };
                    let message = format!(
                        "could not compile template: {}, template: {name}:1: {why}{end}",
                        setup.tokens.val()
                    );
                    let help = "Close every `{{` with `}}`; fields are `.Name`, `.Zone`, `.Group.name`, `index .Match 1`.";
                    return Err(setup.err(message).on(word).help(help));
                }
            }
            Ok(())
        }
        "rcode" => {
            let word = setup.next_arg()?;
            if !values::is_rcode(&word.text) {
                let message = format!("unknown rcode {}", word.text);
                return Err(setup.err(message).on(word).help(advice::RCODE));
            }
            Ok(())
        }
        "ederror" => {
            let args = setup.args(1, 2)?;
            let Some(word) = args.first() else {
                return Ok(());
            };
            values::parse_uint(&word.text, 10, 16)
                .map(|_| ())
                .map_err(|why| {
                    let message = format!(
                        "error parsing extended DNS error code {}, {why}\n",
                        setup.tokens.val()
                    );
                    setup.err(message).on(word)
                })
        }
        "var" => variable(setup),
        "expr" => setup.args(1, usize::MAX).map(|_| ()),
        _ => {
            setup.tokens.args();
            Ok(())
        }
    }
}

fn variable(setup: &mut Setup<'_>) -> Outcome {
    let args = setup.args(2, usize::MAX)?;
    let Some(word) = args.first() else {
        return Ok(());
    };
    let letters = |c: char| c == '_' || c.is_ascii_alphabetic();
    let fine = word.text.starts_with(letters)
        && word.text.chars().all(|c| letters(c) || c.is_ascii_digit());
    if !fine {
        let message = format!("invalid variable name {}", values::quote(&word.text));
        return Err(setup.err(message).on(word));
    }
    Ok(())
}

const FUNCTIONS: &[&str] = &[
    "and", "break", "call", "continue", "define", "else", "end", "eq", "false", "ge", "gt", "html",
    "if", "index", "js", "le", "len", "lt", "ne", "nil", "not", "or", "parseInt", "print",
    "printf", "println", "range", "slice", "template", "true", "urlquery", "with", "block",
];

/// The plain mistakes in a text of Go's text/template: actions that do not end, are empty, name a
/// function that does not exist, or have characters that stand for nothing there.
fn text_template(text: &str) -> Result<(), String> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let body = after.strip_prefix("- ").unwrap_or(after);
        if let Some(comment) = body.trim_start().strip_prefix("/*") {
            let Some((_, next)) = comment.split_once("*/") else {
                return Err("unclosed comment".to_owned());
            };
            rest = next.split_once("}}").map_or("", |(_, next)| next);
            continue;
        }
        rest = action(body)?;
    }
    Ok(())
}

/// Reads an action; what follows it.
fn action(text: &str) -> Result<&str, String> {
    let word = |c: char| c == '_' || c.is_alphanumeric();
    let (mut rest, mut is_empty, mut parens) = (text, true, 0_i32);
    let ranges = text.trim_start().starts_with("range ");
    loop {
        let trimmed = rest.trim_start();
        let closing = trimmed
            .strip_prefix("-}}")
            .filter(|_| trimmed.len() < rest.len());
        if let Some(after) = closing.or_else(|| trimmed.strip_prefix("}}")) {
            if parens > 0 {
                return Err("unclosed left paren".to_owned());
            }
            if is_empty {
                return Err("missing value for command".to_owned());
            }
            return Ok(after);
        }
        let mut chars = trimmed.chars();
        let Some(c) = chars.next() else {
            return Err("unclosed action".to_owned());
        };
        let first = is_empty;
        is_empty = false;
        rest = chars.as_str();
        match c {
            '"' | '`' | '\'' => rest = quoted(c, rest)?,
            '(' => parens += 1,
            ')' => parens -= 1,
            '|' | ':' | '=' => {}
            ',' if ranges => {}
            '.' | '$' => rest = ended(rest.trim_start_matches(word))?,
            c if c.is_ascii_digit() || c == '-' || c == '+' => {
                rest = rest.trim_start_matches(|c: char| word(c) || c == '.');
            }
            c if word(c) => {
                let after = trimmed.trim_start_matches(word);
                let name = trimmed.strip_suffix(after).unwrap_or_default();
                if !FUNCTIONS.contains(&name) {
                    return Err(format!("function \"{name}\" not defined"));
                }
                rest = ended(after)?;
            }
            c if c.is_ascii_graphic() => {
                let place = if first { "command" } else { "operand" };
                return Err(format!("unexpected \"{c}\" in {place}"));
            }
            c => return Err(format!("unrecognized character in action: {}", shown(c))),
        }
    }
}

fn quoted(quote: char, text: &str) -> Result<&str, String> {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == quote {
            return Ok(chars.as_str());
        }
        match c {
            '\\' if quote != '`' => {
                chars.next();
            }
            '\n' if quote != '`' => break,
            _ => {}
        }
    }
    Err(match quote {
        '`' => "unterminated raw quoted string".to_owned(),
        '"' => "unterminated quoted string".to_owned(),
        _ => "unterminated character constant".to_owned(),
    })
}

/// What may follow a name or a field.
fn ended(text: &str) -> Result<&str, String> {
    match text.chars().next() {
        None => Ok(text),
        Some(c) if c.is_whitespace() || ".,|:)(".contains(c) || text.starts_with("}}") => Ok(text),
        Some(c) => Err(format!("bad character {}", shown(c))),
    }
}

fn shown(c: char) -> String {
    format!("U+{:04X} '{c}'", u32::from(c))
}
