package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Ports of the upstreams on 127.0.0.1. Nobody listens on 10199.
const (
	answering = "127.0.0.1:10101"
	silent    = "127.0.0.1:10102"
	garbling  = "127.0.0.1:10103"
	foreign   = "127.0.0.1:10104"
	closing   = "127.0.0.1:10105"
	resetting = "127.0.0.1:10106"
	slow      = "127.0.0.1:10107"
	closed    = "127.0.0.1:10199"
)

func startUpstreams() {
	for _, proto := range []string{"udp", "tcp"} {
		serve(answering, proto, answer)
		serve(slow, proto, func(w dns.ResponseWriter, r *dns.Msg) {
			time.Sleep(1500 * time.Millisecond)
			answer(w, r)
		})
	}
	// Takes questions and says nothing.
	quiet, err := net.ListenPacket("udp", silent)
	check(err)
	go func() {
		buffer := make([]byte, 4096)
		for {
			if _, _, err := quiet.ReadFrom(buffer); err != nil {
				return
			}
		}
	}()
	mute, err := net.Listen("tcp", silent)
	check(err)
	go func() {
		for {
			connection, err := mute.Accept()
			if err != nil {
				return
			}
			defer connection.Close()
		}
	}()
	garble()
	tlsServer()
	each(closing, func(connection net.Conn) {
		buffer := make([]byte, 512)
		connection.Read(buffer)
		connection.Close()
	})
	each(resetting, func(connection net.Conn) {
		buffer := make([]byte, 512)
		connection.Read(buffer)
		connection.(*net.TCPConn).SetLinger(0)
		connection.Close()
	})
	time.Sleep(200 * time.Millisecond)
}

func serve(address, proto string, handle dns.HandlerFunc) {
	server := &dns.Server{Addr: address, Net: proto, Handler: handle}
	go func() { check(server.ListenAndServe()) }()
}

func each(address string, handle func(net.Conn)) {
	listener, err := net.Listen("tcp", address)
	check(err)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go handle(connection)
		}
	}()
}

// answer knows the first label: what it should say.
func answer(w dns.ResponseWriter, r *dns.Msg) {
	reply := new(dns.Msg)
	reply.SetReply(r)
	reply.RecursionAvailable = true
	name := r.Question[0].Name
	first, _, _ := strings.Cut(strings.ToLower(name), ".")
	header := func(kind uint16) dns.RR_Header {
		return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: 30}
	}
	switch first {
	case "nxdomain":
		reply.Rcode = dns.RcodeNameError
	case "servfail":
		reply.Rcode = dns.RcodeServerFailure
	case "refused":
		reply.Rcode = dns.RcodeRefused
	case "formerr":
		reply.Rcode = dns.RcodeFormatError
	case "notimp":
		reply.Rcode = dns.RcodeNotImplemented
	case "yxdomain":
		reply.Rcode = dns.RcodeYXDomain
	case "odd":
		reply.Rcode = 12
	case "cut":
		if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
			reply.Truncated = true
			break
		}
		for range 40 {
			reply.Answer = append(reply.Answer, &dns.TXT{Hdr: header(dns.TypeTXT), Txt: []string{strings.Repeat("x", 100)}})
		}
	default:
		if r.Question[0].Qtype == dns.TypeAAAA {
			reply.Answer = append(reply.Answer, &dns.AAAA{Hdr: header(dns.TypeAAAA), AAAA: net.ParseIP("fd00::7")})
		} else {
			reply.Answer = append(reply.Answer, &dns.A{Hdr: header(dns.TypeA), A: net.IPv4(10, 0, 0, 7)})
		}
	}
	w.WriteMsg(reply)
}

// garble sends answers that are no DNS messages: cut in the middle of a record, or with a foreign id.
func garble() {
	socket, err := net.ListenPacket("udp", garbling)
	check(err)
	go func() {
		buffer := make([]byte, 4096)
		for {
			length, client, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			question := new(dns.Msg)
			if question.Unpack(buffer[:length]) != nil {
				continue
			}
			reply := new(dns.Msg)
			reply.SetReply(question)
			reply.Answer = append(reply.Answer, &dns.A{
				Hdr: dns.RR_Header{Name: question.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 30},
				A:   net.IPv4(10, 0, 0, 7),
			})
			packed, _ := reply.Pack()
			if strings.HasPrefix(question.Question[0].Name, "short") {
				packed = packed[:len(packed)-3]
			} else {
				// A length of data that goes beyond the message.
				packed[len(packed)-5] = 200
			}
			socket.WriteTo(packed, client)
		}
	}()
}

// tlsServer has a certificate that nobody signed.
func tlsServer() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "dns.example.org"},
		DNSNames:     []string{"dns.example.org"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	check(err)
	server := &dns.Server{
		Addr: foreign, Net: "tcp-tls", Handler: dns.HandlerFunc(answer),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}},
	}
	go func() { check(server.ListenAndServe()) }()
}
