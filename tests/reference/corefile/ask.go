package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"path/filepath"
	"sort"
	"strings"
	_ "unsafe" // for linkname

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/forward"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"
)

// Questions are a Corefile and the queries that its servers are asked.
type Questions struct {
	Case
	Queries []Question `json:"queries"`
}

// Question is a query.
type Question struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Class  string `json:"class"`
	Client string `json:"client"`
	Port   string `json:"port"`
}

// Outcome is what becomes of a query. Upstreams are not asked: the way ends where they would be.
type Outcome struct {
	// Why none of the queries was asked.
	Error string `json:"error,omitempty"`
	// The response code; empty if there is no answer, or upstreams would be asked.
	Rcode   string   `json:"rcode,omitempty"`
	Answers []string `json:"answers,omitempty"`
	// The upstreams that would be asked, sorted, and for what.
	Upstreams []string `json:"upstreams,omitempty"`
	Name      string   `json:"name,omitempty"`
	Type      string   `json:"type,omitempty"`
}

//go:linkname forwardTakes github.com/coredns/coredns/plugin/forward.(*Forward).match
func forwardTakes(f *forward.Forward, state request.Request) bool

// spy stands before a forward and notes what it would do.
type spy struct {
	plugin.Handler
	next plugin.Handler
}

// What the last query would be forwarded to.
var forwarded *Outcome

func (s spy) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	f := s.Handler.(*forward.Forward)
	if !forwardTakes(f, request.Request{W: w, Req: r}) {
		if next, ok := s.next.(*forward.Forward); ok {
			return spy{next, next.Next}.ServeDNS(ctx, w, r)
		}
		return plugin.NextOrFailure("forward", s.next, ctx, w, r)
	}
	forwarded = &Outcome{
		Name: strings.ToLower(r.Question[0].Name),
		Type: dns.TypeToString[r.Question[0].Qtype],
	}
	for _, proxy := range f.List() {
		forwarded.Upstreams = append(forwarded.Upstreams, proxy.Addr())
	}
	sort.Strings(forwarded.Upstreams)
	return dns.RcodeSuccess, nil
}

// watchForward puts spies before every forward of a block once its setup has run.
func watchForward() {
	for _, table := range plugins {
		it, found := table["forward"]
		if !found {
			continue
		}
		action := it.Action
		it.Action = func(c *caddy.Controller) error {
			config := dnsserver.GetConfig(c)
			before := len(config.Plugin)
			if err := action(c); err != nil {
				return err
			}
			for i := before; i < len(config.Plugin); i++ {
				make := config.Plugin[i]
				config.Plugin[i] = func(next plugin.Handler) plugin.Handler {
					f := make(next).(*forward.Forward)
					return spy{f, f.Next}
				}
			}
			return nil
		}
		table["forward"] = it
	}
}

// writer keeps what a server answers.
type writer struct {
	client net.IP
	answer *dns.Msg
}

func (w *writer) LocalAddr() net.Addr         { return &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 53} }
func (w *writer) RemoteAddr() net.Addr        { return &net.UDPAddr{IP: w.client, Port: 40212} }
func (w *writer) WriteMsg(m *dns.Msg) error   { w.answer = m; return nil }
func (w *writer) Write(b []byte) (int, error) { return len(b), nil }
func (w *writer) Close() error                { return nil }
func (w *writer) TsigStatus() error           { return nil }
func (w *writer) TsigTimersOnly(bool)         {}
func (w *writer) Hijack()                     {}

func askAll(in io.Reader, out io.Writer) error {
	judge, err := newJudge()
	if err != nil {
		return err
	}
	defer judge.close()
	watchForward()
	lines := bufio.NewReaderSize(in, 1<<20)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return nil
		}
		if err != nil && err != io.EOF {
			return err
		}
		var it Questions
		if err := json.Unmarshal(line, &it); err != nil {
			return err
		}
		if err := judge.prepare(it.Case); err != nil {
			return err
		}
		if err := encoder.Encode(judge.ask(it)); err != nil {
			return err
		}
	}
}

func (j *judge) ask(it Questions) []Outcome {
	refuse := func(err string) []Outcome { return []Outcome{{Error: err}} }
	main := filepath.Join(j.folder, it.Files[0].Name)
	input := caddy.CaddyfileInput{
		Filepath: main, Contents: []byte(j.here(it.Files[0].Text)), ServerTypeName: "dns",
	}
	lacking, lastContext = nil, nil
	if err := caddy.ValidateAndExecuteDirectives(input, nil, true); err != nil {
		return refuse(err.Error())
	}
	if len(lacking) > 0 {
		return refuse("environment")
	}
	servers, err := lastContext.MakeServers()
	if err != nil {
		return refuse(err.Error())
	}
	outcomes := []Outcome{}
	for _, question := range it.Queries {
		outcomes = append(outcomes, ask(servers, question))
	}
	return outcomes
}

func ask(servers []caddy.Server, question Question) Outcome {
	query := new(dns.Msg)
	query.SetQuestion(dns.Fqdn(question.Name), dns.StringToType[question.Type])
	query.Question[0].Qclass = dns.StringToClass[question.Class]
	for _, it := range servers {
		server, ok := it.(*dnsserver.Server)
		if !ok || server.Addr != "dns://:"+question.Port {
			continue
		}
		w := &writer{client: net.ParseIP(question.Client)}
		forwarded = nil
		server.ServeDNS(context.WithValue(context.Background(), dnsserver.Key{}, server), w, query)
		if forwarded != nil {
			return *forwarded
		}
		if w.answer == nil {
			return Outcome{}
		}
		outcome := Outcome{Rcode: dns.RcodeToString[w.answer.Rcode]}
		for _, record := range w.answer.Answer {
			switch record := record.(type) {
			case *dns.A:
				outcome.Answers = append(outcome.Answers, record.A.String())
			case *dns.AAAA:
				outcome.Answers = append(outcome.Answers, record.AAAA.String())
			}
		}
		sort.Strings(outcome.Answers)
		return outcome
	}
	return Outcome{Error: "no server listens there"}
}
