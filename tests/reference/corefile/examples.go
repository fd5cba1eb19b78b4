package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"

	"github.com/coredns/coredns/plugin"
)

// writeExamples writes every fenced text in the READMEs of the plugins as a case. Only those that are
// marked as a Corefile are whole ones, and are set up too.
func writeExamples(out io.Writer) error {
	// The module that this program was built from is where its source says it is.
	function := runtime.FuncForPC(reflect.ValueOf(plugin.SplitHostPort).Pointer())
	source, _ := function.FileLine(function.Entry())
	readmes, err := filepath.Glob(filepath.Join(filepath.Dir(source), "*", "README.md"))
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, path := range readmes {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, it := range fenced(string(text)) {
			it.Name = filepath.Base(filepath.Dir(path))
			if err := encoder.Encode(it); err != nil {
				return err
			}
		}
	}
	return nil
}

func fenced(readme string) []Case {
	var cases []Case
	var lines []string
	fence, corefile := "", false
	for _, line := range strings.Split(readme, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case fence == "" && (strings.HasPrefix(trimmed, "~~~") || strings.HasPrefix(trimmed, "```")):
			fence = trimmed[:3]
			corefile = strings.TrimSpace(trimmed[3:]) == "corefile"
			lines = nil
		case fence != "" && trimmed == fence:
			text := strings.Join(lines, "\n") + "\n"
			cases = append(cases, Case{Files: []File{{Name: "Corefile", Text: text}}, Plugins: corefile})
			fence = ""
		case fence != "":
			lines = append(lines, line)
		}
	}
	return cases
}
