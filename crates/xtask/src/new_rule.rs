//! The skeleton of a rule: its file, its line in the registry, its fixture.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::step;

/// Writes the skeleton of `group/name`.
pub(crate) fn run(group: &str, name: &str) -> Result<()> {
    for word in [group, name] {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if word.is_empty() || !word.chars().all(plain) {
            bail!(
                "{word:?} is no rule name: lower-case letters, digits and dashes, like `upstreams-disagree`"
            );
        }
    }
    let (group_file, name_file) = (group.replace('-', "_"), name.replace('-', "_"));
    let analysis = step::root().join("crates/analysis");
    let rule = analysis.join(format!("src/rules/{group_file}/{name_file}.rs"));
    let fixture = analysis.join(format!("tests/rules/{group_file}/{name_file}.md"));
    for file in [&rule, &fixture] {
        if file.exists() {
            bail!("{} is there already", file.display());
        }
    }
    write(&rule, &rule_text(group, name))?;
    write(&fixture, &fixture_text(group, name))?;
    let registry = analysis.join("src/rules.rs");
    let text = std::fs::read_to_string(&registry).context("cannot read the registry")?;
    let text = registered(&text, &group_file, &name_file)?;
    std::fs::write(&registry, text).context("cannot write the registry")?;
    eprintln!(
        "wrote {}\n      {}\nand registered it. Now: write the check, then the fixture,",
        rule.display(),
        fixture.display()
    );
    eprintln!(
        "then `INSTA_UPDATE=always cargo test -p digpod-analysis --test rules`, and read the snapshot."
    );
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Puts the rule's line where the order of ids wants it.
fn registered(text: &str, group: &str, name: &str) -> Result<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let start = lines
        .iter()
        .position(|line| line.trim_start().starts_with("registry! {"))
        .context("the registry has no `registry! {` table")?;
    let end = (start..lines.len())
        .find(|at| lines[*at] == "}")
        .context("the registry's table does not end")?;
    let head = |line: &str| {
        line.strip_prefix("    ")?
            .strip_suffix(": [")
            .map(str::to_owned)
    };
    let entry = format!("        {name},");
    let known = (start..end).find(|at| head(&lines[*at]).as_deref() == Some(group));
    if let Some(at) = known {
        let close = (at..end)
            .find(|line| lines[*line] == "    ]")
            .context("a group does not end")?;
        let place = (at + 1..close)
            .find(|line| lines[*line] > entry)
            .unwrap_or(close);
        lines.insert(place, entry);
    } else {
        let place = (start + 1..end)
            .find(|at| head(&lines[*at]).is_some_and(|other| other.as_str() > group))
            .unwrap_or(end);
        lines.splice(
            place..place,
            [format!("    {group}: ["), entry, "    ]".to_owned()],
        );
    }
    Ok(lines.join("\n") + "\n")
}

fn rule_text(group: &str, name: &str) -> String {
    format!(
        "use crate::facts::{{Facts, Seen}};
use crate::finding::Findings;
use crate::rule::declare_rule;

declare_rule! {{
    /// One sentence: the defect, as a person on call would say it.
    ///
    /// ## What it does
    /// Reads …, and reports ….
    ///
    /// ## Why it matters
    /// …
    ///
    /// ## How to fix
    /// …
    ///
    /// ## Sources
    /// - <https://coredns.io/plugins/>
    \"{group}/{name}\", Medium, since \"{}\"
}}

fn check(_facts: &Facts<'_>, _findings: &mut Findings) -> Seen<()> {{
    Ok(())
}}
",
        env!("CARGO_PKG_VERSION")
    )
}

fn fixture_text(group: &str, name: &str) -> String {
    format!(
        "# `{group}/{name}`

## Flags …

What is wrong here, and why.

```json path=manifest.json
{{}}
```

## Stays silent when …

The healthy look-alike.

```json path=manifest.json
{{}}
```

## Says what it could not see

```json path=manifest.json
{{}}
```
"
    )
}

#[cfg(test)]
mod tests {
    use super::registered;

    const TABLE: &str = "registry! {\n    logs: [\n        a_b,\n        c_d,\n    ]\n    upstreams: [\n        x,\n    ]\n}\n";

    #[test]
    fn a_rule_goes_into_its_group_in_order() -> anyhow::Result<()> {
        let text = registered(TABLE, "logs", "b_c")?;
        assert!(
            text.contains("        a_b,\n        b_c,\n        c_d,\n"),
            "{text}"
        );
        Ok(())
    }

    #[test]
    fn a_new_group_goes_where_its_name_belongs() -> anyhow::Result<()> {
        let text = registered(TABLE, "nodes", "full")?;
        assert!(
            text.contains("    ]\n    nodes: [\n        full,\n    ]\n    upstreams: ["),
            "{text}"
        );
        Ok(())
    }
}
