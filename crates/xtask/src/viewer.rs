//! Builds the page: wasm, its JavaScript and the style in one HTML file that needs nothing else.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lzma_rust2::{LzmaOptions, LzmaWriter};
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::{base91, step, wasm_std};

/// Where `digpod report` puts a bundle.
const BUNDLE: &str = "<!--digpod-bundle-->";
/// The page is mailed around and stored beside bundles.
const MOST_BYTES: usize = 900_000;

/// Builds the page and gives its path. The same sources give the same bytes.
pub(crate) fn build(out: &Path) -> Result<PathBuf> {
    let wasm = compile()?;
    let glue = wasm.with_file_name("page");
    Bindgen::new()
        .input_path(&wasm)
        .no_modules(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&glue)
        .context("wasm-bindgen failed")?;
    let name = "digpod-viewer";
    let wasm = std::fs::read(glue.join(format!("{name}_bg.wasm")))?;
    let script = std::fs::read_to_string(glue.join(format!("{name}.js")))?;
    let page = step::root().join("viewer/page");
    let read = |file: &str| {
        std::fs::read_to_string(page.join(file)).with_context(|| format!("viewer/page/{file}"))
    };
    let html = assemble(&Parts {
        html: read("index.html")?,
        style: squeeze_style(&read("style.css")?),
        script: squeeze(&[read("lzma.js")?, read("boot.js")?].join("\n"))?,
        glue: squeeze(&script)?,
        wasm: &wasm,
    })?;
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Who depends on the page builds anew only when it changed.
    if std::fs::read(out).ok().as_deref() != Some(html.as_bytes()) {
        std::fs::write(out, &html).with_context(|| format!("cannot write {}", out.display()))?;
    }
    eprintln!(
        "    {}: {} kB ({} kB of wasm)",
        out.display(),
        html.len() / 1_000,
        wasm.len() / 1_000
    );
    Ok(out.to_owned())
}

/// With `DIGPOD_PAGE_QUICK` set it builds faster and larger, for work on the page.
fn compile() -> Result<PathBuf> {
    let wasm_std = wasm_std::find()?;
    let mut cargo = wasm_std.cargo("build");
    cargo.args(["--quiet", "--package", "digpod-viewer", "--profile", "web"]);
    // wasm-bindgen reads the section of target features, which stripping would take away, and
    // then leaves out names and debug information itself.
    cargo.args(["--config", "profile.web.strip=false"]);
    if std::env::var_os("DIGPOD_PAGE_QUICK").is_some() {
        for setting in ["lto=\"off\"", "opt-level=1", "codegen-units=16"] {
            cargo.args(["--config", &format!("profile.web.{setting}")]);
        }
    }
    step::run(&mut cargo)?;
    Ok(wasm_std
        .target_dir()
        .join("wasm32-unknown-unknown/web/digpod-viewer.wasm"))
}

/// What the page is made of.
struct Parts<'a> {
    html: String,
    style: String,
    script: String,
    /// What wasm-bindgen writes; packed like the module, and run once the script has unpacked it.
    glue: String,
    wasm: &'a [u8],
}

fn assemble(parts: &Parts<'_>) -> Result<String> {
    for (name, text) in [("script", &parts.script), ("style", &parts.style)] {
        // Either would end the element or change how the rest of it is read.
        for bad in [format!("</{name}"), "<!--".to_owned()] {
            if text.to_lowercase().contains(&bad) {
                bail!("the {name} holds {bad}, which HTML takes for its own");
            }
        }
    }
    let csp = format!(
        "default-src 'none'; script-src 'sha256-{}' 'sha256-{}' 'wasm-unsafe-eval'; worker-src blob:; \
         style-src 'sha256-{}'; img-src data:; connect-src 'none'; form-action 'none'; base-uri 'none'",
        sha256(&parts.script),
        sha256(&parts.glue),
        sha256(&parts.style)
    );
    let wasm = base91::encode(&lzma(parts.wasm)?);
    let glue = base91::encode(&lzma(parts.glue.as_bytes())?);
    let mut html = String::new();
    let mut rest = parts.html.as_str();
    for (mark, text) in [
        ("@csp@", &csp),
        ("@style@", &parts.style),
        ("@wasm@", &wasm),
        ("@glue@", &glue),
        ("@script@", &parts.script),
    ] {
        let (before, after) = rest
            .split_once(mark)
            .with_context(|| format!("viewer/page/index.html lacks {mark}"))?;
        html.push_str(before);
        html.push_str(text);
        rest = after;
    }
    html.push_str(rest);
    if html.matches(BUNDLE).count() != 1 {
        bail!("the page must hold {BUNDLE} exactly once");
    }
    if html.len() > MOST_BYTES && std::env::var_os("DIGPOD_PAGE_QUICK").is_none() {
        bail!("the page has {} bytes, more than {MOST_BYTES}", html.len());
    }
    Ok(html)
}

/// Without indentation and lines that are comments, a quarter of what wasm-bindgen writes.
fn squeeze(script: &str) -> Result<String> {
    let mut squeezed = String::new();
    let mut comment = false;
    for line in script.lines().map(str::trim) {
        // Within a text that goes over several lines neither would be what it looks like.
        if line.matches('`').count() % 2 == 1 {
            bail!("the script has a text of several lines: {line}");
        }
        comment |= line.starts_with("/*");
        if !comment && !line.is_empty() && !line.starts_with("//") {
            squeezed.push_str(line);
            squeezed.push('\n');
        }
        comment &= !line.ends_with("*/");
    }
    Ok(squeezed)
}

/// Without indentation and comments.
fn squeeze_style(style: &str) -> String {
    let mut squeezed = String::new();
    let mut rest = style;
    while let Some((before, comment)) = rest.split_once("/*") {
        squeezed.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    squeezed.push_str(rest);
    let lines = squeezed.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// As small as it gets with what a page can unpack (`lzma.js`): it is done once and sent often.
fn lzma(bytes: &[u8]) -> Result<Vec<u8>> {
    // Code is no text and keeps to no boundaries: the byte before says most of the next one.
    let options = LzmaOptions {
        lc: 4,
        lp: 0,
        pb: 0,
        nice_len: LzmaOptions::NICE_LEN_MAX,
        depth_limit: 1_000,
        ..LzmaOptions::with_preset(9)
    };
    let size = u64::try_from(bytes.len())?;
    let mut writer = LzmaWriter::new_use_header(Vec::new(), &options, Some(size))?;
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

fn sha256(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{BUNDLE, Parts, assemble, squeeze};

    fn parts(script: &str) -> Parts<'static> {
        Parts {
            html: format!(
                "@csp@<style>@style@</style>{BUNDLE}@wasm@@glue@<script>@script@</script>"
            ),
            style: "p{}".to_owned(),
            script: script.to_owned(),
            glue: "let b = 2;".to_owned(),
            wasm: b"\0asm",
        }
    }

    #[test]
    fn the_policy_allows_exactly_this_script_and_this_style() {
        let html = assemble(&parts("let a = 1;")).unwrap();
        let policy = html.split("<style>").next().unwrap();
        // As `openssl dgst -sha256 -binary | base64` gives them, which is what browsers compute.
        assert!(policy.contains(
            "script-src 'sha256-xY6QKfH9PRsQnLz56nj6MBwiK5oHg+im1Jkpdp1x/Ck=' \
             'sha256-/VxadKDFjxChkEqCBxYHGM8PchobZLHFZXlH4lVDfJI=' 'wasm-unsafe-eval';"
        ));
        assert!(
            policy.contains("style-src 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y=';")
        );
        assert!(policy.contains("connect-src 'none'"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        assert_eq!(html, assemble(&parts("let a = 1;")).unwrap());
    }

    #[test]
    fn comments_and_indentation_are_left_out_of_the_script() {
        let script =
            "/**\n * @param {x} y\n */\nlet a = `b`; // c\n\n    // d\n    e();\n/* f */\ng();\n";
        assert_eq!(squeeze(script).unwrap(), "let a = `b`; // c\ne();\ng();\n");
        assert!(squeeze("let a = `b\n  c`;").is_err());
    }

    #[test]
    fn a_script_that_would_end_its_element_is_refused() {
        for script in ["'</SCRIPT>'", "'<!--'"] {
            assert!(assemble(&parts(script)).is_err(), "{script}");
        }
    }
}
