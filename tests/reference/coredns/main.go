// Records logs of a real CoreDNS: `coredns-log BINARY FOLDER`.
//
// Each scenario starts the program with a Corefile, asks it what the scenario says, stops it, and
// writes FOLDER/<scenario>.log and, where it asked, FOLDER/<scenario>.json: each question and the
// answer it got. Run it in a network namespace of its own (run.sh): some routes are missing there.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"
)

// Question is what was asked and what came back.
type Question struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Class string `json:"class"`
	Proto string `json:"proto"`
	IPv6  bool   `json:"ipv6"`
	DO    bool   `json:"do"`
	// Rcode of the answer, or "none".
	Rcode     string `json:"rcode"`
	Truncated bool   `json:"truncated"`
}

type ask struct {
	name      string
	kind      uint16
	class     uint16
	proto, at string
	do        bool
	udpSize   uint16
}

// Step is something that happens while CoreDNS runs.
type step func(run *running)

type scenario struct {
	name     string
	args     []string
	files    map[string]string
	corefile string
	steps    []step
	// Ends by itself.
	exits bool
	// Its log follows that of the scenario before, in the same file.
	more bool
}

type running struct {
	folder    string
	command   *exec.Cmd
	questions []Question
}

const port = "10053"

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: coredns-log BINARY FOLDER")
	}
	binary, err := filepath.Abs(os.Args[1])
	check(err)
	out := os.Args[2]
	check(os.MkdirAll(out, 0o755))
	startUpstreams()
	version := versionOf(binary)
	for _, scenario := range scenarios(version) {
		fmt.Println(version, scenario.name)
		record(binary, out, scenario)
	}
}

func versionOf(binary string) string {
	said, err := exec.Command(binary, "-version").Output()
	check(err)
	first := strings.SplitN(string(said), "\n", 2)[0]
	return strings.TrimPrefix(first, "CoreDNS-")
}

func record(binary, out string, scenario scenario) {
	folder, err := os.MkdirTemp("", "coredns-log")
	check(err)
	defer os.RemoveAll(folder)
	write(folder, "Corefile", scenario.corefile)
	for name, text := range scenario.files {
		write(folder, name, text)
	}
	path := filepath.Join(out, scenario.name+".log")
	mode := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if scenario.more {
		mode = os.O_APPEND | os.O_WRONLY
	}
	file, err := os.OpenFile(path, mode, 0o644)
	check(err)
	defer file.Close()

	run := &running{folder: folder}
	run.command = exec.Command(binary, append([]string{"-conf", "Corefile"}, scenario.args...)...)
	run.command.Dir = folder
	run.command.Env = []string{"PATH=/usr/bin:/bin"}
	run.command.Stdout, run.command.Stderr = file, file
	check(run.command.Start())
	ended := make(chan error, 1)
	go func() { ended <- run.command.Wait() }()
	if !scenario.exits {
		time.Sleep(1200 * time.Millisecond)
		for _, step := range scenario.steps {
			step(run)
		}
		run.command.Process.Signal(syscall.SIGTERM)
	}
	select {
	case <-ended:
	case <-time.After(15 * time.Second):
		run.command.Process.Kill()
		<-ended
	}
	if run.questions != nil {
		text, err := json.MarshalIndent(run.questions, "", " ")
		check(err)
		check(os.WriteFile(filepath.Join(out, scenario.name+".json"), append(text, '\n'), 0o644))
	}
}

func write(folder, name, text string) {
	path := filepath.Join(folder, name)
	check(os.MkdirAll(filepath.Dir(path), 0o755))
	check(os.WriteFile(path, []byte(text), 0o644))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// asks asks one after the other.
func asks(list ...ask) step {
	return func(run *running) {
		for _, ask := range list {
			run.questions = append(run.questions, ask.send())
		}
	}
}

// together asks all at once.
func together(list ...ask) step {
	return func(run *running) {
		answers := make(chan Question)
		for _, each := range list {
			go func() { answers <- each.send() }()
		}
		for range list {
			run.questions = append(run.questions, <-answers)
		}
	}
}

func pause(duration time.Duration) step {
	return func(*running) { time.Sleep(duration) }
}

func signal(signal syscall.Signal) step {
	return func(run *running) { run.command.Process.Signal(signal) }
}

func corefile(text string) step {
	return func(run *running) { write(run.folder, "Corefile", text) }
}

func get(url string) step {
	return func(*running) {
		exec.Command("curl", "-s", "-m", "2", url).Run()
	}
}

func (ask ask) send() Question {
	proto := ask.proto
	if proto == "" {
		proto = "udp"
	}
	at := ask.at
	if at == "" {
		at = "127.0.0.1:" + port
	}
	message := new(dns.Msg)
	message.SetQuestion(dns.Fqdn(ask.name), ask.kind)
	if ask.class != 0 {
		message.Question[0].Qclass = ask.class
	}
	if ask.do || ask.udpSize != 0 {
		size := ask.udpSize
		if size == 0 {
			size = 1232
		}
		message.SetEdns0(size, ask.do)
	}
	client := &dns.Client{Net: proto, Timeout: 8 * time.Second, UDPSize: 4096}
	answer, _, err := client.Exchange(message, at)
	question := Question{
		Name:  strings.ToLower(message.Question[0].Name),
		Type:  dns.Type(ask.kind).String(),
		Class: dns.Class(message.Question[0].Qclass).String(),
		Proto: proto,
		IPv6:  strings.HasPrefix(at, "["),
		DO:    ask.do,
		Rcode: "none",
	}
	if answer != nil {
		question.Rcode = dns.RcodeToString[answer.Rcode]
		if question.Rcode == "" {
			question.Rcode = strconv.Itoa(answer.Rcode)
		}
		question.Truncated = answer.Truncated
	} else if err != nil {
		io.WriteString(os.Stderr, "no answer: "+question.Name+" "+err.Error()+"\n")
	}
	return question
}
