// What the kubelet sets as DNS for a pod, from its own package: one case per line of standard
// input (JSON), one result per line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sort"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/kubelet/network/dns"
)

type testCase struct {
	ClusterDNS    []string         `json:"cluster_dns"`
	ClusterDomain string           `json:"cluster_domain"`
	Host          *string          `json:"host"`
	NodeIPs       []string         `json:"node_ips"`
	Name          string           `json:"name"`
	Namespace     string           `json:"namespace"`
	UID           string           `json:"uid"`
	Policy        string           `json:"policy"`
	HostNetwork   bool             `json:"host_network"`
	Config        *v1.PodDNSConfig `json:"config"`
}

type event struct {
	About   string `json:"about"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

type result struct {
	Error    string   `json:"error"`
	Servers  []string `json:"servers"`
	Searches []string `json:"searches"`
	Options  []string `json:"options"`
	Events   []event  `json:"events"`
}

// Collects events.
type recorder struct{ events []event }

func (r *recorder) Event(object runtime.Object, _, reason, message string) {
	about := "node"
	if _, ok := object.(*v1.Pod); ok {
		about = "pod"
	}
	r.events = append(r.events, event{about, reason, message})
}

func (r *recorder) Eventf(object runtime.Object, kind, reason, format string, args ...interface{}) {
	r.Event(object, kind, reason, fmt.Sprintf(format, args...))
}

func (r *recorder) AnnotatedEventf(object runtime.Object, _ map[string]string, kind, reason, format string, args ...interface{}) {
	r.Eventf(object, kind, reason, format, args...)
}

func main() {
	klog.SetLogger(klog.Logger{})
	scratch, err := os.MkdirTemp("", "kubelet-reference-")
	check(err)
	defer os.RemoveAll(scratch)
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		var c testCase
		check(json.Unmarshal(line, &c))
		check(json.NewEncoder(output).Encode(run(filepath.Join(scratch, "resolv.conf"), &c)))
	}
}

func run(path string, c *testCase) result {
	resolvConf := ""
	if c.Host != nil {
		check(os.WriteFile(path, []byte(*c.Host), 0o600))
		resolvConf = path
	}
	events := &recorder{events: []event{}}
	node := &v1.ObjectReference{Kind: "Node", Name: "node"}
	configurer := dns.NewConfigurer(events, node, addresses(c.NodeIPs), addresses(c.ClusterDNS), c.ClusterDomain, resolvConf)
	pod := &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: c.Name, Namespace: c.Namespace, UID: types.UID(c.UID)},
		Spec: v1.PodSpec{
			DNSPolicy:   v1.DNSPolicy(c.Policy),
			HostNetwork: c.HostNetwork,
			DNSConfig:   c.Config,
		},
	}
	config, err := configurer.GetPodDNS(context.Background(), pod)
	if err != nil {
		return result{Error: err.Error()}
	}
	sort.Strings(config.Options)
	return result{Servers: config.Servers, Searches: config.Searches, Options: config.Options, Events: events.events}
}

func addresses(texts []string) []net.IP {
	var list []net.IP
	for _, text := range texts {
		list = append(list, net.ParseIP(text))
	}
	return list
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "kubelet:", err)
		os.Exit(1)
	}
}
