// Answers questions about NetworkPolicies, one JSON object a line, with other people's code:
// Kubernetes' own defaults, validation, warnings and selectors, and cyclonus' matcher.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/networking"
	apiv1 "k8s.io/kubernetes/pkg/apis/networking/v1"
	"k8s.io/kubernetes/pkg/apis/networking/validation"
)

// question is a line of the input.
type question struct {
	Policies []json.RawMessage `json:"policies"`
	From     end               `json:"from"`
	To       end               `json:"to"`
	Protocol corev1.Protocol   `json:"protocol"`
	Port     int               `json:"port"`
	// Names that the asked pod has for the port.
	PortNames []string `json:"portNames"`
	// Labels that each policy's podSelector is tried on.
	Labels map[string]string `json:"labels"`
}

// end is one end of the flow; without a namespace it is an address.
type end struct {
	IP              string            `json:"ip"`
	Namespace       string            `json:"namespace"`
	NamespaceLabels map[string]string `json:"namespaceLabels"`
	Labels          map[string]string `json:"labels"`
}

// answer is a line of the output.
type answer struct {
	// Per policy: what the API server refuses, sorted.
	Refused [][]string `json:"refused"`
	// Per policy that is not refused: what the API server warns of, sorted.
	Warnings [][]string `json:"warnings"`
	// Per policy: whether its podSelector selects the labels; null if the selector is invalid.
	Selects []*bool `json:"selects"`
	// What cyclonus says; missing where it stopped.
	Egress  *bool `json:"egress,omitempty"`
	Ingress *bool `json:"ingress,omitempty"`
	// Why it stopped.
	Error string `json:"error,omitempty"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	decoder := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for decoder.More() {
		var q question
		if err := decoder.Decode(&q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := encoder.Encode(ask(q)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func ask(q question) answer {
	a := answer{Refused: [][]string{}, Warnings: [][]string{}, Selects: []*bool{}}
	var policies []*networkingv1.NetworkPolicy
	for _, raw := range q.Policies {
		policy := &networkingv1.NetworkPolicy{}
		if err := json.Unmarshal(raw, policy); err != nil {
			a.Error = err.Error()
			return a
		}
		apiv1.SetObjectDefaults_NetworkPolicy(policy)
		internal := &networking.NetworkPolicy{}
		if err := apiv1.Convert_v1_NetworkPolicy_To_networking_NetworkPolicy(policy, internal, nil); err != nil {
			a.Error = err.Error()
			return a
		}
		refused := []string{}
		for _, err := range validation.ValidateNetworkPolicySpec(&internal.Spec, validation.NetworkPolicyValidationOptions{}, field.NewPath("spec")) {
			refused = append(refused, err.Error())
		}
		sort.Strings(refused)
		a.Refused = append(a.Refused, refused)
		a.Warnings = append(a.Warnings, warnings(policy, len(refused) > 0))
		a.Selects = append(a.Selects, selects(&policy.Spec.PodSelector, q.Labels))
		policies = append(policies, policy)
	}
	cyclonus(&a, policies, q)
	return a
}

// warnings are those for ranges of addresses, as the API server gives them.
func warnings(policy *networkingv1.NetworkPolicy, refused bool) []string {
	found := []string{}
	if refused {
		return found
	}
	try := func(path *field.Path, cidr string) {
		found = append(found, utilvalidation.GetWarningsForCIDR(path, cidr)...)
	}
	peers := func(path *field.Path, peers []networkingv1.NetworkPolicyPeer) {
		for i, peer := range peers {
			if peer.IPBlock == nil {
				continue
			}
			block := path.Index(i).Child("ipBlock")
			try(block.Child("cidr"), peer.IPBlock.CIDR)
			for j, except := range peer.IPBlock.Except {
				try(block.Child("except").Index(j), except)
			}
		}
	}
	for i, rule := range policy.Spec.Ingress {
		peers(field.NewPath("spec", "ingress").Index(i).Child("from"), rule.From)
	}
	for i, rule := range policy.Spec.Egress {
		peers(field.NewPath("spec", "egress").Index(i).Child("to"), rule.To)
	}
	sort.Strings(found)
	return found
}

func selects(selector *metav1.LabelSelector, on map[string]string) *bool {
	compiled, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return nil
	}
	matches := compiled.Matches(labels.Set(on))
	return &matches
}

func cyclonus(a *answer, policies []*networkingv1.NetworkPolicy, q question) {
	defer func() {
		if reason := recover(); reason != nil {
			a.Egress, a.Ingress = nil, nil
			a.Error = fmt.Sprint(reason)
		}
	}()
	compiled := matcher.BuildNetworkPolicies(false, policies)
	names := q.PortNames
	if len(names) == 0 {
		names = []string{""}
	}
	egress, ingress := false, false
	for _, name := range names {
		result := compiled.IsTrafficAllowed(&matcher.Traffic{
			Source:           peer(q.From),
			Destination:      peer(q.To),
			ResolvedPort:     q.Port,
			ResolvedPortName: name,
			Protocol:         q.Protocol,
		})
		egress = egress || result.Egress.IsAllowed()
		ingress = ingress || result.Ingress.IsAllowed()
	}
	a.Egress, a.Ingress = &egress, &ingress
}

func peer(e end) *matcher.TrafficPeer {
	if e.Namespace == "" {
		return &matcher.TrafficPeer{IP: e.IP}
	}
	return &matcher.TrafficPeer{IP: e.IP, Internal: &matcher.InternalPeer{
		PodLabels:       e.Labels,
		NamespaceLabels: e.NamespaceLabels,
		Namespace:       e.Namespace,
	}}
}
