//! `digpod corefile show`: the effective configuration.

use std::fmt::Write as _;

use digpod_corefile::{Directive, Query, ServerBlock, Span, Word, explain, plugin};

use super::Read;
use crate::cli::{Color, CorefileShow};
use crate::error::{Failure, plain};
use crate::exit::Exit;
use crate::output;

pub(super) fn run(options: &CorefileShow, _color: Color) -> Result<Exit, Failure> {
    let read = Read::new(&options.input)?;
    let mut out = format!("As CoreDNS {} reads it\n", read.version);
    if let Some(said) = read.refusal() {
        let _ = writeln!(
            out,
            "It refuses it, and prints (digpod corefile lint draws it): {}",
            plain(&said)
        );
    }
    out.push('\n');
    if options.ask.is_empty() {
        for block in &read.corefile.blocks {
            show_block(&mut out, &read, block);
        }
        imports(&mut out, &read);
    }
    for asked in &options.ask {
        ask(&mut out, &read, asked)?;
    }
    output::print(&out)?;
    Ok(Exit::Done)
}

fn show_block(out: &mut String, read: &Read, block: &ServerBlock) {
    let keys: Vec<String> = block
        .keys
        .iter()
        .map(|key| format!("{}://{}:{}", key.scheme, key.zone, key.port))
        .collect();
    let place = block
        .keys
        .first()
        .map(|key| read.place(key.word.span))
        .unwrap_or_default();
    let _ = writeln!(out, "{}  ({})", plain(&keys.join(" ")), plain(&place));
    let mut directives: Vec<&Directive> = block.directives.iter().collect();
    // Repeated directives keep their order; plugins come in that of plugin.cfg.
    directives.sort_by_key(|it| plugin::rank(&it.name.text, read.version));
    let width = directives
        .iter()
        .map(|it| it.name.text.chars().count())
        .max()
        .unwrap_or_default()
        .min(16);
    for directive in directives {
        let _ = writeln!(
            out,
            "  {:<width$}  {}  ({})",
            plain(&directive.name.text),
            plain(&words(&directive.args)),
            plain(&short(read, directive.name.span)),
        );
        for property in &directive.properties {
            let _ = writeln!(
                out,
                "  {:<width$}    {} {}",
                "",
                plain(&property.name.text),
                plain(&words(&property.args))
            );
        }
    }
    out.push('\n');
}

/// The way of one query, a line a step.
fn ask(out: &mut String, read: &Read, asked: &str) -> Result<(), Failure> {
    let (name, kind) = asked.split_once('/').unwrap_or((asked, "A"));
    let plain_type = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric());
    if name.is_empty() || !plain_type {
        return Err(
            Failure::usage(format!("--ask {asked:?} is no NAME or NAME/TYPE"))
                .help("write it as --ask app.corp.internal or --ask app.corp.internal/AAAA"),
        );
    }
    let query = Query::new(name, kind);
    let way = explain(&read.corefile, read.version, &query);
    let _ = writeln!(out, "{} {}", plain(&query.name), query.kind);
    let mut sentences = way.sentences().into_iter();
    if way.choice.is_some()
        && let Some(sentence) = sentences.next()
    {
        let _ = writeln!(out, "  {}", plain(&sentence));
    }
    for step in &way.steps {
        let Some(sentence) = sentences.next() else {
            break;
        };
        let _ = writeln!(
            out,
            "  {}  ({})",
            plain(&sentence),
            plain(&short(read, step.span))
        );
    }
    for sentence in sentences {
        let _ = writeln!(out, "  {}", plain(&sentence));
    }
    out.push('\n');
    Ok(())
}

/// Place of a line, without what the text was found in.
fn short(read: &Read, span: Span) -> String {
    let place = read.place(span);
    place.rsplit(": ").next().unwrap_or(&place).to_owned()
}

fn words(words: &[Word]) -> String {
    let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    words.join(" ")
}

fn imports(out: &mut String, read: &Read) {
    for import in &read.corefile.imports {
        let what = if import.snippet {
            "a snippet".to_owned()
        } else if import.matched.is_empty() {
            "no file".to_owned()
        } else {
            let files: Vec<&str> = import
                .matched
                .iter()
                .map(|source| read.configuration.shown(*source))
                .collect();
            files.join(", ")
        };
        let _ = writeln!(
            out,
            "import {} ({}): {}",
            plain(&import.pattern.text),
            plain(&read.place(import.pattern.span)),
            plain(&what)
        );
    }
}
