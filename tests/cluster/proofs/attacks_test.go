package proofs

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"harbor-pilot.io/tests/cluster/sandbox"
)

// attack is what hostile clients do to a replica.
type attack struct {
	name string
	// connections at a time, spread over so many addresses
	connections, addresses int
	// again: whoever is cut comes back.
	again bool
	// act goes on until it is done or the connection ends. What fails on the way is what is hoped for.
	act func(connection net.Conn)
}

// Attackers share the processors with the API server and all else, and are not to be what takes them.
const comeBackAfter = 50 * time.Millisecond

// Addresses for attackers, past those of hooks.
const firstAttacker = 200

var attacks = []attack{
	{"heads byte by byte", 500, 1, true, secured(func(connection net.Conn) {
		trickle(connection, []byte("POST /mutate HTTP/1.1\r\nHost: harbor-pilot\r\nX-Filler: "))
	})},
	{"bodies byte by byte", 500, 1, true, secured(func(connection net.Conn) {
		if head(connection, 100_000) == nil {
			trickle(connection, nil)
		}
	})},
	// More than all bodies together may take, in ever smaller pieces, so that nothing is left.
	{"400 MiB of bodies that never end", 400, 4, true, secured(func(connection net.Conn) {
		if head(connection, 2<<20) != nil || filler(connection, 1<<20) != nil {
			return
		}
		for range 40 {
			if filler(connection, 500) != nil {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
		trickle(connection, nil)
	})},
	{"half a handshake", 2_000, 4, true, func(connection net.Conn) {
		// The beginning of a ClientHello, which is 512 bytes long.
		_, _ = connection.Write([]byte{22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3})
		wait(connection)
	}},
	{"bodies of 100 MB", 4, 1, true, secured(func(connection net.Conn) {
		if head(connection, 100_000_000) == nil && filler(connection, 100_000_000) == nil {
			wait(connection)
		}
	})},
	{"bodies of 100 MB of unknown length", 4, 1, true, secured(func(connection net.Conn) {
		if _, err := io.WriteString(connection, "POST /mutate HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"); err != nil {
			return
		}
		for range 100 {
			if _, err := io.WriteString(connection, "F4240\r\n"); err != nil || filler(connection, 1_000_000) != nil {
				return
			}
			if _, err := io.WriteString(connection, "\r\n"); err != nil {
				return
			}
		}
	})},
	{"garbage", 32, 1, true, func(connection net.Conn) { noise(connection) }},
	{"garbage within TLS", 32, 1, true, secured(noise)},
	{"a flood of requests from one address", 32, 1, true, secured(func(connection net.Conn) {
		const body = `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}`
		if head(connection, len(body)) == nil {
			_, _ = io.WriteString(connection, body)
			_, _ = connection.Read(make([]byte, 1024))
		}
	})},
	// More than the replica takes, from more addresses than it takes to fill it, and as much memory as
	// they can have: they rest, or their bodies never end, large and small, or not even the heads do,
	// which are as long as is allowed.
	{"10000 connections, idle or endless", 10_000, 10, false, secured(func(connection net.Conn) {
		switch rand.IntN(16) {
		case 0:
			if head(connection, 2<<20) == nil {
				_ = filler(connection, 1<<20)
			}
		case 1, 2, 3, 4:
			_ = head(connection, 1000)
		case 5, 6, 7, 8, 9:
			if _, err := io.WriteString(connection, "POST /mutate HTTP/1.1\r\nX-Filler: "); err == nil {
				_ = filler(connection, 30<<10)
			}
		}
		wait(connection)
	})},
}

// secured is what is done after a TLS handshake.
func secured(act func(net.Conn)) func(net.Conn) {
	return func(connection net.Conn) {
		// Who attacks trusts everyone.
		client := tls.Client(connection, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13})
		if client.Handshake() == nil {
			act(client)
		}
	}
}

func head(connection net.Conn, length int) error {
	_, err := fmt.Fprintf(connection, "POST /mutate HTTP/1.1\r\nHost: harbor-pilot\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", length)
	return err
}

// trickle sends a byte now and then, for ever.
func trickle(connection net.Conn, begin []byte) {
	for {
		next := []byte("x")
		if len(begin) > 0 {
			next, begin = begin[:1], begin[1:]
		}
		if _, err := connection.Write(next); err != nil {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}

var block = bytes.Repeat([]byte(" "), 64<<10)

func filler(connection net.Conn, length int) error {
	for length > 0 {
		sent, err := connection.Write(block[:min(length, len(block))])
		if err != nil {
			return err
		}
		length -= sent
	}
	return nil
}

func noise(connection net.Conn) {
	garbage := make([]byte, 4_000)
	for index := range garbage {
		garbage[index] = byte(rand.Uint32())
	}
	if _, err := connection.Write(garbage); err == nil {
		wait(connection)
	}
}

// wait reads until the connection ends.
func wait(connection net.Conn) { _, _ = io.Copy(io.Discard, connection) }

// siege is an attack under way.
type siege struct {
	cancel context.CancelFunc
	ended  sync.WaitGroup
	// Connections that were ever opened, and those that are open.
	opened, open atomic.Int64
	refused      atomic.Pointer[error]
}

// begin attacks until the siege is lifted.
func (attack attack) begin(target string) *siege {
	ctx, cancel := context.WithCancel(context.Background())
	siege := &siege{cancel: cancel}
	for number := range attack.connections {
		own := &net.TCPAddr{IP: sandbox.Address(byte(firstAttacker + number%attack.addresses)).AsSlice()}
		siege.ended.Go(func() {
			for first := true; ctx.Err() == nil && (first || attack.again); first = false {
				siege.connect(ctx, own, target, attack.act)
				time.Sleep(comeBackAfter)
			}
		})
	}
	return siege
}

func (siege *siege) connect(ctx context.Context, own net.Addr, target string, act func(net.Conn)) {
	connection, err := (&net.Dialer{LocalAddr: own}).DialContext(ctx, "tcp", target)
	if err != nil {
		if ctx.Err() == nil {
			siege.refused.Store(&err)
		}
		return
	}
	defer connection.Close()
	defer context.AfterFunc(ctx, func() { _ = connection.Close() })()
	siege.opened.Add(1)
	siege.open.Add(1)
	defer siege.open.Add(-1)
	act(connection)
}

func (siege *siege) lift() {
	siege.cancel()
	siege.ended.Wait()
}
