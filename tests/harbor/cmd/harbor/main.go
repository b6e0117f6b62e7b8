// Command harbor runs a Harbor in memory and a real registry behind it, for tests. See README.md.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"harbor-pilot.io/tests/harbor/authority"
	"harbor-pilot.io/tests/harbor/contract"
	"harbor-pilot.io/tests/harbor/standin"
	"harbor-pilot.io/tests/harbor/upstream"
)

// started is the line of JSON that says where everything is.
type started struct {
	Version    string      `json:"version"`
	URL        string      `json:"url"`
	CAFile     string      `json:"ca_file"`
	Username   string      `json:"username"`
	Password   string      `json:"password"`
	ControlURL string      `json:"control_url"`
	Upstream   upstreamRun `json:"upstream"`
}

type upstreamRun struct {
	URL             string           `json:"url"`
	CAFile          string           `json:"ca_file"`
	UntrustedURL    string           `json:"untrusted_url"`
	UntrustedCAFile string           `json:"untrusted_ca_file"`
	Username        string           `json:"username"`
	Password        string           `json:"password"`
	Images          []upstream.Image `json:"images"`
}

type options struct {
	version     standin.Version
	folder      string
	robotPrefix string
	faults      standin.Faults
	readOnly    bool
	down        bool
	patient     bool
}

func main() {
	options, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "harbor:", err)
		os.Exit(2)
	}
	// Whoever started this holds its standard input; when that one ends, so does this.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	err = run(ctx, options)
	if err != nil && ctx.Err() != nil {
		err = errors.New("standard input was closed, or a signal came, before it had started")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "harbor:", err)
		os.Exit(2)
	}
}

func parse(arguments []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("harbor", flag.ContinueOnError)
	version := flags.String("version", "2.14.3", "which version of Harbor to behave as")
	flags.StringVar(&o.folder, "folder", "", "where to write certificates (must exist)")
	failAfter := flags.Int("fail-after", -1, "after this many requests, answers are wrong; negative: never")
	failCount := flags.Int("fail-count", -1, "how many answers are wrong; negative: all that follow")
	flags.IntVar(&o.faults.Status, "fail-status", 500, "the status of wrong answers; 0: no answer, the connection is closed")
	flags.StringVar(&o.robotPrefix, "robot-prefix", "robot$", "what the names of robots begin with")
	flags.BoolVar(&o.faults.Committed, "fail-committed", false, "wrong answers follow after the request was carried out")
	flags.IntVar(&o.faults.SlowMilliseconds, "slow", 0, "milliseconds to wait before each answer")
	flags.BoolVar(&o.readOnly, "read-only", false, "start in read-only mode")
	flags.BoolVar(&o.down, "upstream-down", false, "the registry behind it closes every connection")
	flags.BoolVar(&o.patient, "patient", false, "ignore what a request has too much, as Harbor does")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("expected flags alone, but found `%s`", flags.Arg(0))
	}
	if o.folder == "" {
		return o, errors.New("expected --folder")
	}
	if *failAfter >= 0 {
		o.faults.After, o.faults.Count = *failAfter, *failCount
	}
	var err error
	o.version, err = standin.ParseVersion(*version)
	return o, err
}

func run(ctx context.Context, o options) error {
	trusted, err := authority.New("the registry's authority")
	if err != nil {
		return err
	}
	registry, err := upstream.Start(ctx, o.folder, trusted)
	if err != nil {
		return err
	}
	own, err := authority.New("Harbor's authority")
	if err != nil {
		return err
	}
	files := map[string][]byte{
		"harbor-ca.pem": own.PEM(), "upstream-ca.pem": trusted.PEM(), "untrusted-ca.pem": registry.UntrustedPEM,
	}
	for name, pem := range files {
		if err := os.WriteFile(filepath.Join(o.folder, name), pem, 0o644); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	certificate, err := own.Server("127.0.0.1", "localhost", "harbor.example.com")
	if err != nil {
		return err
	}
	const password = "Harbor12345"
	check, err := contract.For(o.version)
	if err != nil {
		return err
	}
	config := standin.Config{
		Version:       o.version,
		AdminPassword: password,
		RobotPrefix:   o.robotPrefix,
		URL:           "https://" + listener.Addr().String(),
		Internet:      upstream.Internet{Registry: registry},
	}
	if !o.patient {
		config.Check = check.Middleware(func(violation string) { fmt.Fprintln(os.Stderr, "harbor:", violation) })
	}
	harbor := standin.New(config)
	harbor.SetFaults(o.faults)
	harbor.SetReadOnly(o.readOnly)
	registry.SetDown(o.down)
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() { _ = http.Serve(control, controls(harbor, registry)) }()
	server := &http.Server{
		Handler: harbor.Handler(), TLSConfig: certificate, ErrorLog: log.New(io.Discard, "", 0),
		// HTTP/1.1 alone: a connection that is closed is closed, and not one stream of it.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := json.NewEncoder(os.Stdout).Encode(started{
		Version: o.version.String(), URL: "https://" + listener.Addr().String(),
		CAFile: filepath.Join(o.folder, "harbor-ca.pem"), Username: "admin", Password: password,
		ControlURL: "http://" + control.Addr().String(),
		Upstream: upstreamRun{
			URL: "https://" + registry.Address, CAFile: filepath.Join(o.folder, "upstream-ca.pem"),
			UntrustedURL: "https://" + registry.Untrusted, UntrustedCAFile: filepath.Join(o.folder, "untrusted-ca.pem"),
			Username: registry.Username, Password: registry.Password, Images: registry.Images,
		},
	}); err != nil {
		return err
	}
	if err := server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func controls(harbor *standin.Harbor, registry *upstream.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", harbor.Control())
	mux.HandleFunc("PUT /upstream/down", func(w http.ResponseWriter, r *http.Request) {
		var down bool
		if err := json.NewDecoder(r.Body).Decode(&down); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		registry.SetDown(down)
	})
	mux.HandleFunc("GET /upstream/requests", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(registry.Requests())
	})
	return mux
}
