package proofs

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"harbor-pilot.io/tests/cluster/plane"
)

// serve runs the program itself behind the lab's Service, with a certificate for it, until the proof ends.
func (lab *lab) serve(arguments ...string) netip.AddrPort {
	lab.t.Helper()
	program, folder, address := pilotBinary(lab.t), lab.t.TempDir(), newAddress(lab.t)
	pair, err := cluster.Authority.Issue("harbor-pilot", nil, lab.hookHost())
	must(lab.t, err)
	for name, text := range map[string][]byte{"policies.yaml": []byte(policies(lab.t)), "tls.crt": pair.Certificate, "tls.key": pair.Key} {
		must(lab.t, os.WriteFile(filepath.Join(folder, name), text, 0o600))
	}
	at := netip.AddrPortFrom(address, 8443)
	command := exec.Command(program, append([]string{
		"serve", "--listen", at.String(), "--ops-listen", fmt.Sprintf("%s:%d", address, plane.PilotOpsPort),
		"--tls-cert", "tls.crt", "--tls-key", "tls.key", "--drain", "0s",
	}, arguments...)...)
	var talk bytes.Buffer
	command.Dir, command.Env, command.Stderr = folder, []string{}, &talk
	must(lab.t, command.Start())
	lab.t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // what it came to is no matter
		if lab.t.Failed() {
			lab.t.Log(talk.String())
		}
	})
	lab.eventually("the program is ready", func() error {
		response, err := http.Get(fmt.Sprintf("http://%s:%d/readyz", address, plane.PilotOpsPort))
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		return nil
	})
	lab.expose(&webhook{address: at})
	return at
}

// An API server that has a certificate for webhooks is let in by `--client-ca`, and nobody else is.
func TestClientCertificates(t *testing.T) {
	folder := t.TempDir()
	needCluster(t)
	stranger, err := plane.NewAuthority()
	must(t, err)
	authority := func(name string, authority *plane.Authority) string {
		file := filepath.Join(folder, name)
		must(t, os.WriteFile(file, authority.PEM(), 0o600))
		return file
	}
	ours, others := authority("ours.crt", cluster.Authority), authority("others.crt", stranger)

	lab := newLab(t)
	address := lab.serve("--client-ca", ours)
	lab.registration(fail, nil, mutating)
	lab.eventually("the API server calls it", func() error {
		reply := lab.send(http.MethodPost, lab.pods()+"?dryRun=All", pod("asked", operatorImage))
		if err := reply.Err(); err != nil {
			return err
		}
		var stored object
		must(t, reply.Decode(&stored))
		if found := stored.at(mainImage...); found != inHarbor {
			return fmt.Errorf("stored as %v", found)
		}
		return nil
	})
	expectImage(t, lab.accepts(pod("p", operatorImage)).at(mainImage...), inHarbor)
	contains(t, lab.create(pod("q", forbidden)).Message(), "is not allowed")
	connection, err := tls.Dial("tcp", address.String(), &tls.Config{RootCAs: cluster.Authority.Pool(), ServerName: lab.hookHost(), MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12})
	if err == nil {
		connection.Close()
		t.Error("expected a client without a certificate to be refused, but it was let in")
	}

	lab = newLab(t)
	lab.serve("--client-ca", others)
	lab.registration(fail, nil, mutating)
	lab.eventually("the API server is refused as a stranger", func() error {
		reply := lab.send(http.MethodPost, lab.pods()+"?dryRun=All", pod("asked", operatorImage))
		if reply.Code != http.StatusInternalServerError || !strings.Contains(reply.Message(), "failed calling webhook") || !strings.Contains(reply.Message(), "tls: ") {
			return fmt.Errorf("HTTP %d: %s", reply.Code, reply.Message())
		}
		return nil
	})
}
