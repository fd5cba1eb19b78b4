//! Splits a Markdown fixture into headings and fenced blocks.

/// One case before its blocks are made into a bundle.
#[derive(Debug)]
pub(crate) struct Section {
    /// Its heading.
    pub(crate) heading: String,
    /// Its blocks.
    pub(crate) blocks: Vec<Block>,
}

/// One fenced block that makes something.
#[derive(Debug)]
pub(crate) struct Block {
    /// Line of its opening fence, from 1.
    pub(crate) line: usize,
    /// Value of `path=`; empty where there is none.
    pub(crate) path: String,
    /// Value of `vantage=`.
    pub(crate) vantage: Option<String>,
    /// Value of `node=`.
    pub(crate) node: Option<String>,
    /// What stands between the fences, with the final line feed.
    pub(crate) text: String,
}

/// The blocks before the first case, and the cases.
pub(crate) fn sections(markdown: &str) -> Result<(Vec<Block>, Vec<Section>), String> {
    let mut shared = Vec::new();
    let mut sections: Vec<Section> = Vec::new();
    let mut lines = markdown.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            sections.push(Section {
                heading: heading.trim().to_owned(),
                blocks: Vec::new(),
            });
            continue;
        }
        let fence: String = line.chars().take_while(|c| *c == '`').collect();
        if fence.len() < 3 {
            continue;
        }
        let mut text = String::new();
        loop {
            let Some((_, inner)) = lines.next() else {
                return Err(format!("line {}: the block has no end", at + 1));
            };
            if inner.trim_end() == fence {
                break;
            }
            text.push_str(inner);
            text.push('\n');
        }
        let block = block(at + 1, line.trim_start_matches('`'), text)?;
        let target = sections
            .last_mut()
            .map_or(&mut shared, |section| &mut section.blocks);
        target.extend(block);
    }
    Ok((shared, sections))
}

fn block(line: usize, info: &str, text: String) -> Result<Option<Block>, String> {
    let mut block = Block {
        line,
        path: String::new(),
        vantage: None,
        node: None,
        text,
    };
    for word in info.split_whitespace().skip(1) {
        match word.split_once('=') {
            Some(("path", path)) => path.clone_into(&mut block.path),
            Some(("vantage", vantage)) => block.vantage = Some(vantage.to_owned()),
            Some(("node", node)) => block.node = Some(node.to_owned()),
            _ => {
                return Err(format!(
                    "line {line}: {word:?} is not path=, vantage= or node="
                ));
            }
        }
    }
    if block.path.is_empty() && block.vantage.is_none() {
        return Ok(None);
    }
    Ok(Some(block))
}
