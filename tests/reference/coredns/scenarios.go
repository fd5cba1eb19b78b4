package main

import (
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"
)

func scenarios(version string) []scenario {
	at := func(minor, patch int) bool { return since(version, minor, patch) }
	list := []scenario{queries(at), broken(at), reloads(at), loops()}
	list = append(list, refusals(at)...)
	list = append(list, life(at))
	if at(12, 0) {
		list = append(list, permissions())
	}
	if at(15, 0) {
		list = append(list, inJSON()...)
	}
	return list
}

// since says whether 1.minor.patch or later runs.
func since(version string, minor, patch int) bool {
	parts := strings.Split(version, ".")
	if len(parts) < 3 {
		return false
	}
	have, _ := strconv.Atoi(parts[1])
	fine, _ := strconv.Atoi(parts[2])
	return have > minor || have == minor && fine >= patch
}

func when(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

// queries: every code, transport, flag and kind of name that plugin log can write.
func queries(at func(int, int) bool) scenario {
	own := "hosts {\n 10.0.0.1 own.example.org\n fallthrough\n }\n"
	base := "forward . " + answering + "\n"
	if !at(4, 0) {
		base = "proxy . " + answering + "\n"
	}
	list := []ask{}
	for _, label := range []string{"plain", "nxdomain", "servfail", "refused", "formerr", "notimp", "yxdomain", "odd"} {
		list = append(list, ask{name: label + ".example.org", kind: dns.TypeA})
	}
	for _, kind := range []uint16{dns.TypeAAAA, dns.TypeMX, dns.TypeTXT, dns.TypeSRV, dns.TypePTR, dns.TypeHTTPS, dns.TypeANY, 65280} {
		list = append(list, ask{name: "plain.example.org", kind: kind})
	}
	names := []string{
		"own.example.org", "UPPER.Example.ORG", ".", "_ldap._tcp.dc.example.org", `with\ blank.example.org`, `two\ \ blanks.example.org`,
		`quote\".example.org`, `back\\slash.example.org`, `dot\.inside.example.org`, `\001\255.example.org`, "xn--bcher-kva.example.org",
		strings.Repeat("long-label-of-thirty-two-bytes-xx.", 6) + "example.org", "a:b.example.org", `semi\;colon\(x\).example.org`,
	}
	for _, name := range names {
		list = append(list, ask{name: name, kind: dns.TypeA})
	}
	list = append(list,
		ask{name: "plain.example.org", kind: dns.TypeA, proto: "tcp"},
		ask{name: "plain.example.org", kind: dns.TypeA, at: "[::1]:" + port},
		ask{name: "plain.example.org", kind: dns.TypeAAAA, at: "[::1]:" + port, proto: "tcp"},
		ask{name: "plain.example.org", kind: dns.TypeA, do: true},
		ask{name: "plain.example.org", kind: dns.TypeA, udpSize: 4096},
		ask{name: "cut.example.org", kind: dns.TypeTXT},
		ask{name: "cut.example.org", kind: dns.TypeTXT, proto: "tcp"},
		ask{name: "version.bind", kind: dns.TypeTXT, class: dns.ClassCHAOS},
		ask{name: "plain.combined.test", kind: dns.TypeA},
		ask{name: `with\ blank.combined.test`, kind: dns.TypeAAAA},
		ask{name: "slow.slow.test", kind: dns.TypeA},
	)
	slowly := strings.Replace(base, answering, slow, 1)
	return scenario{
		name: "queries",
		corefile: ".:" + port + " {\n log\n errors\n " + own + " " + base + "}\n" +
			"combined.test:" + port + " {\n log . {combined}\n errors\n " + base + "}\n" +
			"slow.test:" + port + " {\n log\n errors\n " + slowly + "}\n",
		steps: []step{asks(list...)},
	}
}

// broken: upstreams that fail in each way, one zone each.
func broken(at func(int, int) bool) scenario {
	block := func(zone, upstream, more string) string {
		return zone + ":" + port + " {\n log\n errors\n forward . " + upstream + " {\n max_fails 0\n " + more + "\n}\n}\n"
	}
	text := ""
	list := []ask{}
	add := func(zone, upstream, more string, kinds ...uint16) {
		text += block(zone, upstream, more)
		for _, kind := range kinds {
			list = append(list, ask{name: "app." + zone, kind: kind})
		}
	}
	if !at(3, 0) {
		return scenario{name: "errors", corefile: block(".", closed, ""), steps: []step{asks(ask{name: "app.example.org", kind: dns.TypeA})}}
	}
	add("silent.test", silent, "", dns.TypeA, dns.TypeAAAA, dns.TypeHINFO)
	add("silent-tcp.test", silent, "force_tcp", dns.TypeA)
	add("closed.test", closed, "", dns.TypeA)
	add("closed-tcp.test", closed, "force_tcp", dns.TypeA, dns.TypeMX)
	add("unreachable.test", "192.0.2.1:53", "", dns.TypeA)
	add("unreachable6.test", "[2001:db8::1]:53", "", dns.TypeA)
	add("noroute.test", "192.0.2.2:53", "force_tcp", dns.TypeA)
	add("x509.test", "tls://"+foreign, "tls_servername dns.example.org", dns.TypeA)
	add("notls.test", "tls://"+answering, "", dns.TypeA)
	add("eof.test", closing, "force_tcp", dns.TypeA)
	add("reset.test", resetting, "force_tcp", dns.TypeA)
	add("garbled.test", garbling, "", dns.TypeA)
	add("short.garbled2.test", garbling, "", dns.TypeA)
	text += "nobody.test:" + port + " {\n log\n errors\n hosts {\n 10.0.0.1 own.nobody.test\n fallthrough\n }\n}\n"
	list = append(list, ask{name: "app.nobody.test", kind: dns.TypeA})
	consolidated := []ask{}
	if at(5, 1) {
		text += "consolidated.test:" + port + " {\n log\n errors {\n consolidate 4s \".* i/o timeout$\"\n consolidate 4s \"^read udp .*connection refused$\"" +
			when(at(10, 0), " warning") + "\n }\n forward . " + closed + "\n}\n"
		for range 5 {
			consolidated = append(consolidated, ask{name: "app.consolidated.test", kind: dns.TypeA})
		}
	}
	steps := []step{asks(list...), asks(consolidated...)}
	if at(7, 0) {
		text += block("busy.test", silent, "max_concurrent 2")
		crowd := []ask{}
		for range 6 {
			crowd = append(crowd, ask{name: "app.busy.test", kind: dns.TypeA})
		}
		steps = append(steps, together(crowd...))
	}
	if at(12, 0) {
		text += "down.test:" + port + " {\n log\n errors\n forward . " + closed + " {\n max_fails 1\n health_check 100ms\n failfast_all_unhealthy_upstreams\n}\n}\n"
		down := ask{name: "app.down.test", kind: dns.TypeA}
		steps = append(steps, asks(down), pause(time.Second), asks(down, down))
	}
	if at(9, 0) {
		text += "refused.test:" + port + " {\n log\n errors\n acl {\n block\n }\n forward . " + answering + "\n}\n"
		steps = append(steps, asks(ask{name: "app.refused.test", kind: dns.TypeA}))
	}
	steps = append(steps, pause(4500*time.Millisecond))
	return scenario{name: "errors", corefile: text, steps: steps}
}

// permissions: the packet filter of the node takes the packets.
func permissions() scenario {
	return scenario{
		name:     "not-permitted",
		corefile: ".:" + port + " {\n log\n errors\n forward . 127.0.0.9:53\n}\n",
		steps:    []step{asks(ask{name: "app.example.org", kind: dns.TypeA}, ask{name: "app.example.org", kind: dns.TypeAAAA})},
	}
}

func reloads(at func(int, int) bool) scenario {
	text := func(body string) string {
		return ".:" + port + " {\n log\n errors\n" + when(at(2, 1), " reload 2s 1s\n") + body + "}\n"
	}
	return scenario{
		name:     "reload",
		corefile: text(" whoami\n"),
		steps: []step{
			asks(ask{name: "before.example.org", kind: dns.TypeA}),
			corefile(text(" whoami\n chaos\n") + "new.test:" + port + " {\n whoami\n}\n"), pause(4 * time.Second),
			asks(ask{name: "after.example.org", kind: dns.TypeA}),
			corefile(text(" whoami\n forwrd . 127.0.0.1\n")), pause(6 * time.Second),
			corefile(text(" whoami\n {\n")), pause(3 * time.Second),
			asks(ask{name: "still.example.org", kind: dns.TypeA}),
			corefile(text(" whoami\n")), signal(syscall.SIGUSR1), pause(4 * time.Second),
		},
	}
}

func loops() scenario {
	return scenario{
		name:     "loop",
		corefile: ".:" + port + " {\n errors\n loop\n forward . 127.0.0.1:" + port + "\n}\n",
		exits:    true,
	}
}

// refusals: Corefiles that end a start, all in one log.
func refusals(at func(int, int) bool) []scenario {
	block := func(body string) string { return ".:" + port + " {\n" + body + "}\n" }
	texts := []string{
		block(" errors\n forwrd . 127.0.0.1\n"),
		block(" errors\n forward .\n"),
		block(" forward . 127.0.0.1 {\n polcy random\n }\n"),
		block(" forward . dns.example.org\n"),
		".:" + port + " {\n errors\n",
		block(" import custom.conf\n"),
		block(" whoami\n") + block(" whoami\n"),
		block(" hosts\n hosts\n"),
		block(" \"errors\n whoami\n log\n"),
		".:10101 {\n whoami\n}\n",
		block(" health {\n lame 5s\n }\n"),
		block(" errors }\n"),
		block(" forward . empty.conf\n"),
	}
	list := []scenario{}
	for number, text := range texts {
		list = append(list, scenario{
			name: "starts", corefile: text, exits: true, more: number > 0,
			files: map[string]string{"empty.conf": "# nobody\n"},
		})
	}
	return list
}

// life: what a healthy process with missing parts says from start to end.
func life(at func(int, int) bool) scenario {
	text := ".:" + port + " {\n log\n errors\n" +
		" health 127.0.0.1:10080" + when(at(5, 0), " {\n lameduck 1s\n }") + "\n" +
		when(at(5, 0), " ready 127.0.0.1:10081\n") +
		" hosts missing.hosts {\n fallthrough\n }\n import custom/*.override\n" +
		" kubernetes cluster.local {\n endpoint http://127.0.0.1:10199\n fallthrough\n }\n whoami\n}\nUnder_score.test:" + port + " {\n whoami\n}\n"
	return scenario{
		name:     "life",
		corefile: text,
		steps: []step{
			pause(6 * time.Second), get("http://127.0.0.1:10081/ready"), get("http://127.0.0.1:10081/ready"),
			asks(ask{name: "app.default.svc.cluster.local", kind: dns.TypeA}, ask{name: "app.example.org", kind: dns.TypeA}),
		},
	}
}

// inJSON: the same in the format json, from 1.15.
func inJSON() []scenario {
	args := []string{"-log-format", "json"}
	all := func(int, int) bool { return true }
	queries := queries(all)
	queries.name, queries.args = "json-queries", args
	life := life(all)
	life.name, life.args = "json-life", args
	return []scenario{
		queries, life,
		{
			name: "json-errors", args: args,
			corefile: ".:" + port + " {\n log\n errors\n reload 2s 1s\n forward . " + closed + "\n}\n",
			steps:    []step{asks(ask{name: "app.example.org", kind: dns.TypeA}), corefile(".:" + port + " {\n forwrd\n}\n"), pause(4 * time.Second)},
		},
		{name: "json-start", args: args, corefile: ".:" + port + " {\n forwrd . 127.0.0.1\n}\n", exits: true},
		{name: "json-loop", args: args, corefile: loops().corefile, exits: true},
	}
}
