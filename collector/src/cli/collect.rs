//! `digpod collect`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::connection::{Connection, seconds, whole_seconds};
use super::size::size;
use super::{FailOn, Format};
use crate::gather::WhichNodes;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(crate) struct Collect {
    /// Names that fail, each with the address it should have if you know it: `NAME[=ADDRESS]`. A
    /// name with a dot at its end is asked as it stands, without the search list.
    #[arg(value_name = "NAME[=EXPECTED]")]
    pub(crate) names: Vec<String>,
    /// Namespace of the failing pod.
    #[arg(short, long)]
    pub(crate) namespace: Option<String>,
    /// The failing pod.
    #[arg(long, conflicts_with = "selector")]
    pub(crate) pod: Option<String>,
    /// Labels of the failing pods; the first running one is taken.
    #[arg(short = 'l', long)]
    pub(crate) selector: Option<String>,
    /// A pod that resolves what the failing one does not, to compare them; in the failing pod's
    /// namespace if no other is named. A probe asks the same from its place. Needs --pod or -l.
    #[arg(long, value_name = "[NAMESPACE/]NAME", conflicts_with = "script")]
    pub(crate) working_pod: Option<String>,
    /// Logs no older than this, like 30m.
    #[arg(long, value_parser = seconds)]
    pub(crate) since: Option<u64>,
    /// The complaint in your own words.
    #[arg(long)]
    pub(crate) symptom: Option<String>,
    /// Number of the support ticket.
    #[arg(long)]
    pub(crate) ticket: Option<String>,
    /// Create nothing in the cluster: read only.
    #[arg(long)]
    pub(crate) no_probe: bool,
    /// Read the kubelets' own settings too; needs `get nodes/proxy`, which allows far more than that.
    #[arg(long)]
    pub(crate) kubelet_config: bool,
    /// Before anything else ask the names from the pod's place once a second, whole and without the
    /// search list, until one try fails (or gives another address than NAME=ADDRESS) or this time is
    /// over, like 10m; then run at once. For names that fail now and then. Answers that a cache repeats
    /// say nothing new of the servers behind it: wait for some of the name's TTLs.
    #[arg(long, value_name = "TIME", value_parser = whole_seconds, conflicts_with_all = ["no_probe", "script"])]
    pub(crate) until_failure: Option<u64>,
    /// Ask each question once: in seconds, and too few tries for the checks of what fails now and
    /// then, which need ten.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Create nothing: show each object, each query and each call that a run would make.
    #[arg(long, conflicts_with = "script")]
    pub(crate) dry_run: bool,
    /// Image of the probe.
    #[arg(long, default_value = concat!("localhost/digpod-probe:", env!("CARGO_PKG_VERSION")))]
    pub(crate) probe_image: String,
    /// The probe's program, for nodes that cannot pull its image: it is sent by exec into an image
    /// that is there. Needed where this digpod was built without it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["no_probe", "script"])]
    pub(crate) probe_binary: Option<PathBuf>,
    /// Name of the Secret with which the probe's image is pulled, in the probes' namespaces.
    #[arg(long, value_name = "SECRET")]
    pub(crate) pull_secret: Option<String>,
    /// Namespace without policies for the control probe; one of our own by default.
    #[arg(long)]
    pub(crate) probe_namespace: Option<String>,
    /// Run `cat` in the failing pod to read its own resolv.conf, and which resolver it has (glibc,
    /// musl, Go).
    #[arg(long)]
    pub(crate) exec: bool,
    /// Look for --pod or -l in all namespaces.
    #[arg(short = 'A', long, conflicts_with_all = ["namespace", "script"])]
    pub(crate) all_namespaces: bool,
    /// Ask nothing: print a shell script of kubectl commands that writes a folder for
    /// `digpod analyze`.
    #[arg(long)]
    pub(crate) script: bool,
    /// Ask the questions of an earlier bundle again, to confirm a fix: its names, its pod or one
    /// like it, as often as then.
    #[arg(long, value_name = "BUNDLE", conflicts_with = "script")]
    pub(crate) like: Option<PathBuf>,
    /// What probes may use of nodes.
    #[arg(long, value_enum, default_value_t = NodeAccess::Auto)]
    pub(crate) node_access: NodeAccess,
    /// A public name that every upstream should know.
    #[arg(long, default_value = "example.com")]
    pub(crate) public_name: String,
    /// How long the whole run may take; --until-failure's time comes before.
    #[arg(long, default_value = "120s", value_parser = seconds)]
    pub(crate) timeout: u64,
    /// How large the bundle's file may be, like 25MB or 10MiB; what tells least is left out first.
    #[arg(long, default_value = "25MB", value_parser = size)]
    pub(crate) max_size: u64,
    /// Nodes to read: a number in all, those of CoreDNS and of the failing pod and a sample of each
    /// pool; or names, with commas between, to be read beside those two.
    #[arg(long, default_value = "500", value_name = "N|NAME,…")]
    pub(crate) nodes: WhichNodes,
    /// Zip file to write; digpod-<context>-<time>.zip by default.
    #[arg(short = 'o', long = "output-file", visible_alias = "output")]
    pub(crate) output: Option<PathBuf>,
    /// How to print the diagnosis.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// Exit with 1 if a finding is at least this severe.
    #[arg(long, value_enum)]
    pub(crate) fail_on: Option<FailOn>,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// What probes may use of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NodeAccess {
    /// Nothing: whether the node itself resolves stays unknown.
    None,
    /// Their network, where rights and admission allow it.
    Auto,
    /// Their network, and read-only mounts of resolv.conf, DHCP leases, what the container runtime
    /// gave to CoreDNS, and AKS LocalDNS's files; as user 0 where CRI-O keeps them for root alone.
    Files,
}
