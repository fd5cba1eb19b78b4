// Command corefile says what CoreDNS makes of Corefiles: it runs the Caddyfile parser and the plugins'
// own setups that CoreDNS is built from.
//
// It reads one case a line from standard input and writes one verdict a line:
//
//	{"files":[{"name":"Corefile","text":"..."},{"name":"custom/a.server","text":"..."}],"env":{"A":"b"},"plugins":true}
//
// The first file is the Corefile. Without "plugins" any directive is known and no setup runs.
//
//	corefile examples     writes the examples in the READMEs of CoreDNS's plugins as cases
//	corefile ask          reads Corefiles with queries and writes what becomes of each query
//	corefile version      writes the versions of CoreDNS and of caddy
//	corefile directives   writes the directives in the order in which they are set up
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/debug"
)

// Case is a Corefile with the files that it may import.
type Case struct {
	Name    string            `json:"name,omitempty"`
	Files   []File            `json:"files"`
	Env     map[string]string `json:"env,omitempty"`
	Plugins bool              `json:"plugins,omitempty"`
}

func (f File) contents() string { return f.Text + string(f.Bytes) }

// File is a file beside the Corefile; its name is a path relative to it.
type File struct {
	Name string `json:"name"`
	Text string `json:"text,omitempty"`
	// The same in base64, for what is not UTF-8.
	Bytes []byte `json:"bytes,omitempty"`
}

func main() {
	out := os.Stdout
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		// Some setups print.
		os.Stdout = null
	}
	log.SetOutput(io.Discard)
	var err error
	switch {
	case len(os.Args) == 1:
		err = judgeAll(os.Stdin, out)
	case os.Args[1] == "examples":
		err = writeExamples(out)
	case os.Args[1] == "directives":
		for _, name := range directives() {
			fmt.Fprintln(out, name)
		}
	case os.Args[1] == "ask":
		err = askAll(os.Stdin, out)
	case os.Args[1] == "version":
		writeVersion(out)
	default:
		err = fmt.Errorf("unknown command %q", os.Args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judgeAll(in io.Reader, out io.Writer) error {
	judge, err := newJudge()
	if err != nil {
		return err
	}
	defer judge.close()
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
		var it Case
		if err := json.Unmarshal(line, &it); err != nil {
			return err
		}
		verdict, err := judge.judge(it)
		if err != nil {
			return err
		}
		if err := encoder.Encode(verdict); err != nil {
			return err
		}
	}
}

func writeVersion(out io.Writer) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return
	}
	for _, module := range info.Deps {
		switch module.Path {
		case "github.com/coredns/coredns", "github.com/coredns/caddy":
			fmt.Fprintln(out, module.Path, module.Version)
		}
	}
}
