//! Corefiles, right and wrong, drawn from a seed: soups of tokens, blocks of plausible directives,
//! and mutations of both.

use super::grammar::{PLUGINS, Plugin};
use super::mutate::mutated;

/// A case: the Corefile and the files beside it, and the environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) env: Vec<(String, String)>,
    /// Whether CoreDNS's own list of directives and setups count.
    pub(crate) plugins: bool,
}

/// Draws numbers from a seed (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).expect("a small number");
        usize::try_from(self.next() % end).expect("a number below a small one")
    }

    /// True in so many of a hundred.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

pub(crate) const WORDS: &[&str] = &[
    "{",
    "}",
    "{",
    "}",
    "\n",
    "\n",
    "\n",
    "import",
    "custom/*.server",
    "custom/*.override",
    "custom/a.server",
    "nope.conf",
    "custom/?.server",
    "(s)",
    "s",
    "import s",
    "forward",
    ".",
    ".:53",
    "corp.internal",
    "corp.internal:53",
    "\"",
    "\"q r\"",
    "\"\"",
    "\"{\"",
    "\"a\nb\"",
    "\\",
    "#x",
    "# c\n",
    "a#b",
    "é",
    "policy",
    "sequential",
    "1.1.1.1",
    ",",
    "a,",
    "b,c",
    "\r\n",
    "\u{feff}",
    "x{",
    "10.0.0.0/15",
    "2001:db8::/31",
    "tls://x",
    "dns://x:54",
    "a:",
    "a..b",
    ":53",
    "*.x",
    "\u{a0}",
    "\t",
    "cache",
    "30",
    "errors",
    "log",
    "import custom/*.server\n",
    "import custom/*.override\n",
    "/etc/x",
    "a[b]",
    "[z]",
    "{$A}",
    "{$B}",
    "{%A%}",
    "{$NOPE}",
    "{$OPEN}",
    "{$KEYS}",
    "{$}",
    "{%%}",
    "{$A",
    "pre{$A}post",
    "{$LINES}",
    "\"{$LINES}\"",
    "\r",
];

/// Variables that every third case has.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("A", "example.org"),
    ("B", ""),
    ("OPEN", "{"),
    ("KEYS", "a b,"),
    ("LINES", "one\ntwo"),
];

/// The case of this number.
pub(crate) fn case(number: u64, examples: &[String]) -> Case {
    let mut dice = Dice::new(number.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(7));
    let env = if dice.percent(33) {
        let all = ENVIRONMENT.iter();
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    } else {
        Vec::new()
    };
    let mut files = Vec::new();
    let kind = dice.below(100);
    let plugins = kind >= 40;
    match kind {
        0..20 => files.push(main(soup(&mut dice, 30))),
        20..40 => files.push(main(skeleton(&mut dice, 4))),
        40..85 => files.push(main(plausible(&mut dice))),
        _ if examples.is_empty() || dice.percent(30) => {
            let text = plausible(&mut dice);
            files.push(main(mutated(&mut dice, &text)));
        }
        _ => {
            let text = &examples[dice.below(examples.len())];
            files.push(main(mutated(&mut dice, text)));
        }
    }
    beside(&mut dice, &mut files, kind < 40);
    let mut files: Vec<(String, Vec<u8>)> = files
        .into_iter()
        .map(|(name, text)| (name, text.into_bytes()))
        .collect();
    if dice.percent(3) {
        for (_, bytes) in &mut files {
            let at = dice.below(bytes.len() + 1);
            bytes.splice(
                at..at,
                dice.pick(&[&[0xff_u8][..], &[0xe2, 0x82], &[0xc2, b'\r', 0x80]])
                    .to_vec(),
            );
        }
    }
    Case {
        files,
        env,
        plugins,
    }
}

fn main(text: String) -> (String, String) {
    ("Corefile".to_owned(), text)
}

/// Files that may be imported.
fn beside(dice: &mut Dice, files: &mut Vec<(String, String)>, odd: bool) {
    let mut add = |name: &str, text: String| files.push((name.to_owned(), text));
    if dice.percent(80) {
        let text = match (odd, dice.percent(30)) {
            (true, true) => soup(dice, 12),
            (true, false) => skeleton(dice, 2),
            (false, true) => {
                let text = plausible(dice);
                mutated(dice, &text)
            }
            (false, false) => block(dice, "corp.internal"),
        };
        add("custom/a.server", text);
    }
    if dice.percent(30) {
        let text = if odd {
            skeleton(dice, 1)
        } else {
            block(dice, "c.example:5353")
        };
        add("custom/c.server", text);
    }
    if dice.percent(80) {
        let mut text = String::new();
        for _ in 0..dice.below(4) {
            if odd {
                text += &rough_directive(dice);
            } else {
                text += &directive(dice, "");
            }
        }
        add("custom/b.override", text);
    }
}

pub(crate) fn soup(dice: &mut Dice, most: usize) -> String {
    let mut text = String::new();
    for _ in 0..dice.below(most + 1) {
        text += dice.pick(WORDS);
        text += dice.pick(&[" ", " ", " ", "", "\n"]);
    }
    text
}

fn rough_directive(dice: &mut Dice) -> String {
    let mut text = dice
        .pick(&[
            "forward . 1.1.1.1",
            "cache 30",
            "errors",
            "log",
            "hosts /etc/h",
            "import custom/*.override",
            "import s",
            "kubernetes cluster.local",
            "health",
            "loop",
        ])
        .to_owned();
    if dice.percent(40) {
        text += dice.pick(&[" {\n", " {\n", "\n{\n", " { ", "{\n"]);
        for _ in 0..dice.below(4) {
            text += "  ";
            text += dice.pick(&[
                "policy sequential",
                "success 1",
                "import custom/b.override",
                "import s",
                "fallthrough",
                "max_fails 3",
                "inner {\n x y\n }",
                "# c",
                "\"multi\nline\" z",
            ]);
            text += dice.pick(&["\n", "\n", " "]);
        }
        text += dice.pick(&["}\n", "}\n", "}\n", "", "} x\n", "} }\n"]);
    } else {
        text += dice.pick(&["\n", "\n", "\n", " }\n", " # x\n", "#y z\n"]);
    }
    text
}

fn rough_block(dice: &mut Dice) -> String {
    let mut text = dice
        .pick(&[
            ".:53",
            "corp.internal:53",
            "a b",
            "a,\nb",
            "a, b",
            "(s)",
            "",
            "x.y",
            ".:53{",
            "}",
            "\"q\"",
            "{$A}",
            "{$KEYS}",
        ])
        .to_owned();
    text += dice.pick(&[" {\n", " {\n", " {\n", "\n{\n", "\n", " { "]);
    for _ in 0..dice.below(6) {
        text += " ";
        text += &rough_directive(dice);
    }
    text += dice.pick(&["}\n", "}\n", "}\n", "}\n", "", "}}\n", "}\n}\n"]);
    text
}

fn skeleton(dice: &mut Dice, most: usize) -> String {
    let mut text = String::new();
    for _ in 0..dice.below(most + 1) {
        text += &match dice.below(8) {
            0..3 => rough_block(dice),
            3 => "import custom/*.server\n".to_owned(),
            4 => "import custom/a.server\n".to_owned(),
            5 => "(s) {\n errors\n log\n}\n".to_owned(),
            6 => "# c\n".to_owned(),
            _ => rough_directive(dice),
        };
    }
    text
}

/// A Corefile such as people write, with a mistake now and then.
fn plausible(dice: &mut Dice) -> String {
    let mut text = String::new();
    if dice.percent(15) {
        text += "(s) {\n";
        text += &directive(dice, "    ");
        text += "}\n";
    }
    let keys: &[&str] = &[
        ".:53",
        ".",
        "cluster.local:53",
        "corp.internal",
        "corp.internal eu.example:5353",
        "10.0.0.0/24",
        "tls://.:853",
        "example.org, example.net",
        "https://example.org",
    ];
    for _ in 0..=dice.below(3) {
        let key = dice.pick(keys);
        text += &block(dice, key);
        text += dice.pick(&["", "\n", "# between\n"]);
    }
    if dice.percent(30) {
        text += "import custom/*.server\n";
    }
    text
}

fn block(dice: &mut Dice, keys: &str) -> String {
    let mut text = format!("{keys} {{\n");
    for _ in 0..dice.below(7) {
        text += &directive(dice, "    ");
    }
    text + "}\n"
}

fn directive(dice: &mut Dice, indent: &str) -> String {
    match dice.below(100) {
        0..2 => return format!("{indent}import custom/*.override\n"),
        2 => return format!("{indent}import s\n"),
        3 => {
            return format!(
                "{indent}{} x\n",
                dice.pick(&["forwrd", "proxy", "federation", "kube"])
            );
        }
        _ => {}
    }
    let plugin: &Plugin = &PLUGINS[dice.below(PLUGINS.len())];
    // Half of all directives are right, so that what follows them is reached.
    let wrong = if dice.percent(60) { 0 } else { 12 };
    let args = dice.pick(plugin.args);
    let mut text = format!("{indent}{}{}", plugin.name, filled(dice, args, wrong));
    if plugin.properties.is_empty() || dice.percent(35) {
        if dice.percent(wrong / 4) {
            text += dice.pick(&[" {\n}\n", " {\n bogus\n}\n", "\n{\n}\n"]);
        }
        text += "\n";
        return text;
    }
    text += " {\n";
    for _ in 0..dice.below(4) {
        if dice.percent(wrong / 4) {
            text = text + indent + "    bogus" + &filled(dice, " <word>", 0) + "\n";
            continue;
        }
        let property = dice.pick(plugin.properties);
        let line = filled(dice, property, wrong);
        text = text + indent + "    " + line.trim_start() + "\n";
    }
    text + indent + "}\n"
}

/// Puts values in the place of `<kind>`; `[...]` may be left out and `...` repeats.
fn filled(dice: &mut Dice, pattern: &str, wrong: usize) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut in_option = false;
    let mut keep = true;
    for part in pattern.split_whitespace() {
        let mut part = part;
        if let Some(rest) = part.strip_prefix('[') {
            in_option = true;
            keep = dice.percent(50);
            part = rest;
        }
        let closes = in_option && part.ends_with(']');
        let part = if closes {
            &part[..part.len() - 1]
        } else {
            part
        };
        if keep || !in_option {
            let (part, times) = match part.strip_suffix("...") {
                Some(part) => (part, 1 + dice.below(3)),
                None => (part, 1),
            };
            for _ in 0..times {
                words.push(value(dice, part, wrong));
            }
        }
        if closes {
            in_option = false;
            keep = true;
        }
    }
    if dice.percent(wrong / 2) {
        words.pop();
    }
    if dice.percent(wrong / 2) {
        words.push(dice.pick(&["extra", "1", "{", "\"\"", "."]).to_owned());
    }
    words
        .iter()
        .fold(String::new(), |text, word| text + " " + word)
}

fn value(dice: &mut Dice, part: &str, wrong: usize) -> String {
    let Some(kind) = part.strip_prefix('<').and_then(|it| it.strip_suffix('>')) else {
        return part.to_owned();
    };
    if let Some((_, choices)) = kind.split_once("one:") {
        if dice.percent(wrong) {
            return "bogus".to_owned();
        }
        let choices: Vec<&str> = choices.split('|').collect();
        return dice.pick(&choices).to_owned();
    }
    let (good, bad) = super::grammar::values(kind);
    let from = if dice.percent(wrong) { bad } else { good };
    dice.pick(if from.is_empty() { good } else { from })
        .to_owned()
}
