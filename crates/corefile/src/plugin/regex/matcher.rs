//! Matches by trying in order of preference, each pair of instruction and place at most once.

use super::parser::Node;
use super::{Inst, Look};

/// Longest program that is run; longer ones are left undecided.
const MAX_PROGRAM: usize = 20_000;

/// What came of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It matches; the whole and the groups, `None` for a group that took no part.
    Match(Vec<Option<String>>),
    /// It does not.
    NoMatch,
}

/// The program of a tree; `None` if it would be too long.
pub(super) fn compile(tree: &Node) -> Option<Vec<Inst>> {
    let mut program = vec![Inst::Save(0)];
    emit(tree, &mut program)?;
    program.push(Inst::Save(1));
    program.push(Inst::Match);
    Some(program)
}

fn emit(node: &Node, program: &mut Vec<Inst>) -> Option<()> {
    if program.len() > MAX_PROGRAM {
        return None;
    }
    match node {
        Node::Empty => {}
        Node::Char(set) => program.push(Inst::Char(set.clone())),
        Node::Look(look) => program.push(Inst::Look(*look)),
        Node::Group(node, None) => emit(node, program)?,
        Node::Group(node, Some(index)) => {
            program.push(Inst::Save(2 * index));
            emit(node, program)?;
            program.push(Inst::Save(2 * index + 1));
        }
        Node::Concat(nodes) => {
            for node in nodes {
                emit(node, program)?;
            }
        }
        Node::Alternate(nodes) => {
            let mut jumps = Vec::new();
            for (index, node) in nodes.iter().enumerate() {
                if index + 1 == nodes.len() {
                    emit(node, program)?;
                    break;
                }
                let split = program.len();
                program.push(Inst::Fail);
                emit(node, program)?;
                jumps.push(program.len());
                program.push(Inst::Fail);
                let next = program.len();
                set(program, split, Inst::Split(split + 1, next));
            }
            let end = program.len();
            for jump in jumps {
                set(program, jump, Inst::Jump(end));
            }
        }
        Node::Repeat(node, least, most, greedy) => {
            // The last copy that must match is the one that may match again: what an empty turn
            // means depends on it.
            let looped = u32::from(most.is_none());
            for _ in looped..*least {
                emit(node, program)?;
            }
            match most {
                None => {
                    let skip = (*least == 0).then_some(program.len());
                    if skip.is_some() {
                        program.push(Inst::Fail);
                    }
                    let body = program.len();
                    emit(node, program)?;
                    let end = program.len() + 1;
                    program.push(either(body, end, *greedy));
                    if let Some(skip) = skip {
                        set(program, skip, either(body, end, *greedy));
                    }
                }
                Some(most) => {
                    let mut splits = Vec::new();
                    for _ in *least..*most {
                        splits.push(program.len());
                        program.push(Inst::Fail);
                        emit(node, program)?;
                    }
                    let end = program.len();
                    for split in splits {
                        set(program, split, either(split + 1, end, *greedy));
                    }
                }
            }
        }
    }
    Some(())
}

fn either(more: usize, end: usize, greedy: bool) -> Inst {
    if greedy {
        Inst::Split(more, end)
    } else {
        Inst::Split(end, more)
    }
}

fn set(program: &mut [Inst], at: usize, inst: Inst) {
    if let Some(slot) = program.get_mut(at) {
        *slot = inst;
    }
}

enum Job {
    Try(usize, usize),
    Restore(usize, Option<usize>),
}

/// Runs a program over a text, from the left.
pub(super) fn run(program: &[Inst], groups: usize, text: &str) -> Found {
    let chars: Vec<char> = text.chars().collect();
    let width = chars.len() + 1;
    let mut seen = vec![false; program.len().saturating_mul(width)];
    let mut slots: Vec<Option<usize>> = vec![None; 2 * (groups + 1)];
    for start in 0..width {
        let mut jobs = vec![Job::Try(0, start)];
        while let Some(job) = jobs.pop() {
            let (at, place) = match job {
                Job::Restore(slot, value) => {
                    if let Some(slot) = slots.get_mut(slot) {
                        *slot = value;
                    }
                    continue;
                }
                Job::Try(at, place) => (at, place),
            };
            match seen.get_mut(at * width + place) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            match program.get(at) {
                Some(Inst::Char(set)) => {
                    if chars.get(place).is_some_and(|c| set.has(*c)) {
                        jobs.push(Job::Try(at + 1, place + 1));
                    }
                }
                Some(Inst::Split(first, second)) => {
                    jobs.push(Job::Try(*second, place));
                    jobs.push(Job::Try(*first, place));
                }
                Some(Inst::Jump(to)) => jobs.push(Job::Try(*to, place)),
                Some(Inst::Save(slot)) => {
                    if let Some(value) = slots.get_mut(*slot) {
                        jobs.push(Job::Restore(*slot, *value));
                        *value = Some(place);
                    }
                    jobs.push(Job::Try(at + 1, place));
                }
                Some(Inst::Look(look)) => {
                    if holds(*look, &chars, place) {
                        jobs.push(Job::Try(at + 1, place));
                    }
                }
                Some(Inst::Match) => return Found::Match(captures(&slots, &chars)),
                Some(Inst::Fail) | None => {}
            }
        }
    }
    Found::NoMatch
}

fn captures(slots: &[Option<usize>], chars: &[char]) -> Vec<Option<String>> {
    slots
        .chunks(2)
        .map(|pair| match pair {
            [Some(start), Some(end)] => chars.get(*start..*end).map(|part| part.iter().collect()),
            _ => None,
        })
        .collect()
}

fn holds(look: Look, chars: &[char], place: usize) -> bool {
    let before = place.checked_sub(1).and_then(|at| chars.get(at)).copied();
    let after = chars.get(place).copied();
    let is_word = |c: Option<char>| c.is_some_and(|c| c == '_' || c.is_ascii_alphanumeric());
    match look {
        Look::TextStart => before.is_none(),
        Look::TextEnd => after.is_none(),
        Look::LineStart => before.is_none_or(|c| c == '\n'),
        Look::LineEnd => after.is_none_or(|c| c == '\n'),
        Look::Word => is_word(before) != is_word(after),
        Look::NotWord => is_word(before) == is_word(after),
    }
}
