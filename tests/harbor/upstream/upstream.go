// Package upstream runs a real registry, distribution's, over TLS and with a login, as what a proxy cache
// stands in front of. It holds a few small images.
package upstream

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/distribution/distribution/v3/configuration"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd" // by name
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory" // by name
	"github.com/sirupsen/logrus"
	"golang.org/x/crypto/bcrypt"

	"harbor-pilot.io/tests/harbor/authority"
)

// The names that a Harbor reaches at this registry, as if they were in its /etc/hosts.
var hosts = []string{
	"nvcr.io", "registry-1.docker.io", "hub.docker.com", "ghcr.io", "quay.io", "registry.example.com",
}

// A Registry that runs.
type Registry struct {
	// Address is where it listens with a certificate of the trusted authority; Harbor reaches it there
	// by the names that it knows too.
	Address string
	// Untrusted is where it listens with a certificate of an authority that nobody trusts.
	Untrusted string
	// UntrustedPEM is that authority.
	UntrustedPEM []byte
	Username     string
	Password     string
	Images       []Image

	trusted *authority.Authority
	down    atomic.Bool
	pulls   atomic.Int64
}

// Start runs a registry; ctx ends it. folder is for its files.
func Start(ctx context.Context, folder string, trusted *authority.Authority) (*Registry, error) {
	// As nvcr.io wants it: shells and templates stumble over the dollar.
	r := &Registry{Username: "$oauthtoken", Password: "nvapi-upstream-key", trusted: trusted}
	hash, err := bcrypt.GenerateFromPassword([]byte(r.Password), bcrypt.MinCost)
	if err != nil {
		return nil, err
	}
	htpasswd := filepath.Join(folder, "upstream.htpasswd")
	if err := os.WriteFile(htpasswd, fmt.Appendf(nil, "%s:%s\n", r.Username, hash), 0o600); err != nil {
		return nil, err
	}
	config := &configuration.Configuration{
		Version: "0.1",
		Storage: configuration.Storage{"inmemory": {}},
		Auth:    configuration.Auth{"htpasswd": {"realm": "upstream", "path": htpasswd}},
	}
	config.Log.AccessLog.Disabled = true
	logrus.SetLevel(logrus.PanicLevel) // the registry logs every 404, with this
	config.HTTP.Secret = "only for uploads that go on elsewhere"
	app := handlers.NewApp(ctx, config)
	handler := http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if r.down.Load() {
			panic(http.ErrAbortHandler)
		}
		r.pulls.Add(1)
		app.ServeHTTP(w, request)
	})
	nobody, err := authority.New("an authority that nobody trusts")
	if err != nil {
		return nil, err
	}
	r.UntrustedPEM = nobody.PEM()
	if r.Address, err = serve(ctx, handler, trusted); err != nil {
		return nil, err
	}
	if r.Untrusted, err = serve(ctx, handler, nobody); err != nil {
		return nil, err
	}
	r.Images, err = r.push("nvidia/driver:550", "library/nginx:1.27", "team/app:1")
	r.pulls.Store(0)
	return r, err
}

func serve(ctx context.Context, handler http.Handler, by *authority.Authority) (string, error) {
	config, err := by.Server(append([]string{"127.0.0.1", "localhost"}, hosts...)...)
	if err != nil {
		return "", err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	// Whoever does not trust the certificate hangs up; that is no news.
	server := &http.Server{Handler: handler, TLSConfig: config, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.ServeTLS(listener, "", "") }()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return listener.Addr().String(), nil
}

// SetDown makes it close every connection without an answer.
func (r *Registry) SetDown(down bool) { r.down.Store(down) }

// Requests says how many it got since it was filled.
func (r *Registry) Requests() int64 { return r.pulls.Load() }
