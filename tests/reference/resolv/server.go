package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sort"
	"strings"
	"sync"
	"time"
)

// What a server says to a question; the last of the replies repeats.
type entry struct {
	Server    string  `json:"server"`
	Name      string  `json:"name"` // empty: any name that has no entry
	Type      string  `json:"type"` // empty: any type
	Transport string  `json:"transport"`
	Replies   []reply `json:"replies"`
}

type reply struct {
	Silent     bool     `json:"silent"`
	Stray      bool     `json:"stray"`
	Rcode      int      `json:"rcode"`
	Addresses  []string `json:"addresses"`
	Alias      bool     `json:"alias"`
	Truncated  bool     `json:"tc"`
	Aa         bool     `json:"aa"`
	Ra         bool     `json:"ra"`
	Additional bool     `json:"additional"`
	AfterMs    int      `json:"after_ms"`
}

type asked struct {
	Server    string `json:"server"`
	Transport string `json:"transport"`
	Port      int    `json:"port"`
	Name      string `json:"name"`
	Type      string `json:"type"`
	Edns      bool   `json:"edns"`
	AtMs      int64  `json:"at_ms"`
}

type servers struct {
	mutex   sync.Mutex
	start   time.Time
	entries map[string][]reply
	counts  map[string]int
	asked   []asked
	streams sync.WaitGroup
	udp     []*net.UDPConn
	drained chan string
	markers int
}

// Marks that all earlier datagrams were read.
const marker = "end of case "

func listen() *servers {
	s := &servers{drained: make(chan string, 4096)}
	for _, address := range append(append([]string{}, open...), udpOnly...) {
		endpoint := netip.AddrPortFrom(netip.MustParseAddr(address), 53)
		conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(endpoint))
		check(err)
		s.udp = append(s.udp, conn)
		go s.serveUDP(conn, address)
	}
	for _, address := range open {
		endpoint := netip.AddrPortFrom(netip.MustParseAddr(address), 53)
		listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(endpoint))
		check(err)
		go s.serveTCP(listener, address)
	}
	s.finish()
	return s
}

func (s *servers) reset(entries []entry) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.start = time.Now()
	s.asked = []asked{}
	s.counts = map[string]int{}
	s.entries = map[string][]reply{}
	for _, e := range entries {
		s.entries[key(e.Server, e.Name, e.Type, e.Transport)] = e.Replies
	}
}

// Waits until everything that was sent is written down.
func (s *servers) finish() []asked {
	for _, conn := range s.udp {
		s.drain(conn)
	}
	s.streams.Wait()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.asked
}

// Sends itself a marker and waits until it is read: what came before it was read too. Datagrams get
// lost while an address is new, hence the repetition.
func (s *servers) drain(conn *net.UDPConn) {
	s.markers++
	sent := fmt.Sprint(marker, s.markers)
	sender, err := net.Dial("udp", conn.LocalAddr().String())
	check(err)
	defer sender.Close()
	for range 200 {
		_, err = sender.Write([]byte(sent))
		check(err)
		wait := time.After(100 * time.Millisecond)
		for waiting := true; waiting; {
			select {
			case seen := <-s.drained:
				if seen == sent {
					return
				}
			case <-wait:
				waiting = false
			}
		}
	}
	fail("the end of a case is not seen at " + conn.LocalAddr().String())
}

func key(parts ...string) string { return strings.ToLower(strings.Join(parts, "|")) }

func (s *servers) serveUDP(conn *net.UDPConn, server string) {
	buffer := make([]byte, 65536)
	later := make(chan delayed, 4096)
	go sendLater(conn, later)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buffer)
		check(err)
		query := append([]byte{}, buffer[:n]...)
		if strings.HasPrefix(string(query), marker) {
			s.drained <- string(query)
			continue
		}
		response, after := s.answer(query, server, "udp", int(from.Port()))
		if response == nil {
			continue
		}
		if after == 0 {
			conn.WriteToUDPAddrPort(response, from)
		} else {
			later <- delayed{time.Now().Add(after), response, from}
		}
	}
}

// A reply that waits.
type delayed struct {
	due      time.Time
	response []byte
	to       netip.AddrPort
}

// Sends replies when they are due, those with the same delay in the order of their questions.
func sendLater(conn *net.UDPConn, later chan delayed) {
	var waiting []delayed
	for {
		var due <-chan time.Time
		if len(waiting) > 0 {
			due = time.After(time.Until(waiting[0].due))
		}
		select {
		case next := <-later:
			waiting = append(waiting, next)
			sort.SliceStable(waiting, func(a, b int) bool { return waiting[a].due.Before(waiting[b].due) })
		case <-due:
			conn.WriteToUDPAddrPort(waiting[0].response, waiting[0].to)
			waiting = waiting[1:]
		}
	}
}

func (s *servers) serveTCP(listener *net.TCPListener, server string) {
	for {
		conn, err := listener.AcceptTCP()
		if err != nil {
			return
		}
		s.streams.Add(1)
		go func() {
			defer s.streams.Done()
			defer conn.Close()
			from := conn.RemoteAddr().(*net.TCPAddr).Port
			var writing sync.Mutex
			for {
				var length [2]byte
				if _, err := io.ReadFull(conn, length[:]); err != nil {
					return
				}
				query := make([]byte, binary.BigEndian.Uint16(length[:]))
				if _, err := io.ReadFull(conn, query); err != nil {
					return
				}
				response, after := s.answer(query, server, "tcp", from)
				if response == nil {
					continue
				}
				framed := binary.BigEndian.AppendUint16(nil, uint16(len(response)))
				framed = append(framed, response...)
				send := func() {
					writing.Lock()
					defer writing.Unlock()
					conn.Write(framed)
				}
				if after == 0 {
					send()
				} else {
					time.AfterFunc(after, send)
				}
			}
		}()
	}
}

// Writes the question down and builds the reply; nil for none.
func (s *servers) answer(query []byte, server, transport string, port int) ([]byte, time.Duration) {
	name, kind, end := question(query)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	seen := asked{Server: server, Transport: transport, Port: port, Name: name, Type: kind,
		AtMs: time.Since(s.start).Milliseconds()}
	if end > 0 {
		seen.Edns = query[10] != 0 || query[11] != 0
	}
	s.asked = append(s.asked, seen)
	if end == 0 {
		return nil, 0
	}
	exact := key(server, name, kind, transport)
	count := s.counts[exact]
	s.counts[exact] = count + 1
	replies, ok := s.entries[exact]
	if !ok {
		replies, ok = s.entries[key(server, "", "", transport)]
	}
	if !ok || len(replies) == 0 {
		replies = []reply{{Rcode: 3, Ra: true}}
	}
	r := replies[min(count, len(replies)-1)]
	if r.Silent {
		return nil, 0
	}
	return build(query[:end], kind, r), time.Duration(r.AfterMs) * time.Millisecond
}

// Name with the root's dot, type and the offset after the question; an offset of 0 if it is none.
func question(query []byte) (string, string, int) {
	if len(query) < 12 {
		return "?", "?", 0
	}
	name := ""
	at := 12
	for {
		if at >= len(query) {
			return "?", "?", 0
		}
		length := int(query[at])
		if length == 0 {
			break
		}
		if length > 63 || at+1+length > len(query) {
			return "?", "?", 0
		}
		name += string(query[at+1:at+1+length]) + "."
		at += 1 + length
	}
	if at+5 > len(query) {
		return "?", "?", 0
	}
	if name == "" {
		name = "."
	}
	kind := map[uint16]string{1: "A", 28: "AAAA"}[binary.BigEndian.Uint16(query[at+1:])]
	if kind == "" {
		return "?", "?", 0
	}
	return name, kind, at + 5
}

func build(query []byte, kind string, r reply) []byte {
	response := append([]byte{}, query...)
	if r.Stray {
		response[0] ^= 0x5a
	}
	flags := uint16(0x8100) | uint16(r.Rcode)
	if r.Aa {
		flags |= 0x0400
	}
	if r.Truncated {
		flags |= 0x0200
	}
	if r.Ra {
		flags |= 0x0080
	}
	answers := len(r.Addresses)
	owner := []byte{0xc0, 0x0c}
	target := []byte("\x05alias\x07example\x00")
	if r.Alias {
		answers++
	}
	additional := 0
	if r.Additional {
		additional = 1
	}
	binary.BigEndian.PutUint16(response[2:], flags)
	binary.BigEndian.PutUint16(response[4:], 1)
	binary.BigEndian.PutUint16(response[6:], uint16(answers))
	binary.BigEndian.PutUint16(response[8:], 0)
	binary.BigEndian.PutUint16(response[10:], uint16(additional))
	record := func(owner []byte, kind uint16, data []byte) {
		response = append(response, owner...)
		response = binary.BigEndian.AppendUint16(response, kind)
		response = binary.BigEndian.AppendUint16(response, 1)
		response = binary.BigEndian.AppendUint32(response, 30)
		response = binary.BigEndian.AppendUint16(response, uint16(len(data)))
		response = append(response, data...)
	}
	if r.Alias {
		record(owner, 5, target)
		owner = target
	}
	number := map[string]uint16{"A": 1, "AAAA": 28}[kind]
	for _, text := range r.Addresses {
		address := netip.MustParseAddr(text)
		record(owner, number, address.AsSlice())
	}
	if r.Additional {
		// An OPT record.
		response = append(response, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0)
	}
	return response
}
