package upstream

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"harbor-pilot.io/tests/harbor/standin"
)

// Internet is what a Harbor beside this registry reaches: the registry by all its names, at port 443, and
// the loopback interface. There is nothing else.
type Internet struct{ Registry *Registry }

// Client trusts what the operating system of a Harbor would: here the registry's authority alone.
func (i Internet) Client(trust standin.Trust) *http.Client {
	pool := i.Registry.trusted.Pool()
	pool.AppendCertsFromPEM([]byte(trust.PEM))
	return &http.Client{
		Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
		Transport: &http.Transport{
			DialContext:       i.dial,
			TLSClientConfig:   &tls.Config{RootCAs: pool, InsecureSkipVerify: trust.Insecure},
			DisableKeepAlives: true,
		},
	}
}

func (i Internet) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	loopback := host == "localhost" || net.ParseIP(host).IsLoopback()
	switch {
	case slices.Contains(hosts, host) && port == "443":
		address = i.Registry.Address
	case !loopback:
		return nil, fmt.Errorf("lookup %s: no such host", host)
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, network, address)
}
