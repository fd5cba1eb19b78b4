now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# The list of what was asked for and what became of it.
note() { printf '%s\t%s\n' "$1" "$2" >>"$folder/digpod-script.txt"; }

# keep FILE ENTRY FIELDS ARGUMENT...: runs kubectl, keeps its output in FILE, what it complains of
# in FILE.err, and its exit code in the list. It goes on whatever happens.
keep() {
    file=$1 entry=$2 fields=$3
    shift 3
    printf '%s\n' "kubectl $*" >&2
    if [ -n "$fields" ]; then
        kc "$@" -o "jsonpath=$fields" >"$folder/$file" 2>"$folder/$file.err"
    else
        kc "$@" >"$folder/$file" 2>"$folder/$file.err"
    fi
    code=$?
    if [ -s "$folder/$file.err" ]; then
        sed 's/^/    /' "$folder/$file.err" >&2
    else
        rm -f "$folder/$file.err"
    fi
    printf 'item\t%s\t%s\t%s\tkubectl %s\n' "$file" "$entry" "$code" "$*" >>"$folder/digpod-script.txt"
}

# ask ARGUMENT...: a word or two that the script itself needs.
ask() { kc "$@" 2>/dev/null || true; }

if ! command -v kubectl >/dev/null 2>&1; then
    echo "error: kubectl is not installed" >&2
    exit 3
fi
folder=${1:-digpod-script-$(date -u +%Y%m%dT%H%M%SZ)}
if ! mkdir "$folder"; then
    echo "error: $folder cannot be made; name another folder" >&2
    exit 3
fi
printf 'digpod-script 1\n' >"$folder/digpod-script.txt"
note started "$(now)"

context=$(ask config view --minify -o 'jsonpath={.current-context}')
[ -n "$namespace" ] || namespace=$(ask config view --minify -o 'jsonpath={.contexts[0].context.namespace}')
[ -n "$namespace" ] || namespace=default
if [ -z "$pod" ] && [ -n "$pod_selector" ]; then
    pod=$(ask get pods -n "$namespace" -l "$pod_selector" --field-selector status.phase=Running -o 'jsonpath={.items[0].metadata.name}')
fi
printf 'context %s, namespace %s\n' "$context" "$namespace" >&2
note context "$context"
note namespace "$namespace"
note pod "$pod"
note symptom "$symptom"
note ticket "$ticket"
for name in $names; do note name "$name"; done

keep version.json cluster/version.json '' get --raw /version
keep nodes.txt cluster/nodes.json "$node_list" get nodes
keep node-usage.txt cluster/node-metrics.json "$node_usage_list" get nodes.metrics.k8s.io

# Where distributions keep their DNS: NAMESPACE/SERVICE/CONFIGMAP. The Service tells its pods.
dns=kube-system dns_service=kube-dns corefile=coredns selector=k8s-app=kube-dns
for place in kube-system/kube-dns/coredns openshift-dns/dns-default/dns-default \
    kube-system/rke2-coredns-rke2-coredns/rke2-coredns-rke2-coredns kube-system/coredns/coredns; do
    map=${place##*/} where=${place%/*}
    found=$(ask get service "${where#*/}" -n "${where%/*}" -o 'go-template={{range $key, $value := .spec.selector}}{{$key}}={{$value}},{{end}}')
    [ -n "$found" ] || continue
    dns=${where%/*} dns_service=${where#*/} corefile=$map selector=${found%,}
    break
done
keep dns-service.txt dns/service.json "$service" get service "$dns_service" -n "$dns"
keep dns-slices.txt dns/endpointslices.json "$slice_list" get endpointslices -n "$dns" -l "kubernetes.io/service-name=$dns_service"
keep dns-pods.txt dns/pods.json "$dns_pod_list" get pods -n "$dns" -l "$selector"
keep dns-usage.txt dns/pod-metrics.json "$pod_usage_list" get pods.metrics.k8s.io -n "$dns" -l "$selector"
keep dns-policies.txt dns/networkpolicies.json "$policy_list" get networkpolicies -n "$dns"
keep configmap-coredns.txt dns/configmaps/coredns.json "$config_map" get configmap "$corefile" -n "$dns"
for map in coredns-custom kube-dns node-local-dns coredns-autoscaler; do
    keep "configmap-$map.txt" "dns/configmaps/$map.json" "$config_map" get configmap "$map" -n "$dns"
done

owner=$(ask get pods -n "$dns" -l "$selector" -o 'jsonpath={.items[0].metadata.ownerReferences[0].kind}/{.items[0].metadata.ownerReferences[0].name}')
case $owner in
ReplicaSet/*)
    owner=${owner#*/}
    owner=deployment/${owner%-*}
    ;;
esac
case $owner in
?*/?*) keep dns-workload.txt dns/workload.json "$workload" get "$owner" -n "$dns" ;;
esac

for dns_pod in $(ask get pods -n "$dns" -l "$selector" -o 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}'); do
    keep "dns-events-$dns_pod.txt" dns/events.json "$event_list" get events -n "$dns" --field-selector "involvedObject.name=$dns_pod"
    for container in $(ask get pod "$dns_pod" -n "$dns" -o 'jsonpath={.spec.containers[*].name}'); do
        # shellcheck disable=SC2086 # nothing, or one flag
        keep "log-$dns_pod.$container.current.log" "dns/logs/$dns_pod/$container/current-000.log" '' \
            logs "$dns_pod" -n "$dns" -c "$container" --timestamps --tail=50000 --limit-bytes=33554432 $since
        restarts=$(ask get pod "$dns_pod" -n "$dns" -o "jsonpath={.status.containerStatuses[?(@.name==\"$container\")].restartCount}")
        [ "${restarts:-0}" = 0 ] || keep "log-$dns_pod.$container.previous.log" "dns/logs/$dns_pod/$container/previous-000.log" '' \
            logs "$dns_pod" -n "$dns" -c "$container" --timestamps --tail=50000 --limit-bytes=33554432 --previous
    done
done

keep namespace.txt workload/namespace.json "$namespace_labels" get namespace "$namespace"
keep policies.txt workload/networkpolicies.json "$policy_list" get networkpolicies -n "$namespace"

# The Services that the names mean, of those that are names of the cluster.
for name in $names; do
    name=$(printf '%s' "${name%%=*}" | tr '[:upper:]' '[:lower:]')
    case $name in
    *.svc.?*) meant=${name%%.svc.*} ;;
    *.svc) meant=${name%.svc} ;;
    *.*) continue ;;
    *) meant=$name.$namespace ;;
    esac
    # One label alone is no Service and its namespace.
    case $meant in
    ?*.?*) ;;
    *) continue ;;
    esac
    where=${meant##*.} meant=${meant%.*}
    named=${meant##*.}
    [ ! -e "$folder/service-$where-$named.txt" ] || continue
    keep "service-$where-$named.txt" "workload/services/$where/$named/service.json" "$service" get service "$named" -n "$where"
    keep "slices-$where-$named.txt" "workload/services/$where/$named/endpointslices.json" "$slice_list" \
        get endpointslices -n "$where" -l "kubernetes.io/service-name=$named"
done
[ -z "$pod" ] || keep pod.txt workload/pod.json "$failing_pod" get pod "$pod" -n "$namespace"

# Asking DNS itself runs a command in a pod, so it is left out. To have it, take the # away:
# it reads the failing pod's resolv.conf and asks for each name once, where its image has nslookup.
#
# [ -z "$pod" ] || keep pod-resolv.conf workload/resolv.conf '' exec "$pod" -n "$namespace" -- cat /etc/resolv.conf
# for name in $names; do
#     [ -z "$pod" ] || keep "nslookup-${name%%=*}.txt" "outputs/nslookup-${name%%=*}.txt" '' exec "$pod" -n "$namespace" -- nslookup "${name%%=*}"
# done

note finished "$(now)"
if ! grep '^item' "$folder/digpod-script.txt" | cut -f 4 | grep -qx 0; then
    printf '\nerror: not one call was answered; what kubectl said is in %s\n' "$folder" >&2
    exit 3
fi
printf '\nCorefiles and logs are in it as the cluster has them: look for secrets before you send it.\n'
printf 'Written: %s\nThe cause:     digpod analyze %s\nFor a ticket:  tar czf %s.tgz %s\n' "$folder" "$folder" "$folder" "$folder"
