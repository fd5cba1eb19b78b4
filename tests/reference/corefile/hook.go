package main

import (
	"context"
	"errors"
	"net"
	"time"
	_ "unsafe" // for linkname

	"github.com/coredns/caddy"
	_ "github.com/coredns/coredns/core/plugin" // all plugins
)

// caddy's tables are not exported, and nothing else tells which setup runs or gives the context whose
// servers are to be made.

//go:linkname serverTypes github.com/coredns/caddy.serverTypes
var serverTypes map[string]caddy.ServerType

//go:linkname plugins github.com/coredns/caddy.plugins
var plugins map[string]map[string]caddy.Plugin

var (
	// The context that was made last.
	lastContext caddy.Context
	newContext  func(*caddy.Instance) caddy.Context
	// The directive whose setup was called last.
	running string
	// The directives whose setups missed something of this machine.
	lacking []string
)

// Plugins whose setups ask a service on the network before they are done. Theirs are not run.
var online = map[string]bool{"route53": true, "azure": true, "clouddns": true}

func hook() {
	// No name is looked up, wherever this runs.
	net.DefaultResolver = &net.Resolver{
		PreferGo: true,
		Dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("no network")
		},
	}
	dns := serverTypes["dns"]
	newContext = dns.NewContext
	dns.NewContext = func(instance *caddy.Instance) caddy.Context {
		lastContext = newContext(instance)
		return lastContext
	}
	serverTypes["dns"] = dns
	for _, table := range plugins {
		for name, it := range table {
			action := it.Action
			it.Action = func(c *caddy.Controller) error {
				running = name
				if online[name] {
					lacking = append(lacking, name)
					return nil
				}
				err := patiently(func() error { return action(c) })
				if err == errNoAnswer || err != nil && environment.MatchString(err.Error()) {
					// What this machine lacks must not hide what the text has wrong.
					lacking = append(lacking, name)
					return nil
				}
				return err
			}
			table[name] = it
		}
	}
}

var errNoAnswer = errors.New("no answer")

// panicked is what a setup panicked with.
type panicked struct{ value any }

// patiently runs a setup and does not wait for long.
func patiently(setup func() error) error {
	done := make(chan any, 1)
	go func() {
		defer func() {
			if value := recover(); value != nil {
				done <- panicked{value}
			}
		}()
		done <- setup()
	}()
	select {
	case result := <-done:
		switch result := result.(type) {
		case panicked:
			panic(result.value)
		case error:
			return result
		}
		return nil
	case <-time.After(patience):
		return errNoAnswer
	}
}
