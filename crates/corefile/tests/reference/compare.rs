//! Compares a verdict of CoreDNS with ours.

use std::collections::BTreeMap;

use digpod_corefile::{Corefile, Options, Problem, Said, Source, Stage, lint, parse_with};

use super::generate::Case;
use super::program::{Program, Token, Verdict};

/// A difference and the class it belongs to.
pub(crate) struct Difference {
    pub(crate) class: String,
    pub(crate) details: String,
}

pub(crate) fn compare(program: &Program, case: &Case, theirs: &Verdict) -> Result<(), Difference> {
    judge(program, case, theirs).map_err(|mut difference| {
        if let Some(class) = cause(case, theirs) {
            class.clone_into(&mut difference.class);
        }
        difference
    })
}

/// Why a verdict differs, where that is known.
fn cause(case: &Case, theirs: &Verdict) -> Option<&'static str> {
    let says = |words: &str| theirs.error.contains(words);
    let has = |word: &str| {
        let mut texts = case
            .files
            .iter()
            .map(|(_, text)| String::from_utf8_lossy(text));
        texts.any(|text| text.contains(word))
    };
    let place = theirs.line > 0;
    match theirs.directive.as_str() {
        _ if theirs.panic => Some("CoreDNS panics"),
        "view" if !place => Some("an expression"),
        "template" if says("could not compile expression") => Some("an expression"),
        "template" if says("could not compile template") => Some("a text of template"),
        "kubernetes" if says("selector value") => Some("a label selector"),
        "dnstap" if has("://") && says("Wrong argument count") => Some("a URL"),
        "tsig" if has("secrets") => Some("a file that tsig lacks"),
        "" if theirs.stage == "serve" && theirs.error != theirs.error.to_lowercase() => {
            Some("a zone in upper case")
        }
        _ => None,
    }
}

fn judge(program: &Program, case: &Case, theirs: &Verdict) -> Result<(), Difference> {
    let environment: BTreeMap<String, String> = case.env.iter().cloned().collect();
    let mut sources = case
        .files
        .iter()
        .map(|(name, text)| Source::from_bytes(name, text));
    let main = sources.next().expect("a Corefile");
    let files = sources.collect();
    let corefile = if case.plugins {
        lint(main, files, Some(&environment), program.version)
    } else {
        let options = Options {
            environment: Some(&environment),
            directives: None,
        };
        parse_with(main, files, &options)
    };
    let ours = first_refusal(&corefile, case.plugins, theirs);
    let said = ours.map(|problem| corefile.said(problem).expect("words"));
    let stage = match ours.map(|problem| problem.stage) {
        Some(Stage::Parse) => "parse",
        Some(Stage::Zones) => "zones",
        Some(Stage::Setup) => "setup",
        Some(Stage::Serve | Stage::Listen) => "serve",
        None => "",
    };
    let details = || {
        format!(
            "CoreDNS: {} {}\nwe:      {stage} {}",
            theirs.stage,
            theirs.error,
            said.as_deref().unwrap_or_default()
        )
    };
    let differ = |class: String| {
        Err(Difference {
            class,
            details: details(),
        })
    };
    if theirs.stage == "parse" && theirs.line == 0 && !theirs.file.is_empty() {
        // Behind an import that brings nothing CoreDNS is past its last token.
        if stage != "parse" || said.as_deref().map(words) != Some(words(&theirs.error)) {
            return differ("verdict where CoreDNS names no line".to_owned());
        }
        return Ok(());
    }
    if theirs.panic {
        return differ("CoreDNS panics".to_owned());
    }
    if theirs.stage == "serve" && theirs.lacking.iter().any(|it| it == "bind") {
        // Which addresses it binds is not known.
        return Ok(());
    }
    if theirs.stage != stage {
        let name = |stage: &str| {
            if stage.is_empty() {
                "accepted".to_owned()
            } else {
                stage.to_owned()
            }
        };
        let about = directive(ours).unwrap_or(&theirs.directive);
        return differ(format!(
            "verdict: {} here, {} there {about}",
            name(stage),
            name(&theirs.stage)
        ));
    }
    if let Some(problem) = ours {
        let (file, line) = corefile.path_and_line(problem.span);
        if !theirs.file.is_empty() && (file, u64::from(line)) != (theirs.file.clone(), theirs.line)
        {
            return differ(format!("line of an error in {stage} {}", theirs.directive));
        }
        if said.as_deref() != Some(theirs.error.as_str()) {
            return differ(
                format!("words of an error in {stage} {}", theirs.directive)
                    .trim_end()
                    .to_owned(),
            );
        }
    }
    if theirs.stage.is_empty() {
        let (ours, theirs) = (ours_as_blocks(&corefile), theirs_as_blocks(theirs));
        if ours != theirs {
            return Err(Difference {
                class: "tokens".to_owned(),
                details: format!("CoreDNS: {theirs:#?}\nwe:      {ours:#?}"),
            });
        }
    }
    Ok(())
}

/// The words of an error behind its file and line.
fn words(error: &str) -> &str {
    error.split_once(" - ").map_or(error, |(_, words)| words)
}

/// Whether CoreDNS before 1.13.0 would never end reading it.
pub(crate) fn is_endless(case: &Case) -> bool {
    let environment: BTreeMap<String, String> = case.env.iter().cloned().collect();
    let options = Options {
        environment: Some(&environment),
        directives: None,
    };
    let mut sources = case
        .files
        .iter()
        .map(|(name, text)| Source::from_bytes(name, text));
    let main = sources.next().expect("a Corefile");
    let corefile = parse_with(main, sources.collect(), &options);
    let mut messages = corefile.problems.iter().map(|it| &it.message);
    messages.any(|it| it.starts_with("maximum "))
}

/// The plugin of a problem.
fn directive(problem: Option<&Problem>) -> Option<&str> {
    match &problem?.said {
        // Some setups put their name before their words, and CoreDNS does too.
        Said::Plugin(name) | Said::PluginBare(name) => name.split(':').next(),
        _ => None,
    }
}

fn first_refusal<'a>(
    corefile: &'a Corefile,
    plugins: bool,
    theirs: &Verdict,
) -> Option<&'a Problem> {
    let refused = corefile.problems.iter().filter(|it| it.refused);
    if !plugins {
        // Without a list of directives CoreDNS's parser knows any, and no setup runs.
        let parsed = refused.filter(|it| it.stage <= Stage::Zones);
        return parsed
            .filter(|it| it.message != "Unknown directive '{'")
            .min_by_key(|problem| problem.stage);
    }
    let lacks = |name: &str| theirs.lacking.iter().any(|it| it == name) && theirs.directive != name;
    refused
        // A setup that misses a file never gets to what comes after it.
        .filter(|it| !directive(Some(it)).is_some_and(lacks))
        // Nor are addresses known that were not looked up.
        .filter(|it| it.stage != Stage::Serve || !lacks("bind"))
        .min_by_key(|problem| problem.stage)
}

type Tokens = BTreeMap<String, Vec<Token>>;

fn ours_as_blocks(corefile: &Corefile) -> Vec<(Vec<String>, Tokens)> {
    let blocks = corefile.blocks.iter().map(|block| {
        let mut keys: Vec<(usize, usize, String)> = Vec::new();
        for key in &block.keys {
            let at = (key.word.span.source, key.word.span.start);
            // A network stands for several zones, one key each.
            if keys.last().is_none_or(|last| (last.0, last.1) != at) {
                let text = key.word.text.strip_suffix(',').unwrap_or(&key.word.text);
                keys.push((at.0, at.1, text.to_owned()));
            }
        }
        let mut tokens = Tokens::new();
        for directive in &block.directives {
            let all = tokens.entry(directive.name.text.clone()).or_default();
            for (number, word) in directive.words().iter().enumerate() {
                let (file, line) = corefile.path_and_line(word.span);
                let mut text = word.text.clone();
                // CoreDNS hands the name on before it puts variables in.
                if number == 0 {
                    let span = word.span;
                    let raw = &corefile.sources()[span.source].text[span.start..span.end];
                    if raw.contains("{$") || raw.contains("{%") {
                        let plain = raw.replace('\r', "");
                        let raw = if raw.starts_with('"') { raw } else { &plain };
                        raw.strip_prefix('"')
                            .map_or(raw, |raw| raw.strip_suffix('"').unwrap_or(raw))
                            .clone_into(&mut text);
                    }
                }
                all.push((text, file, u64::from(line)));
            }
        }
        (keys.into_iter().map(|key| key.2).collect(), tokens)
    });
    blocks.collect()
}

fn theirs_as_blocks(verdict: &Verdict) -> Vec<(Vec<String>, Tokens)> {
    let blocks = verdict.blocks.iter().map(|block| {
        let tokens = block
            .tokens
            .iter()
            .map(|(name, all)| (name.clone(), all.clone()));
        (block.keys.clone(), tokens.collect())
    });
    blocks.collect()
}
