package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/caddy/caddyfile"
	"github.com/coredns/coredns/core/dnsserver"
)

const (
	// Where the files are said to be, whatever the folder they are written to.
	home = "/etc/coredns"
	// A setup that takes longer waits for something on the network, and has read its text before.
	patience = time.Second
)

// Verdict is what CoreDNS makes of a case.
type Verdict struct {
	// The step that refuses it: parse, zones, setup or serve; empty if none does.
	Stage string `json:"stage"`
	// The directive whose setup refuses it; what follows it in the order was not set up.
	Directive string `json:"directive,omitempty"`
	// CoreDNS's words.
	Error string `json:"error,omitempty"`
	// File and line in those words, if they name any.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Directives whose setups missed something of this machine (a file, a cluster), which is no fault
	// of the text. Such errors are passed over, and whatever else these setups would have said.
	Lacking []string `json:"lacking,omitempty"`
	// Whether a setup panicked.
	Panic bool `json:"panic,omitempty"`
	// What the parser makes of it.
	Blocks []Block `json:"blocks"`
}

// Block is a server block.
type Block struct {
	Keys   []string           `json:"keys"`
	Tokens map[string][]Token `json:"tokens"`
}

// Token is a token that a plugin gets to see.
type Token struct {
	Text string `json:"text"`
	File string `json:"file"`
	Line int    `json:"line"`
}

type judge struct {
	folder string
	// Names of variables that the last case set.
	set []string
}

func newJudge() (*judge, error) {
	folder, err := scratch()
	if err != nil {
		return nil, err
	}
	hook()
	return &judge{folder: folder}, nil
}

// scratch makes a folder whose path is as long as that of home, as lengths matter in names.
func scratch() (string, error) {
	for try := 0; ; try++ {
		folder := fmt.Sprintf("/tmp/c%06d", rand.IntN(1_000_000))
		err := os.Mkdir(folder, 0o700)
		if err == nil || try > 100 {
			return folder, err
		}
	}
}

func (j *judge) close() { os.RemoveAll(j.folder) }

func (j *judge) judge(it Case) (Verdict, error) {
	if err := j.prepare(it); err != nil {
		return Verdict{}, err
	}
	main := filepath.Join(j.folder, it.Files[0].Name)
	text := j.here(it.Files[0].contents())
	var known []string
	if it.Plugins {
		known = directives()
	}
	verdict := Verdict{}
	blocks, err := caddyfile.Parse(main, strings.NewReader(text), known)
	if err != nil {
		verdict.Stage = "parse"
		j.say(&verdict, err)
		return verdict, nil
	}
	for _, block := range blocks {
		verdict.Blocks = append(verdict.Blocks, j.block(block, main))
	}
	if it.Plugins {
		j.start(&verdict, main, text)
	} else {
		j.zones(&verdict, main, blocks)
	}
	return verdict, nil
}

// zones reads the keys of the blocks.
func (j *judge) zones(verdict *Verdict, main string, blocks []caddyfile.ServerBlock) {
	context := newContext(&caddy.Instance{})
	if _, err := context.InspectServerBlocks(main, blocks); err != nil {
		verdict.Stage = "zones"
		j.say(verdict, fmt.Errorf("error inspecting server blocks: %v", err))
	}
}

// start does what CoreDNS does at its start up to the point where it would open sockets.
func (j *judge) start(verdict *Verdict, main, text string) {
	input := caddy.CaddyfileInput{Filepath: main, Contents: []byte(text), ServerTypeName: "dns"}
	done := make(chan Verdict, 1)
	started := *verdict
	go func() {
		it := started
		defer func() {
			if panicked := recover(); panicked != nil {
				it.Panic = true
				it.Error = fmt.Sprint(panicked)
			}
			it.Lacking = lacking
			it.Directive = running
			if it.Stage != "setup" {
				it.Directive = ""
			}
			done <- it
		}()
		running, lacking = "", nil
		lastContext = nil
		it.Stage = "setup"
		if err := caddy.ValidateAndExecuteDirectives(input, nil, true); err != nil {
			if running == "" {
				it.Stage = "zones"
			}
			j.say(&it, err)
			return
		}
		it.Stage = "serve"
		if _, err := lastContext.MakeServers(); err != nil {
			j.say(&it, err)
			return
		}
		it.Stage = ""
	}()
	*verdict = <-done
}

// prepare writes the files of a case and sets its environment.
func (j *judge) prepare(it Case) error {
	if len(it.Files) == 0 {
		return fmt.Errorf("a case without files")
	}
	entries, err := os.ReadDir(j.folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(j.folder, entry.Name())); err != nil {
			return err
		}
	}
	for _, file := range it.Files {
		path := filepath.Join(j.folder, file.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(j.here(file.contents())), 0o644); err != nil {
			return err
		}
	}
	for _, name := range j.set {
		os.Unsetenv(name)
	}
	j.set = nil
	for name, value := range it.Env {
		os.Setenv(name, value)
		j.set = append(j.set, name)
	}
	return nil
}

// here puts the folder of the files in the place of the one they are said to be in.
func (j *judge) here(text string) string { return strings.ReplaceAll(text, home, j.folder) }

func (j *judge) there(text string) string { return strings.ReplaceAll(text, j.folder, home) }

func (j *judge) block(block caddyfile.ServerBlock, main string) Block {
	keys := []string{}
	for _, key := range block.Keys {
		keys = append(keys, j.there(key))
	}
	tokens := map[string][]Token{}
	for name, all := range block.Tokens {
		for _, token := range all {
			file := token.File
			if file == "" {
				file = main
			}
			tokens[j.there(name)] = append(tokens[j.there(name)],
				Token{Text: j.there(token.Text), File: j.there(file), Line: token.Line})
		}
	}
	return Block{Keys: keys, Tokens: tokens}
}

var place = regexp.MustCompile(`(?s)^(?:plugin/[\w-]+: )?(\S+?):(\d+) - (?:Error during parsing|Syntax error): `)

// Words of errors that are of this machine and not of the text.
var environment = regexp.MustCompile(strings.Join([]string{
	`no such file or directory`,
	`is a directory`,
	// Names of interfaces and of hosts.
	`not a valid IP address or interface name`,
	`lookup `,
	`failed to open database file`,
	// The path of a file; before 1.14.4 CoreDNS says no more about it.
	`not an IP address or file: "[^":]*/`,
	`permission denied`,
	`unable to load in-cluster configuration`,
	`no configuration has been provided`,
	`no route to host`,
	`connection refused`,
	`i/o timeout`,
	`network is unreachable`,
	`failed to load .*certificate`,
	`could not find credentials`,
	`error opening`,
}, "|"))

func (j *judge) say(verdict *Verdict, err error) {
	verdict.Error = j.there(err.Error())
	if found := place.FindStringSubmatch(verdict.Error); found != nil {
		verdict.File = found[1]
		verdict.Line, _ = strconv.Atoi(found[2])
	}
}

func directives() []string { return dnsserver.Directives }
