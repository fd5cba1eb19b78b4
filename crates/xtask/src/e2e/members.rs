//! Members as trees of processes in namespaces of their own; the end of the first process ends all.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::network::{self, namespace};
use super::places::{CLUSTER_DNS, Kind, Member, PODS, Places, SERVICES, named};
use super::{output, quietly};

/// Name of our folder in each hierarchy of control groups.
const GROUP: &str = "digpod-e2e";
/// Longer than the kernel needs to end a node.
const PATIENCE: Duration = Duration::from_secs(20);
/// Moves the shell that becomes the member into its control groups.
const JOIN: &str =
    r#"for group in $GROUPS_TO_JOIN; do echo $$ >"$group/cgroup.procs" || exit; done; exec "$@""#;

/// Starts a member; it lives on when this program ends.
pub(super) fn start(places: &Places, member: &Member) -> Result<()> {
    let own = places.of(member.name);
    std::fs::create_dir_all(&own).with_context(|| format!("cannot make {}", own.display()))?;
    let log = File::create(own.join("start.log")).context("cannot write start.log")?;
    let mut command = Command::new("sh");
    let mut unshared = vec!["--mount", "--pid", "--uts", "--ipc"];
    if let Kind::Node { pods } = member.kind {
        configure(places, member, pods)?;
        let groups = groups(member)?;
        let names: Vec<&str> = groups.iter().map(|(name, _)| name.as_str()).collect();
        let folders: Vec<String> = groups
            .iter()
            .map(|(_, folder)| folder.display().to_string())
            .collect();
        command
            .env("CONTROLLERS", names.join(" "))
            .env("GROUPS_TO_JOIN", folders.join(" "));
        unshared.push("--cgroup");
    }
    command
        .args(["-c", JOIN, "sh", "setsid", "nsenter"])
        .arg(format!("--net=/run/netns/{}", namespace(member)))
        .arg("unshare")
        .args(unshared)
        .args(["--fork", "--kill-child", "--mount-proc", "sh"])
        .arg(places.material.join(member.kind.folder()).join("start.sh"))
        .env("E2E", &places.material)
        .env("STATE", &places.state)
        .env("PROGRAMS", places.state.join("programs"))
        .env("IMAGES", places.state.join("images"))
        .env("PATH", path())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    for (name, value) in variables(places, member) {
        command.env(name, value);
    }
    command
        .spawn()
        .with_context(|| format!("cannot start {}", member.name))?;
    Ok(())
}

/// A command on a running member, but for its program and arguments.
pub(super) fn on(places: &Places, name: &str) -> Result<Command> {
    let member = named(name)?;
    let Some(first) = first_process(member)? else {
        bail!("{name} is not running; start the cluster with `cargo xtask e2e up`");
    };
    let mut command = Command::new("nsenter");
    command.args(["--target", &first.to_string()]).args([
        "--mount", "--net", "--pid", "--uts", "--ipc", "--cgroup", "--",
    ]);
    command.env("PATH", path());
    command.env("KUBECONFIG", places.kubeconfig());
    Ok(command)
}

/// Ends every process of every member, and waits until none is left.
pub(super) fn stop_all(members: &[Member]) -> Result<()> {
    let begin = Instant::now();
    loop {
        let mut processes = Vec::new();
        for member in members.iter().filter(|member| network::exists(member)) {
            processes.extend(processes_of(member)?);
        }
        if processes.is_empty() {
            return remove_groups();
        }
        if begin.elapsed() > PATIENCE {
            bail!("processes {processes:?} do not end");
        }
        let ids = processes.iter().map(u32::to_string);
        // One that ended meanwhile makes `kill` complain.
        let _ = output(Command::new("kill").arg("-KILL").args(ids))?;
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Ids of the processes in a member's network namespace: the first of its tree is among them.
fn processes_of(member: &Member) -> Result<Vec<u32>> {
    let (_, text) = output(Command::new("ip").args(["netns", "pids", &namespace(member)]))?;
    Ok(text
        .lines()
        .filter_map(|line| line.trim().parse().ok())
        .collect())
}

/// PID 1 of the member, by its id out here.
fn first_process(member: &Member) -> Result<Option<u32>> {
    if !network::exists(member) {
        return Ok(None);
    }
    let is_first = |id: &u32| {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let ids = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
        // A pod's first process is one in a namespace further down.
        ids.is_some_and(|ids| {
            let mut ids = ids.split_whitespace().skip(1);
            ids.next() == Some("1") && ids.next().is_none()
        })
    };
    Ok(processes_of(member)?.into_iter().find(is_first))
}

fn variables(places: &Places, member: &Member) -> Vec<(&'static str, String)> {
    let address = |name| named(name).map_or("", |member| member.address).to_owned();
    let pods = match member.kind {
        Kind::Node { pods } => pods,
        _ => "",
    };
    vec![
        ("STATE", places.state.display().to_string()),
        ("MEMBER", member.name.to_owned()),
        ("NODE_ADDRESS", member.address.to_owned()),
        ("NODE_POD_CIDR", pods.to_owned()),
        ("POD_CIDR", PODS.to_owned()),
        ("SERVICE_CIDR", SERVICES.to_owned()),
        ("CLUSTER_DNS", CLUSTER_DNS.to_owned()),
        ("CONTROL_ADDRESS", address("control")),
        ("CUSTOM_DNS", address("custom")),
        ("PUBLIC_DNS", address("public")),
    ]
}

/// Writes a node's configuration: the files of tests/e2e/node with their variables filled in.
fn configure(places: &Places, member: &Member, _pods: &str) -> Result<()> {
    let config = places.of(member.name).join("config");
    std::fs::create_dir_all(&config)?;
    for name in [
        "containerd.toml",
        "kube-proxy.yaml",
        "kubelet.yaml",
        "pods.conflist",
        "resolv.conf",
    ] {
        let from = places.material.join("node").join(name);
        let mut text = std::fs::read_to_string(&from)
            .with_context(|| format!("cannot read {}", from.display()))?;
        for (variable, value) in variables(places, member) {
            text = text.replace(&format!("${{{variable}}}"), &value);
        }
        std::fs::write(config.join(name), text)?;
    }
    Ok(())
}

/// Makes a control group for a member in every hierarchy of cgroup v1, below our own group.
fn groups(member: &Member) -> Result<Vec<(String, PathBuf)>> {
    let own =
        std::fs::read_to_string("/proc/self/cgroup").context("cannot read our own cgroups")?;
    let mut groups = Vec::new();
    for line in own.lines() {
        // hierarchy:controllers:path
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else {
            continue;
        };
        let name = controllers.trim_start_matches("name=");
        let hierarchy = Path::new("/sys/fs/cgroup").join(name);
        if name.is_empty() || !hierarchy.is_dir() {
            continue;
        }
        let ours = hierarchy.join(path.trim_start_matches('/')).join(GROUP);
        let folder = ours.join(member.name);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        if name == "cpuset" {
            // A new group may use no processor and no memory until it is told which.
            for file in ["cpuset.cpus", "cpuset.mems"] {
                let above = hierarchy.join(path.trim_start_matches('/')).join(file);
                let value = std::fs::read_to_string(above)?;
                std::fs::write(ours.join(file), &value)?;
                std::fs::write(folder.join(file), &value)?;
            }
        }
        groups.push((name.to_owned(), folder));
    }
    Ok(groups)
}

/// Removes the control groups, deepest first.
fn remove_groups() -> Result<()> {
    let named = ["-type", "d", "-name", GROUP, "-prune"];
    let (_, found) = output(Command::new("find").arg("/sys/fs/cgroup").args(named))?;
    for group in found.lines().filter(|line| line.starts_with('/')) {
        let empty_all = ["-depth", "-type", "d", "-exec", "rmdir", "{}", ";"];
        quietly(Command::new("find").arg(group).args(empty_all))?;
    }
    Ok(())
}

/// Debian keeps runc, iptables and ipset where users do not look.
fn path() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{path}:/usr/local/sbin:/usr/sbin:/sbin")
}
