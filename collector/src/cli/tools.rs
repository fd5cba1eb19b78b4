//! The engine's parts at a user's hand: Corefile, search lists, policies.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum Corefile {
    /// Shows what CoreDNS makes of it: server blocks, plugins in the order in which they run, and
    /// with --ask what happens to a name, step by step.
    Show(CorefileShow),
    /// Shows what CoreDNS would refuse or take otherwise than it looks, drawn under the line.
    ///
    /// Ends with 1 if CoreDNS would refuse the configuration.
    Lint(CorefileLint),
    /// Prints it in canonical form: the same words, one indent, one blank line between blocks.
    Fmt(CorefileFmt),
}

/// Where a Corefile comes from.
#[derive(Debug, Args)]
pub(crate) struct CorefileInput {
    /// A Corefile and the files that it imports, a folder as CoreDNS mounts it, ConfigMaps as
    /// `kubectl get configmap -o yaml` prints them, a bundle; standard input if nothing is given.
    pub(crate) inputs: Vec<PathBuf>,
    /// Version of CoreDNS; from the bundle, or the newest that digpod knows.
    #[arg(long, value_name = "VERSION")]
    pub(crate) coredns: Option<String>,
    /// The ConfigMap whose Corefile is read, if there are several; also `NAMESPACE/NAME`.
    #[arg(long, value_name = "NAME")]
    pub(crate) configmap: Option<String>,
    /// A variable of CoreDNS's environment, for `{$NAME}`.
    #[arg(long = "env", value_name = "NAME=VALUE")]
    pub(crate) environment: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CorefileShow {
    #[command(flatten)]
    pub(crate) input: CorefileInput,
    /// Tell what happens to this name, step by step; with a type, like `app.corp.internal/AAAA`.
    #[arg(long, value_name = "NAME[/TYPE]")]
    pub(crate) ask: Vec<String>,
    /// The address of the client that asks, for `acl`.
    #[arg(long, value_name = "IP", requires = "ask")]
    pub(crate) client: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CorefileLint {
    #[command(flatten)]
    pub(crate) input: CorefileInput,
}

#[derive(Debug, Args)]
pub(crate) struct CorefileFmt {
    /// Files; standard input if nothing is given.
    pub(crate) inputs: Vec<PathBuf>,
    /// Change the files instead of printing.
    #[arg(short, long, conflicts_with = "check")]
    pub(crate) write: bool,
    /// Only look; ends with 1 if something would change.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Resolve {
    /// Name as the program uses it. Names in `/etc/hosts`, `localhost` for one, are found there
    /// before any server is asked; that file is not read here.
    pub(crate) name: String,
    /// The resolv.conf, or `-` for standard input.
    #[arg(long, value_name = "FILE", default_value = "/etc/resolv.conf")]
    pub(crate) resolv_conf: PathBuf,
    /// Resolver that asks, with its version if it matters: `glibc`, `musl-1.2.3`, `go`. All three
    /// by default.
    #[arg(long, value_name = "RESOLVER")]
    pub(crate) libc: Vec<String>,
    /// Addresses that the program wants.
    #[arg(long, value_enum, default_value_t = Family::Any)]
    pub(crate) family: Family,
    /// What servers answer, to see where the walk ends:
    /// `[SERVER/]NAME[/TYPE]=ADDRESS|NXDOMAIN|NODATA|SERVFAIL|REFUSED|timeout|closed`; `*` is any
    /// name. What is not given is NXDOMAIN.
    ///
    /// Of several that fit a question, one with SERVER counts before one without, then one with
    /// NAME before one with `*`, then one with TYPE before one without; of equal ones the last.
    #[arg(long, value_name = "ANSWER")]
    pub(crate) given: Vec<String>,
    /// The host's name, whose domain is searched where the file names none.
    #[arg(long, value_name = "NAME")]
    pub(crate) hostname: Option<String>,
}

/// Addresses that a program wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Family {
    /// IPv4 and IPv6.
    Any,
    /// IPv4 alone.
    Ipv4,
    /// IPv6 alone.
    Ipv6,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Netpol {
    /// Whether the policies let a pod reach another pod or an address, and which rule says so.
    ///
    /// Ends with 1 if something is denied.
    CanReach(CanReach),
}

#[derive(Debug, Args)]
pub(crate) struct CanReach {
    /// Who asks: `NAMESPACE/POD`, `NAMESPACE/key=value[,key=value][@ADDRESS]` for a pod with these
    /// labels, an address, or `all` pods of the files in groups.
    pub(crate) from: String,
    /// Who is asked: a pod or an address as in FROM, `NAMESPACE/SERVICE` or a Service's address,
    /// or `dns` for the cluster's DNS in the files.
    #[arg(default_value = "dns")]
    pub(crate) to: String,
    /// Policies, namespaces, pods and Services, as
    /// `kubectl get networkpolicies,namespaces,pods,services -A -o yaml` prints them, or a bundle;
    /// `-` for standard input. With `daemonsets`, the network plugin is recognised.
    #[arg(short = 'f', long = "file", value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Namespace of objects in the files that name none, as with `kubectl apply -n`.
    #[arg(short, long, value_name = "NAMESPACE")]
    pub(crate) namespace: Option<String>,
    /// Port of the pod that listens; of the Service, where one is asked.
    #[arg(short, long, default_value_t = 53, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: u16,
    /// UDP, TCP or SCTP; UDP and TCP by default.
    #[arg(long)]
    pub(crate) protocol: Vec<String>,
}
