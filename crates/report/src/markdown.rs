//! For a ticket: the same as Markdown. Text of the bundle never becomes markup.

mod escape;
mod glance;
mod verdict;

use std::fmt::Write as _;

use crate::gaps::{self, Group};
use crate::v1::{Cause, Evidence, Finding, Report, Step};
use crate::{beside, place, table, words};
use escape::{code, fenced, plain};

/// Longest text; issue trackers cut at 64 KiB.
const MAX_BYTES: usize = 60_000;
/// Room for the last lines.
const FOOTER_BYTES: usize = 4_000;

/// The report as Markdown, at most 60 kB; what is left out is said.
pub fn markdown(report: &Report) -> String {
    let mut out = Blocks::default();
    verdict::verdict(&mut out, report);
    if let Some((first, others)) = report.causes.split_first() {
        cause(&mut out, report, first);
        glance::glance(&mut out, report);
        other_causes(&mut out, others);
    } else {
        glance::glance(&mut out, report);
    }
    findings(&mut out, report);
    answers(&mut out, report);
    notes(&mut out, report);
    gaps(&mut out, report);
    inputs(&mut out, report);
    out.finish(&plain(&words::provenance(report)))
}

/// Blocks that each are whole; from the first that does not fit on, none is added.
#[derive(Default)]
struct Blocks {
    out: String,
    left_out: usize,
}

impl Blocks {
    fn add(&mut self, block: &str) {
        if self.left_out > 0 || self.out.len() + block.len() + FOOTER_BYTES > MAX_BYTES {
            self.left_out += 1;
        } else {
            self.out.push_str(block);
        }
    }

    fn paragraph(&mut self, text: &str) {
        self.add(&format!("{text}\n\n"));
    }

    fn finish(mut self, footer: &str) -> String {
        if self.left_out > 0 {
            // What was cut may have been a list or a table that goes on.
            let _ = write!(
                self.out,
                "\nCut here: {} more would not fit. The whole report is in the bundle: \
                 `digpod report BUNDLE`.\n\n",
                words::count(self.left_out, "part")
            );
        }
        let footer: String = footer.chars().take(FOOTER_BYTES / 8).collect();
        let _ = writeln!(self.out, "---\n\n{footer}");
        self.out
    }
}

fn cause(out: &mut Blocks, report: &Report, cause: &Cause) {
    if report.verdict == "cause" {
        out.paragraph(&format!("Rule: {}", code(&cause.id)));
    } else {
        out.paragraph(&format!(
            "**First suspicion ({}):** {} ({})",
            cause.confidence,
            plain(&cause.summary),
            code(&cause.id)
        ));
    }
    if !cause.explanation.is_empty() {
        out.paragraph(&plain(&cause.explanation));
    }
    let root = report.findings.get(cause.finding as usize);
    pieces(out, "Evidence", root.map_or(&[], |root| &root.evidence));
    pieces(out, "What speaks against it", &cause.contradicted_by);
    steps(out, "Fix", &cause.fix);
    if let Some(decide) = cause
        .decide
        .as_ref()
        .filter(|_| cause.confidence != "proven")
    {
        steps(out, "What would decide", std::slice::from_ref(decide));
    }
}

fn other_causes(out: &mut Blocks, causes: &[Cause]) {
    if causes.is_empty() {
        return;
    }
    out.paragraph("### Other possible causes, in order");
    for cause in causes {
        out.add(&format!(
            "- {} ({}, {})\n",
            plain(&cause.summary),
            cause.confidence,
            code(&cause.id)
        ));
    }
    out.add("\n");
}

fn findings(out: &mut Blocks, report: &Report) {
    let causes: Vec<u32> = report.causes.iter().map(|cause| cause.finding).collect();
    let rest: Vec<&Finding> = (0..)
        .zip(&report.findings)
        .filter(|(at, _)| !causes.contains(at))
        .map(|(_, it)| it)
        .collect();
    if rest.is_empty() {
        return;
    }
    out.paragraph("### Findings besides");
    for finding in rest {
        let at = finding
            .evidence
            .first()
            .map(|piece| code(&place::of(piece)));
        out.add(&format!(
            "- {} ({}, {}, {}{}{})\n",
            plain(&finding.message),
            finding.severity,
            finding.confidence,
            code(&finding.rule),
            if at.is_some() { ", " } else { "" },
            at.unwrap_or_default()
        ));
    }
    out.add("\n");
}

fn pieces(out: &mut Blocks, title: &str, evidence: &[Evidence]) {
    if evidence.is_empty() {
        return;
    }
    out.paragraph(&format!("### {title}"));
    for piece in evidence {
        let excerpt = fenced("text", &numbered(piece));
        out.add(&format!(
            "- {}: {}\n\n{}\n\n",
            code(&place::of(piece)),
            plain(&piece.note),
            indented(&excerpt, 2)
        ));
    }
}

/// The lines with their numbers; a `>` before the ones that are meant.
fn numbered(piece: &Evidence) -> String {
    let last = piece.excerpt.first_line as usize + piece.excerpt.lines.len();
    let width = last.to_string().len();
    let lines = (piece.excerpt.first_line..)
        .zip(&piece.excerpt.lines)
        .map(|(number, line)| {
            let meant = (piece.line..=piece.end_line).contains(&number);
            let mark = if meant { '>' } else { ' ' };
            format!("{mark} {number:width$} | {line}")
                .trim_end()
                .to_owned()
        });
    lines.collect::<Vec<_>>().join("\n")
}

fn steps(out: &mut Blocks, title: &str, steps: &[Step]) {
    if steps.is_empty() {
        return;
    }
    out.paragraph(&format!("### {title}"));
    for (at, step) in steps.iter().enumerate() {
        let mark = format!("{}. ", at + 1);
        let (text, snippet) = words::snippet(&step.text);
        let mut block = format!("{mark}{}\n\n", plain(text));
        if !snippet.is_empty() {
            let _ = write!(
                block,
                "{}\n\n",
                indented(&fenced("yaml", snippet), mark.len())
            );
        }
        if let Some(command) = &step.command {
            let _ = write!(
                block,
                "{}\n\n",
                indented(&fenced("sh", command), mark.len())
            );
        }
        out.add(&block);
    }
}

fn answers(out: &mut Blocks, report: &Report) {
    let blocks = table::blocks(report);
    if blocks.is_empty() {
        return;
    }
    out.paragraph("### Who was asked, and what they said");
    out.add("| name | from | server | question | outcome, tries |\n|---|---|---|---|---|\n");
    for block in &blocks {
        for view in &block.views {
            for server in &view.servers {
                for (questions, said) in &server.answers {
                    out.add(&format!(
                        "| {} | {} | {} | {} | {} |\n",
                        plain(block.name),
                        plain(&view.from),
                        plain(&server.server),
                        plain(&questions.join(", ")),
                        plain(said)
                    ));
                }
            }
        }
    }
    out.add("\n");
}

/// What was asked beside the matrix.
fn notes(out: &mut Blocks, report: &Report) {
    let notes = beside::notes(report);
    if notes.is_empty() {
        return;
    }
    out.paragraph("### Asked beside");
    for note in notes {
        out.add(&format!("- {}\n", plain(&note.text)));
    }
    out.add("\n");
}

fn gaps(out: &mut Blocks, report: &Report) {
    if report.gaps.is_empty() {
        return;
    }
    out.paragraph("### What could not be seen");
    for group in gaps::groups(&report.gaps) {
        let (what, first, means) = match &group {
            Group::One(gap) => {
                let means = gap.means.clone().unwrap_or_default();
                (code(&gap.entry), *gap, means)
            }
            Group::Many(first, all) => {
                let entries: Vec<String> = all.iter().map(|gap| code(&gap.entry)).collect();
                (entries.join(", "), *first, gaps::means(all))
            }
        };
        let permission = gaps::permission(first);
        let permission = permission.map_or(String::new(), |it| {
            format!("; missing permission: {}", code(it))
        });
        let means = if means.is_empty() {
            String::new()
        } else {
            format!("; so {}", plain(&means))
        };
        let reason = plain(gaps::reason(first));
        out.add(&format!("- {what}: {reason}{permission}{means}\n"));
    }
    out.add("\n");
}

fn inputs(out: &mut Blocks, report: &Report) {
    let files = report
        .inputs
        .iter()
        .filter_map(|it| Some((it.entry.strip_prefix("imported/")?, it)));
    let lines: Vec<String> = files
        .map(|(file, it)| {
            format!(
                "- {}: {}, because {}\n",
                code(file),
                plain(&it.taken_for),
                plain(&it.why)
            )
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    out.paragraph("### Files, and what each was taken for");
    for line in &lines {
        out.add(line);
    }
    out.add("\n");
}

fn indented(text: &str, columns: usize) -> String {
    let line = |line: &str| format!("{:columns$}{line}", "").trim_end().to_owned();
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
