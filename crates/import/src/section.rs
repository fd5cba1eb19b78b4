//! Splits what was copied from a terminal into commands and their output.

/// The output of one command, or a whole file without commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Section<'a> {
    /// The command as it was typed, without the prompt.
    pub(crate) command: Option<&'a str>,
    /// What follows.
    pub(crate) text: &'a str,
    /// Line of the file on which `text` begins, from 1.
    pub(crate) line: usize,
}

/// Programs whose output is recognised or that print files; a line after a prompt that begins
/// with another word is no command line.
const PROGRAMS: [&str; 14] = [
    "kubectl",
    "k",
    "oc",
    "host",
    "nslookup",
    "dig",
    "cat",
    "az",
    "sudo",
    "crictl",
    "docker",
    "journalctl",
    "ssh",
    "nsenter",
];

/// The sections of a file, in order; one without a command if there are none.
pub(crate) fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections = Vec::new();
    let mut open = Section {
        command: None,
        text: "",
        line: 1,
    };
    let mut start = 0;
    let mut at = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let next = at + line.len();
        if let Some(command) = command_of(line) {
            close(&mut sections, open, text.get(start..at));
            start = next;
            open = Section {
                command: Some(command),
                text: "",
                line: number + 1,
            };
        }
        at = next;
    }
    close(&mut sections, open, text.get(start..));
    if sections.is_empty() {
        sections.push(Section {
            command: None,
            text,
            line: 1,
        });
    }
    sections
}

fn close<'a>(sections: &mut Vec<Section<'a>>, open: Section<'a>, text: Option<&'a str>) {
    let text = text.unwrap_or("");
    if !text.trim().is_empty() {
        sections.push(Section { text, ..open });
    }
}

/// The command on a line that begins with a prompt: `$ host -a x`, `root@node:~# cat y`.
fn command_of(line: &str) -> Option<&str> {
    let line = line.trim_end();
    let (at, _) = line.char_indices().take(80).find(|(at, c)| {
        "$#>%".contains(*c) && line.get(at + 1..).is_some_and(|r| r.starts_with(' '))
    })?;
    let (prompt, command) = line.split_at_checked(at + 1)?;
    let command = command.trim_start();
    let mut words = command.split_ascii_whitespace();
    let program = words.next()?.rsplit('/').next()?;
    let arguments: Vec<&str> = words.collect();
    if arguments.is_empty() || !PROGRAMS.contains(&program) {
        return None;
    }
    // What stands before the prompt's sign is a word or two or a path, not a sentence or a key.
    let (before, sign) = prompt.split_at_checked(at)?;
    let before = before.trim();
    let plain = before.split_ascii_whitespace().count() <= 2
        && !before.contains(['"', '|', '{', '='])
        && !before.starts_with('-');
    // A comment begins like the prompt of root: there, arguments have to look like some.
    let comment = sign != "$" && before.is_empty();
    let telling = arguments.iter().any(|word| word.starts_with(['-', '/']))
        || (arguments.len() <= 2 && arguments.iter().any(|word| word.contains(['.', '-'])));
    (plain && (!comment || telling)).then_some(command)
}

/// The value of an option in a command: `-n x`, `-nx` for short ones, `--namespace=x`.
pub(crate) fn option<'a>(command: &'a str, short: Option<&str>, long: &str) -> Option<&'a str> {
    let mut words = command.split_ascii_whitespace();
    while let Some(word) = words.next() {
        if word == "--" {
            return None;
        }
        if word == long || short == Some(word) {
            return words.next();
        }
        if let Some(value) = word
            .strip_prefix(long)
            .and_then(|rest| rest.strip_prefix('='))
        {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{command_of, option, sections};

    #[test]
    fn a_prompt_with_a_known_program_begins_a_section() {
        assert_eq!(
            command_of("$ host -a example.com\n"),
            Some("host -a example.com")
        );
        assert_eq!(
            command_of("root@node-1:~# cat /etc/resolv.conf"),
            Some("cat /etc/resolv.conf")
        );
        assert_eq!(
            command_of("PS C:\\Users\\me> kubectl get cm"),
            Some("kubectl get cm")
        );
        assert_eq!(
            command_of("# nslookup app.corp.internal"),
            Some("nslookup app.corp.internal")
        );
        assert_eq!(command_of("# cat and dog"), None);
        assert_eq!(
            command_of("# host names of the network corp.internal"),
            None
        );
        assert_eq!(command_of("- $ kubectl get pods"), None);
        assert_eq!(command_of("    forward . /etc/resolv.conf   # Here!"), None);
        assert_eq!(command_of("# nameserver of the host"), None);
    }

    #[test]
    fn lines_count_on_over_sections() {
        let text = "intro\n$ cat a\none\n$ cat b\ntwo\nthree\n";
        let found = sections(text);
        let seen: Vec<_> = found.iter().map(|s| (s.command, s.text, s.line)).collect();
        assert_eq!(
            seen,
            [
                (None, "intro\n", 1),
                (Some("cat a"), "one\n", 3),
                (Some("cat b"), "two\nthree\n", 5)
            ]
        );
    }

    #[test]
    fn options_are_read_in_both_spellings() {
        let command = "kubectl top pods -n kube-system --context=x";
        assert_eq!(
            option(command, Some("-n"), "--namespace"),
            Some("kube-system")
        );
        assert_eq!(option(command, None, "--context"), Some("x"));
        assert_eq!(
            option("kubectl exec a -- x -n y", Some("-n"), "--namespace"),
            None
        );
    }
}
