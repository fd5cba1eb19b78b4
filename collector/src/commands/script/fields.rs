//! Which fields the script reads: the allow-list of `digpod_bundle::k8s`, as kubectl templates.
//!
//! `POINTER = TEXT` and `POINTER : JSON`, a line each; `+ POINTER` begins an element of a list,
//! which `-` names from then on. `digpod-import` reads it back (`crates/import/src/script`).
//! Environment, commands and annotations stand in no template, nor do arguments but those of the
//! DNS containers.

use std::fmt::Write as _;

/// One object or list.
pub(super) struct Fields {
    /// Name of the shell variable.
    pub(super) name: &'static str,
    pub(super) template: String,
}

/// All of them.
pub(super) fn all() -> Vec<Fields> {
    let fields = |name, template| Fields { name, template };
    vec![
        fields("node_list", list(NODE)),
        fields("service", one(SERVICE)),
        fields("slice_list", list(SLICE)),
        fields("dns_pod_list", list(&pod(true))),
        fields("workload", one(&workload())),
        fields("config_map", one(CONFIG_MAP)),
        fields("event_list", list(EVENT)),
        fields("policy_list", list(POLICY)),
        fields("pod_usage_list", list(POD_USAGE)),
        fields("node_usage_list", list(NODE_USAGE)),
        fields("namespace_labels", one("")),
        fields("failing_pod", one(&pod(false))),
    ]
}

const METADATA: &str = "\
@/metadata/name = {.metadata.name}
@/metadata/namespace = {.metadata.namespace}
@/metadata/uid = {.metadata.uid}
@/metadata/creationTimestamp = {.metadata.creationTimestamp}
@/metadata/deletionTimestamp = {.metadata.deletionTimestamp}
@/metadata/generation : {.metadata.generation}
@/metadata/resourceVersion = {.metadata.resourceVersion}
@/metadata/labels : {.metadata.labels}
@/metadata/ownerReferences : {.metadata.ownerReferences}
";

const NODE: &str = "\
@/spec/podCIDR = {.spec.podCIDR}
@/spec/providerID = {.spec.providerID}
@/spec/unschedulable : {.spec.unschedulable}
@/spec/taints : {.spec.taints}
@/status/capacity : {.status.capacity}
@/status/allocatable : {.status.allocatable}
@/status/conditions : {.status.conditions}
@/status/addresses : {.status.addresses}
@/status/nodeInfo : {.status.nodeInfo}
";

const SERVICE: &str = "@/spec : {.spec}
";

const SLICE: &str = "\
@/addressType = {.addressType}
@/endpoints : {.endpoints}
@/ports : {.ports}
";

const CONFIG_MAP: &str = "\
@/data : {.data}
@/binaryData : {.binaryData}
{range .metadata.managedFields[*]}
+ @/metadata/managedFields
@/metadata/managedFields/-/manager = {.manager}
@/metadata/managedFields/-/operation = {.operation}
@/metadata/managedFields/-/time = {.time}
{end}
";

const EVENT: &str = "\
@/involvedObject : {.involvedObject}
@/reason = {.reason}
@/type = {.type}
@/count : {.count}
@/firstTimestamp = {.firstTimestamp}
@/lastTimestamp = {.lastTimestamp}
@/eventTime = {.eventTime}
@/source : {.source}
@/message = {.message}
";

const POLICY: &str = "@/spec : {.spec}
";

const POD_USAGE: &str = "\
@/timestamp = {.timestamp}
@/window = {.window}
@/containers : {.containers}
";

const NODE_USAGE: &str = "\
@/timestamp = {.timestamp}
@/window = {.window}
@/usage : {.usage}
";

/// What a pod should be; `at` is where in the object that stands.
fn spec(at: &str, is_dns: bool) -> String {
    let mut text = format!(
        "@{at}/spec/nodeName = {{{dot}.spec.nodeName}}
@{at}/spec/hostNetwork : {{{dot}.spec.hostNetwork}}
@{at}/spec/dnsPolicy = {{{dot}.spec.dnsPolicy}}
@{at}/spec/dnsConfig : {{{dot}.spec.dnsConfig}}
@{at}/spec/serviceAccountName = {{{dot}.spec.serviceAccountName}}
@{at}/spec/priorityClassName = {{{dot}.spec.priorityClassName}}
@{at}/spec/restartPolicy = {{{dot}.spec.restartPolicy}}
@{at}/spec/hostname = {{{dot}.spec.hostname}}
@{at}/spec/subdomain = {{{dot}.spec.subdomain}}
@{at}/spec/nodeSelector : {{{dot}.spec.nodeSelector}}
@{at}/spec/tolerations : {{{dot}.spec.tolerations}}
{{range {dot}.spec.volumes[*]}}
+ @{at}/spec/volumes
@{at}/spec/volumes/-/name = {{.name}}
@{at}/spec/volumes/-/configMap : {{.configMap}}
{{end}}
",
        dot = at.replace('/', "."),
    );
    for kind in ["initContainers", "containers"] {
        text += &containers(at, kind, is_dns && kind == "containers");
    }
    text
}

fn containers(at: &str, kind: &str, is_dns: bool) -> String {
    let dot = at.replace('/', ".");
    let list = format!("@{at}/spec/{kind}");
    let mut text = format!(
        "{{range {dot}.spec.{kind}[*]}}
+ {list}
{list}/-/name = {{.name}}
{list}/-/image = {{.image}}
{list}/-/ports : {{.ports}}
{list}/-/resources : {{.resources}}
{list}/-/volumeMounts : {{.volumeMounts}}
"
    );
    if is_dns {
        for field in ["args", "livenessProbe", "readinessProbe"] {
            let _ = writeln!(text, "{list}/-/{field} : {{.{field}}}");
        }
    }
    text + "{end}\n"
}

fn pod(is_dns: bool) -> String {
    let mut text = spec("", is_dns);
    text += "\
@/status/phase = {.status.phase}
@/status/reason = {.status.reason}
@/status/podIP = {.status.podIP}
@/status/podIPs : {.status.podIPs}
@/status/hostIP = {.status.hostIP}
@/status/startTime = {.status.startTime}
@/status/qosClass = {.status.qosClass}
@/status/conditions : {.status.conditions}
";
    for kind in ["initContainerStatuses", "containerStatuses"] {
        let list = format!("@/status/{kind}");
        let _ = write!(
            text,
            "{{range .status.{kind}[*]}}
+ {list}
{list}/-/name = {{.name}}
{list}/-/image = {{.image}}
{list}/-/imageID = {{.imageID}}
{list}/-/ready : {{.ready}}
{list}/-/started : {{.started}}
{list}/-/restartCount : {{.restartCount}}
"
        );
        // What a container said when it ended may be anything, so it is read of DNS pods alone.
        for state in ["state", "lastState"] {
            if is_dns {
                let _ = writeln!(text, "{list}/-/{state} : {{.{state}}}");
                continue;
            }
            for (field, sign) in [
                ("waiting/reason", '='),
                ("running/startedAt", '='),
                ("terminated/exitCode", ':'),
                ("terminated/reason", '='),
                ("terminated/startedAt", '='),
                ("terminated/finishedAt", '='),
            ] {
                let path = field.replace('/', ".");
                let _ = writeln!(text, "{list}/-/{state}/{field} {sign} {{.{state}.{path}}}");
            }
        }
        text += "{end}\n";
    }
    text
}

fn workload() -> String {
    let mut text = "\
@/kind = {.kind}
@/spec/replicas : {.spec.replicas}
@/spec/selector : {.spec.selector}
@/status/observedGeneration : {.status.observedGeneration}
@/status/replicas : {.status.replicas}
@/status/readyReplicas : {.status.readyReplicas}
@/status/updatedReplicas : {.status.updatedReplicas}
@/status/unavailableReplicas : {.status.unavailableReplicas}
@/status/desiredNumberScheduled : {.status.desiredNumberScheduled}
@/status/numberReady : {.status.numberReady}
@/spec/template/metadata/labels : {.spec.template.metadata.labels}
"
    .to_owned();
    text += &spec("/spec/template", true);
    text
}

/// A template for one object.
fn one(fields: &str) -> String {
    format!("{METADATA}{fields}").replace('@', "")
}

/// A template for a list of them.
fn list(fields: &str) -> String {
    let item = format!("{METADATA}{fields}").replace('@', "/items/-");
    format!("{{range .items[*]}}\n+ /items\n{item}{{end}}\n")
}
