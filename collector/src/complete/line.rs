//! What a half typed command line wants next.

use clap::{Arg, ArgAction, Command, CommandFactory as _, ValueHint};

use crate::cli::{Cli, Connection};

/// What kind of word fits.
pub(super) enum Wanted {
    /// One of these, with what each means.
    Words(Vec<(String, String)>),
    Files,
    Nothing,
    Rules,
    Contexts,
    Clusters,
    Users,
    Namespaces,
    Pods,
}

/// A half typed command line.
pub(super) struct Line {
    pub(super) wanted: Wanted,
    /// What is typed of the word.
    pub(super) begun: String,
    /// What stands before it in the same word: `--namespace=`.
    pub(super) before: String,
    /// The connection, as far as it is typed.
    pub(super) flags: Connection,
    /// `-n` as typed.
    pub(super) namespace: Option<String>,
}

/// Reads the words after the program's name; the last is the one to complete.
pub(super) fn read(words: &[String]) -> Line {
    let mut command = Cli::command();
    command.build();
    let (current, typed) = words
        .split_last()
        .map_or(("", words), |(last, rest)| (last.as_str(), rest));
    let mut line = Line {
        wanted: Wanted::Nothing,
        begun: current.to_owned(),
        before: String::new(),
        flags: Connection::default(),
        namespace: None,
    };
    let mut at = &command;
    let mut waiting: Option<&Arg> = None;
    let mut positional = 0;
    let mut only_positional = false;
    for word in typed {
        if let Some(arg) = waiting.take() {
            line.note(arg, word);
        } else if word == "--" {
            only_positional = true;
        } else if let Some((arg, value)) = option(at, word).filter(|_| !only_positional) {
            match value {
                Some(value) => line.note(arg, value),
                None if takes_value(arg) => waiting = Some(arg),
                None => {}
            }
        } else if let Some(next) = at.find_subcommand(word) {
            at = next;
        } else {
            positional += 1;
        }
    }
    if let Some(arg) = waiting {
        line.wanted = value_of(arg, at);
    } else if current.starts_with('-') && !only_positional {
        match current.split_once('=') {
            Some((name, begun)) => {
                if let Some((arg, _)) = option(at, name) {
                    line.wanted = value_of(arg, at);
                    line.before = format!("{name}=");
                    begun.clone_into(&mut line.begun);
                }
            }
            None => line.wanted = Wanted::Words(options(at)),
        }
    } else if at.has_subcommands() {
        line.wanted = Wanted::Words(subcommands(at));
    } else {
        let mut all = at.get_positionals();
        let arg = all.nth(positional).or_else(|| at.get_positionals().last());
        line.wanted = arg.map_or(Wanted::Nothing, |arg| value_of(arg, at));
    }
    line
}

impl Line {
    fn note(&mut self, arg: &Arg, value: &str) {
        let text = Some(value.to_owned());
        match arg.get_id().as_str() {
            "namespace" => self.namespace = text,
            "kubeconfig" => self.flags.kubeconfig = text.map(Into::into),
            "context" => self.flags.context = text,
            "cluster" => self.flags.cluster = text,
            "user" => self.flags.user = text,
            "server" => self.flags.server = text,
            "token" => self.flags.token = text,
            "as_user" => self.flags.as_user = text,
            "as_uid" => self.flags.as_uid = text,
            "as_group" => self.flags.as_group.extend(text),
            "certificate_authority" => self.flags.certificate_authority = text.map(Into::into),
            "client_certificate" => self.flags.client_certificate = text.map(Into::into),
            "client_key" => self.flags.client_key = text.map(Into::into),
            "tls_server_name" => self.flags.tls_server_name = text,
            "proxy_url" => self.flags.proxy_url = text,
            _ => {}
        }
    }
}

/// The option that a word is, and the value in the same word: `--pod=x`, `-nx`.
fn option<'a, 'w>(command: &'a Command, word: &'w str) -> Option<(&'a Arg, Option<&'w str>)> {
    let find = |fits: &dyn Fn(&Arg) -> bool| command.get_arguments().find(|arg| fits(arg));
    if let Some(long) = word.strip_prefix("--") {
        let (name, value) = match long.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (long, None),
        };
        let arg = find(&|arg| {
            arg.get_long() == Some(name)
                || arg.get_all_aliases().is_some_and(|all| all.contains(&name))
        })?;
        return Some((arg, value));
    }
    let mut letters = word.strip_prefix('-')?.chars();
    let letter = letters.next()?;
    let arg = find(&|arg| arg.get_short() == Some(letter))?;
    let rest = letters.as_str();
    let value =
        (!rest.is_empty() && takes_value(arg)).then(|| rest.strip_prefix('=').unwrap_or(rest));
    Some((arg, value))
}

fn takes_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
}

fn value_of(arg: &Arg, command: &Command) -> Wanted {
    let values: Vec<(String, String)> = arg
        .get_possible_values()
        .iter()
        .filter(|it| !it.is_hide_set())
        .map(|it| {
            let about = it.get_help().map(ToString::to_string);
            (it.get_name().to_owned(), about.unwrap_or_default())
        })
        .collect();
    if !values.is_empty() {
        return Wanted::Words(values);
    }
    match arg.get_id().as_str() {
        // In `netpol` and others it is no namespace of a cluster.
        "namespace" | "probe_namespace" if of_cluster(command) => Wanted::Namespaces,
        "pod" | "working_pod" => Wanted::Pods,
        "context" => Wanted::Contexts,
        "cluster" => Wanted::Clusters,
        "user" => Wanted::Users,
        "rule" => Wanted::Rules,
        _ => match arg.get_value_hint() {
            ValueHint::AnyPath | ValueHint::FilePath => Wanted::Files,
            _ => Wanted::Nothing,
        },
    }
}

fn of_cluster(command: &Command) -> bool {
    command
        .get_arguments()
        .any(|arg| arg.get_id() == "kubeconfig")
}

fn options(command: &Command) -> Vec<(String, String)> {
    command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set())
        .filter_map(|arg| {
            let about = arg.get_help().map(ToString::to_string);
            Some((format!("--{}", arg.get_long()?), about.unwrap_or_default()))
        })
        .collect()
}

fn subcommands(command: &Command) -> Vec<(String, String)> {
    command
        .get_subcommands()
        .filter(|it| !it.is_hide_set())
        .map(|it| {
            let about = it.get_about().map(ToString::to_string);
            (it.get_name().to_owned(), about.unwrap_or_default())
        })
        .collect()
}
