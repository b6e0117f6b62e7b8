package main

import (
	"io"
	"net"
)

// forward joins each connection to the listener with one to the address.
func forward(listener net.Listener, address string) {
	for {
		incoming, err := listener.Accept()
		if err != nil {
			return // closed, at the end of the process
		}
		go func() {
			defer incoming.Close()
			outgoing, err := net.Dial("tcp", address)
			if err != nil {
				return // the client sees the connection close
			}
			defer outgoing.Close()
			go func() {
				_, _ = io.Copy(outgoing, incoming) // either side may go at any time
				_ = outgoing.(*net.TCPConn).CloseWrite()
			}()
			_, _ = io.Copy(incoming, outgoing)
		}()
	}
}
