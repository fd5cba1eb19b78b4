//! The command line as it is typed.

mod collect;
mod connection;
mod rbac;
mod size;
mod tools;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::complete::Shell;

pub(crate) use collect::{Collect, NodeAccess};
pub(crate) use connection::Connection;
pub(crate) use rbac::Rbac;
pub(crate) use tools::{
    CanReach, Corefile, CorefileFmt, CorefileInput, CorefileShow, Family, Netpol, Resolve,
};

/// Finds out why pods cannot resolve names.
///
/// Collects what bears on it, asks DNS itself from the pod and from the node, names one cause
/// with evidence and fix, and leaves one file for a support ticket.
#[derive(Debug, Parser)]
#[command(name = "digpod", version, after_help = crate::exit::TABLE, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Whether to colour the output.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// No progress.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Gathers and probes, names the cause, writes one bundle.
    Collect(Box<Collect>),
    /// Names the cause from a bundle, a folder, standard input or the loose files of a ticket.
    Analyze(Analyze),
    /// Writes one HTML file that shows a bundle, offline, in any browser.
    Report(Report),
    /// Looks into bundles and converts them.
    #[command(subcommand)]
    Bundle(Bundle),
    /// Reads Corefiles as CoreDNS does.
    #[command(subcommand)]
    Corefile(Corefile),
    /// Tells which questions a program's resolver asks for a name, in order, and the worst wait.
    Resolve(Resolve),
    /// Reads `NetworkPolicy` objects as the API defines them.
    #[command(subcommand)]
    Netpol(Netpol),
    /// Tells what a rule looks at, why it matters and how to fix it.
    Explain {
        /// Id of the rule, like upstreams/upstreams-disagree.
        rule: String,
    },
    /// Lists all rules.
    Rules,
    /// Prints the JSON Schema of the report.
    Schema,
    /// Prints the least role that `collect` needs with the same flags, for `kubectl apply -f -`.
    Rbac(Box<Rbac>),
    /// Removes whatever an interrupted run left in the cluster.
    Cleanup(Box<Cleanup>),
    /// Prints a script that completes commands, flags, namespaces and pods in a shell.
    ///
    /// bash: `source <(digpod completion bash)`. `kubectl digpod` is completed by kubectl's own
    /// script where a link `kubectl_complete-digpod` leads to this program.
    Completion {
        /// The shell.
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Tells what may come next; the last word is the one to complete.
    #[command(name = "__complete", hide = true)]
    Complete {
        #[arg(last = true)]
        words: Vec<OsString>,
    },
    /// Prints the version.
    Version,
}

impl Cli {
    /// Reads the command line; usage and help call the program as its user does.
    pub(crate) fn parse_as(name: &'static str) -> Result<Self, clap::Error> {
        let width = crate::output::width();
        let mut command = Self::command().bin_name(name).term_width(width);
        let matches = command.try_get_matches_from_mut(std::env::args_os())?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

/// How a diagnosis is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For the person on call.
    Human,
    /// For programs; see `digpod schema`.
    Json,
    /// For a ticket.
    Markdown,
}

/// Severity at which a run counts as failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum FailOn {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Debug, Args)]
pub(crate) struct Analyze {
    /// A bundle (zip, JSON document, folder), `-` for standard input, or loose files: a Corefile,
    /// output of kubectl get/describe/logs/top, resolv.conf, output of dig, host or nslookup.
    #[arg(required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// How to print the diagnosis.
    #[arg(short, long, value_enum, default_value_t = Format::Human)]
    pub(crate) output: Format,
    /// Exit with 1 if a finding is at least this severe.
    #[arg(long, value_enum)]
    pub(crate) fail_on: Option<FailOn>,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The bundle.
    pub(crate) bundle: PathBuf,
    /// File to write; beside the bundle by default.
    #[arg(short, long)]
    pub(crate) output: Option<PathBuf>,
    /// Open it in the browser.
    #[arg(long)]
    pub(crate) open: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Bundle {
    /// What a bundle is, and what is missing in it.
    Info {
        /// The bundle.
        bundle: PathBuf,
    },
    /// Checks every entry against its digest.
    Verify {
        /// The bundle.
        bundle: PathBuf,
    },
    /// Lists the entries.
    Ls {
        /// The bundle.
        bundle: PathBuf,
    },
    /// Prints an entry.
    Cat {
        /// The bundle.
        bundle: PathBuf,
        /// Name of the entry.
        entry: String,
    },
    /// Writes a bundle in another of its three forms.
    Convert {
        /// The bundle.
        bundle: PathBuf,
        /// The form.
        #[arg(long, value_enum)]
        to: Form,
        /// File or folder to write; `-` prints a JSON document.
        #[arg(short, long)]
        output: PathBuf,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// ZIP archive.
    Zip,
    /// Folder.
    Folder,
    /// One JSON document.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Cleanup {
    /// Look for pods in this namespace alone; needs no permission for the whole cluster.
    #[arg(short, long)]
    pub(crate) namespace: Option<String>,
    /// Look in all namespaces, or fail; without it, those that may be looked at.
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub(crate) all_namespaces: bool,
    /// Also what belongs to a run that may still be going on.
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}
