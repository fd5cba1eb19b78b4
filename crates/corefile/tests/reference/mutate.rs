//! Mistakes of the hand in texts that are right, or nearly.

use super::generate::{Dice, WORDS, soup};

/// A text with a few mistakes of the hand.
pub(crate) fn mutated(dice: &mut Dice, text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..=dice.below(3) {
        text = mutate(dice, &text);
    }
    text
}

fn mutate(dice: &mut Dice, text: &str) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if lines.is_empty() {
        return soup(dice, 3);
    }
    let at = dice.below(lines.len());
    match dice.below(12) {
        0 => {
            lines.remove(at);
        }
        1 => {
            let line = lines[at].clone();
            lines.insert(at, line);
        }
        2 => {
            let other = dice.below(lines.len());
            lines.swap(at, other);
        }
        3 => lines[at] = lines[at].trim_end().to_owned() + " ",
        4 => lines.insert(
            at,
            dice.pick(&["}\n", "{\n", "}", "{ ", "# {\n", "\n", "\"\n"])
                .to_owned(),
        ),
        5..10 => {
            let words: Vec<&str> = lines[at].split(' ').collect();
            let word = dice.below(words.len());
            let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
            match dice.below(5) {
                0 => {
                    words.remove(word);
                }
                1 => {
                    let copy = words[word].trim_end().to_owned();
                    words.insert(word, copy);
                }
                2 => words[word] = format!("\"{}", words[word]),
                3 => {
                    words[word] = format!(
                        "{}#{}",
                        words[word].trim_end(),
                        dice.pick(&["x", "x y", "\n"])
                    );
                }
                _ => words.insert(word, dice.pick(WORDS).to_owned()),
            }
            lines[at] = words.join(" ");
        }
        _ => {
            let mut chars: Vec<char> = text.chars().collect();
            let at = dice.below(chars.len());
            if dice.percent(50) {
                chars.remove(at);
            } else {
                let c = *dice.pick(&[
                    &'{', &'}', &'"', &'#', &' ', &'\n', &'\\', &',', &':', &'\r',
                ]);
                chars.insert(at, c);
            }
            return chars.into_iter().collect();
        }
    }
    lines.concat()
}
