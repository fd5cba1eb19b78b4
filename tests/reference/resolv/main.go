// Runs lookups against DNS servers that answer as told and write down what they are asked.
//
// Started in a network and mount namespace of its own (unshare -n -m -u). Reads one case per line
// from standard input (JSON) and writes what happened, one line each.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Addresses with a server: by UDP and TCP, and by UDP only. Nobody listens on other addresses.
var (
	open    = []string{"127.0.0.1", "::1", "127.0.0.11", "127.0.0.12", "127.0.0.13"}
	udpOnly = []string{"127.0.0.21", "127.0.0.22", "127.0.0.23"}
)

type testCase struct {
	Program     string   `json:"program"`
	Conf        string   `json:"conf"`
	Hostname    string   `json:"hostname"`
	Environment []string `json:"environment"`
	Name        string   `json:"name"`
	Family      string   `json:"family"`
	Seconds     int      `json:"seconds"`
	Answers     []entry  `json:"answers"`
}

type outcome struct {
	Output    string  `json:"output"`
	ElapsedMs int64   `json:"elapsed_ms"`
	Asked     []asked `json:"asked"`
}

func main() {
	if len(os.Args) != 2 {
		fail("usage: harness FOLDER-WITH-THE-PROGRAMS")
	}
	folder := os.Args[1]
	scratch, err := os.MkdirTemp("", "resolv-reference-")
	check(err)
	defer os.RemoveAll(scratch)
	confPath := setUp(scratch)
	servers := listen()
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		var c testCase
		check(json.Unmarshal(line, &c))
		check(output.Encode(run(folder, confPath, servers, &c)))
	}
}

func run(folder, confPath string, servers *servers, c *testCase) outcome {
	check(os.WriteFile(confPath, []byte(c.Conf), 0o644))
	check(syscall.Sethostname([]byte(c.Hostname)))
	servers.reset(c.Answers)
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(c.Seconds)*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(folder, c.Program), c.Family, c.Name)
	command.Env = append([]string{}, c.Environment...)
	start := time.Now()
	text, err := command.Output()
	elapsed := time.Since(start).Milliseconds()
	result := strings.TrimSpace(string(text))
	if err != nil {
		result = "died: " + err.Error()
		if ctx.Err() != nil {
			result = "never returned"
		}
	}
	return outcome{Output: result, ElapsedMs: elapsed, Asked: servers.finish()}
}

// Brings loopback up and puts files of our own over those that resolvers read. Returns the path
// that shows as /etc/resolv.conf.
func setUp(scratch string) string {
	check(syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""))
	check(exec.Command("ip", "link", "set", "lo", "up").Run())
	for name, content := range map[string]string{
		"resolv.conf":   "",
		"hosts":         "",
		"nsswitch.conf": "hosts: dns\n",
	} {
		path := filepath.Join(scratch, name)
		check(os.WriteFile(path, []byte(content), 0o644))
		target := "/etc/" + name
		if real, err := filepath.EvalSymlinks(target); err == nil {
			target = real
		}
		check(syscall.Mount(path, target, "", syscall.MS_BIND, ""))
	}
	return filepath.Join(scratch, "resolv.conf")
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "harness:", message)
	os.Exit(1)
}
