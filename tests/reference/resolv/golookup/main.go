// Looks one name up with Go's own resolver: `golookup any|4|6 NAME`.
// Prints `ok ADDRESS...` or `error SERVER|- FLAGS TEXT`.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		os.Exit(2)
	}
	network := map[string]string{"any": "ip", "4": "ip4", "6": "ip6"}[os.Args[1]]
	resolver := net.Resolver{PreferGo: true}
	addresses, err := resolver.LookupIP(context.Background(), network, os.Args[2])
	if err != nil {
		var dns *net.DNSError
		if !errors.As(err, &dns) {
			fmt.Printf("error - other %v\n", err)
			return
		}
		flags := ""
		for _, flag := range []struct {
			set  bool
			name string
		}{{dns.IsNotFound, "n"}, {dns.IsTimeout, "t"}, {dns.IsTemporary, "p"}} {
			if flag.set {
				flags += flag.name
			}
		}
		server := dns.Server
		if server == "" {
			server = "-"
		}
		fmt.Printf("error %s %s %s\n", server, "flags:"+flags, dns.Err)
		return
	}
	fmt.Print("ok")
	for _, address := range addresses {
		fmt.Printf(" %s", address)
	}
	fmt.Println()
}
