// Command migration prints what github.com/coredns/corefile-migration knows of each version of CoreDNS:
// which plugins and options it supports, and their status.
//
// The module's tables are not exported. It is asked instead: for each version, a tiny Corefile with one
// plugin and one option is passed to Unsupported and Deprecated, which report on the step from the version
// before. The names to ask for are those in the program, and those that stand on standard input, one a
// line: `plugin` or `plugin option`.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/coredns/corefile-migration/migration"
)

// Names that the module speaks of.
var names = map[string][]string{
	"autopath":     {},
	"bind":         {},
	"bufsize":      {},
	"cache":        {"success", "denial", "prefetch", "serve_stale", "servfail", "disable", "keepttl"},
	"debug":        {},
	"errors":       {"consolidate", "stacktrace"},
	"federation":   {},
	"forward":      {"except", "force_tcp", "prefer_udp", "expire", "max_fails", "tls", "tls_servername", "policy", "health_check", "max_concurrent", "next", "fail_fast", "failfast_all_unhealthy_upstreams"},
	"health":       {"lameduck"},
	"hosts":        {"ttl", "no_reverse", "reload", "fallthrough", "10.0.0.1"},
	"k8s_external": {"apex", "ttl", "fallthrough", "headless"},
	"kubernetes":   {"resyncperiod", "endpoint", "tls", "namespaces", "labels", "pods", "endpoint_pod_names", "upstream", "ttl", "noendpoints", "transfer", "fallthrough", "ignore", "kubeconfig", "namespace_labels"},
	"loadbalance":  {},
	"log":          {"class"},
	"loop":         {},
	"multisocket":  {},
	"pprof":        {},
	"prometheus":   {},
	"proxy":        {"policy", "fail_timeout", "max_fails", "health_check", "except", "spray", "protocol"},
	"ready":        {},
	"reload":       {},
	"rewrite":      {"type", "class", "name", "answer name", "edns0", "ttl", "cname_target"},
	"template":     {},
	"timeouts":     {},
	"trace":        {},
	"transfer":     {"to"},
}

// Release is a version with what is known of it.
type Release struct {
	Version string `json:"version"`
	// The version from which the step to this one was asked.
	From    string   `json:"from"`
	Plugins []Plugin `json:"plugins"`
	// Options that are new in the default Corefile of Kubernetes.
	Defaults []string `json:"defaults,omitempty"`
}

// Plugin is a plugin that the module supports in a version.
type Plugin struct {
	Name    string   `json:"name"`
	Status  string   `json:"status,omitempty"`
	Options []Option `json:"options,omitempty"`
	// Options that were asked for and are not supported.
	Unknown []string `json:"unknown,omitempty"`
}

// Option is an option that the module supports in a version.
type Option struct {
	Name   string `json:"name"`
	Status string `json:"status,omitempty"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ask := map[string]map[string]bool{}
	add := func(plugin string, options ...string) {
		if ask[plugin] == nil {
			ask[plugin] = map[string]bool{}
		}
		for _, option := range options {
			ask[plugin][option] = true
		}
	}
	for plugin, options := range names {
		add(plugin, options...)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		plugin, option, found := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		if plugin == "" {
			continue
		}
		add(plugin)
		if found {
			add(plugin, option)
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	versions := migration.ValidVersions()
	var releases []Release
	for _, version := range versions {
		from := before(versions, version)
		if from == "" {
			// No step leads to the oldest version.
			continue
		}
		release := Release{Version: version, From: from}
		defaults := map[string]bool{}
		for _, name := range sorted(ask) {
			plugin, known, err := plugin(from, version, name, ask[name], defaults)
			if err != nil {
				return err
			}
			if known {
				release.Plugins = append(release.Plugins, plugin)
			}
		}
		release.Defaults = sorted(defaults)
		releases = append(releases, release)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	return encoder.Encode(releases)
}

// before is the version from which one step leads to this one. The chain of versions is not that of their
// numbers in every place, so it is asked for.
func before(versions []string, version string) string {
	for i := len(versions) - 1; i >= 0; i-- {
		if versions[i] != version && migration.ValidUpMigration(versions[i], version) == nil {
			return versions[i]
		}
	}
	return ""
}

func plugin(from, to, name string, options map[string]bool, defaults map[string]bool) (Plugin, bool, error) {
	found := Plugin{Name: name}
	alone := ".:53 {\n" + name + " x\n}\n"
	missing, err := migration.Unsupported(from, to, alone)
	if err != nil {
		return found, false, err
	}
	if len(missing) > 0 {
		return found, false, nil
	}
	notices, err := migration.Deprecated(from, to, alone)
	if err != nil {
		return found, false, err
	}
	for _, notice := range notices {
		switch {
		case notice.Severity == migration.SevNewDefault:
			defaults[strings.TrimSpace(notice.Plugin+" "+notice.Option)] = true
		case notice.Plugin == name && notice.Option == "":
			found.Status = notice.Severity
		}
	}
	for _, option := range sorted(options) {
		// An option is the first word of its line, so a name of two words is quoted.
		text := ".:53 {\n" + name + " x {\n\"" + option + "\" x\n}\n}\n"
		missing, err := migration.Unsupported(from, to, text)
		if err != nil {
			return found, false, err
		}
		if len(missing) > 0 {
			found.Unknown = append(found.Unknown, option)
			continue
		}
		notices, err := migration.Deprecated(from, to, text)
		if err != nil {
			return found, false, err
		}
		status := ""
		for _, notice := range notices {
			if notice.Plugin == name && notice.Option == option && notice.Severity != migration.SevNewDefault {
				status = notice.Severity
			}
		}
		found.Options = append(found.Options, Option{Name: option, Status: status})
	}
	return found, true, nil
}

func sorted[T any](set map[string]T) []string {
	keys := make([]string, 0, len(set))
	for key := range set {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
