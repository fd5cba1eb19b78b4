#!/bin/sh
# What the AKS article "Troubleshoot DNS resolution failures from inside the pod but not from the worker node" has
# a person type, one command after another, each question once; with the waiting that kubectl does, and no thinking.
# usage: article.sh NAMESPACE POD NAME IMAGE FOLDER
set -eu
namespace=$1 pod=$2 name=$3 image=$4 folder=$5
mkdir -p "$folder"
cd "$folder"
# A step that fails is a step that was tried.
step() {
    file=$1
    shift
    "$@" >"$file" 2>&1 </dev/null || echo "exit code $?" >>"$file"
}
dns="-n kube-system -l k8s-app=kube-dns"

# CoreDNS: does it run, where, is it overused, what does it log?
# shellcheck disable=SC2086 # the options are several words
{
    step 01-pods kubectl get pods $dns -o wide
    step 02-top-pods kubectl top pods $dns
    step 03-nodes kubectl get nodes -o wide
    step 04-top-nodes kubectl top nodes
    step 05-logs kubectl logs $dns --all-containers --prefix --tail=-1
    step 06-service kubectl -n kube-system get service,endpointslices -l k8s-app=kube-dns -o wide
}

# A test pod in the failing namespace, on the failing pod's node: its resolv.conf, the name, the upstreams.
node=$(kubectl -n "$namespace" get pod "$pod" -o 'jsonpath={.spec.nodeName}')
run=$namespace-dns-test
overrides="{\"spec\":{\"nodeName\":\"$node\",\"terminationGracePeriodSeconds\":0}}"
step 07-run kubectl -n "$namespace" run "$run" --image="$image" --image-pull-policy=IfNotPresent --restart=Never \
    --overrides="$overrides" --command -- sleep 600
step 08-wait kubectl -n "$namespace" wait --for=condition=Ready "pod/$run" --timeout=60s
inside="kubectl -n $namespace exec $run --"
# shellcheck disable=SC2086
{
    step 09-resolv-conf $inside cat /etc/resolv.conf
    step 10-name $inside nslookup "$name"
    step 11-own-name $inside nslookup kubernetes.default.svc.cluster.local
    step 12-public-name $inside nslookup example.com
}
for address in $(kubectl -n kube-system get pods -l k8s-app=kube-dns -o 'jsonpath={.items[*].status.podIP}'); do
    # shellcheck disable=SC2086
    step "13-coredns-$address" $inside nslookup "$name" "$address"
done

# The node: its list, the name there, and what each server of the list says to the pod.
step 14-node kubectl debug "node/$node" --image="$image" --image-pull-policy=IfNotPresent --attach --quiet -- \
    sh -c "cat /host/etc/resolv.conf; nslookup $name"
for upstream in $(sed -n 's/^nameserver //p' 14-node); do
    # shellcheck disable=SC2086
    step "15-upstream-$upstream" $inside nslookup "$name" "$upstream"
done

# Configuration and policies.
step 16-coredns kubectl -n kube-system get configmap coredns -o yaml
step 17-coredns-custom kubectl -n kube-system get configmap coredns-custom -o yaml
step 18-policies kubectl get networkpolicies --all-namespaces -o yaml

# The test pod and what `debug` left.
step 19-delete kubectl -n "$namespace" delete pod "$run" --wait
for debugger in $(kubectl get pods -o name | grep "^pod/node-debugger-$node-"); do
    step 20-delete kubectl delete "$debugger" --wait
done
