package proofs

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"harbor-pilot.io/tests/cluster/plane"
)

// release is harbor-pilot as its users install it. Its processes are those of its Pods.
type release struct {
	t      *testing.T
	pilot  plane.Pilot
	policy string
}

var kubelet struct {
	sync.Once
	*plane.Kubelet
	err error
}

// startKubelet has installed replicas run, from now on.
func startKubelet(t *testing.T) {
	t.Helper()
	program := pilotBinary(t)
	kubelet.Do(func() { kubelet.Kubelet, kubelet.err = cluster.StartKubelet(program) })
	must(t, kubelet.err)
}

// policies is the repository's default, which denies, with what the proofs need beside it.
func policies(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(repository("policies.yaml"))
	must(t, err)
	return string(text) + `
  - match: ["installed-warns-*"]
    enforcement: warn
  - match: ["installed-audits-*"]
    enforcement: audit
  - match: ["installed-kiosk-*"]
    allowOnly: [docker.io/library/nginx]
deny:
  - {image: docker.io/library/xmrig, reason: malware, always: true}
`
}

// install is `helm install` with more arguments, undone when the proof ends.
func install(t *testing.T, more ...string) *release {
	t.Helper()
	startKubelet(t)
	release := &release{t: t, policy: policies(t)}
	release.pilot = plane.Pilot{Chart: chart(), Policy: filepath.Join(t.TempDir(), "policies.yaml"), Replicas: 2, Arguments: more}
	release.write(release.policy)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	t.Cleanup(func() {
		_, _ = release.helm("uninstall", plane.PilotRelease, "--namespace", plane.PilotNamespace, "--wait")
	})
	must(t, cluster.InstallPilot(ctx, release.pilot))
	return release
}

func (release *release) write(policy string) {
	release.t.Helper()
	must(release.t, os.WriteFile(release.pilot.Policy, []byte(policy), 0o600))
}

func (release *release) helm(arguments ...string) (string, error) {
	release.t.Helper()
	return helm(release.t, arguments...)
}

// upgrade is `helm upgrade` to a policy.
func (release *release) upgrade(policy string, more ...string) error {
	release.t.Helper()
	release.write(policy)
	_, err := release.helm(append(append([]string{"upgrade"}, cluster.HelmArguments(release.pilot)...), more...)...)
	return err
}

// replicas are its Pods that are not on their way out.
func (release *release) replicas(lab *lab) []object {
	lab.t.Helper()
	list := lab.stored(lab.send(http.MethodGet, "/api/v1/namespaces/"+plane.PilotNamespace+"/pods?labelSelector=app.kubernetes.io/name=harbor-pilot", nil))
	var found []object
	items, _ := list["items"].([]any)
	for _, item := range items {
		if one := object(item.(map[string]any)); one.at("metadata", "deletionTimestamp") == nil {
			found = append(found, one)
		}
	}
	return found
}

// everywhere waits until no replica decides otherwise any more: each may hear of a change at
// another time, and the API server calls whichever it likes.
func (lab *lab) everywhere(what string, ask func() error) {
	lab.t.Helper()
	const inARow = 20
	times := 0
	lab.eventually(what, func() error {
		err := ask()
		if err != nil {
			times = 0
			return err
		}
		if times++; times < inARow {
			return fmt.Errorf("%d times so far", times)
		}
		return nil
	})
}

// accepts creates a Pod, and returns it as it is stored.
func (lab *lab) accepts(pod object) object {
	lab.t.Helper()
	return lab.stored(lab.create(pod))
}

const (
	deniedByMutating   = `admission webhook "pods.mutate.harbor-pilot.io" denied the request: harbor-pilot: `
	deniedByValidating = `admission webhook "pods.validate.harbor-pilot.io" denied the request: harbor-pilot: `
)

// rejects tries to create a Pod, and returns what it was rejected with.
func (lab *lab) rejects(pod object) string {
	lab.t.Helper()
	return lab.denied(lab.create(pod))
}

// denied is harbor-pilot's own text in the reply to a request that it rejected.
func (lab *lab) denied(reply *plane.Reply) string {
	lab.t.Helper()
	message := reply.Message()
	for _, prefix := range []string{deniedByMutating, deniedByValidating} {
		if text, ours := strings.CutPrefix(message, prefix); ours && reply.Code == http.StatusForbidden {
			return text
		}
	}
	lab.t.Fatalf("expected harbor-pilot to reject it, but found HTTP %d: %s", reply.Code, message)
	return ""
}

func errExpected(expected, found any) error {
	return fmt.Errorf("expected %v, but found %v", expected, found)
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("expected `%s`, but found: %s", part, text)
		}
	}
}

// image is that of a Pod's container of that number.
func (from object) image(list string, number int) any {
	return from.at("spec", list, number, "image")
}

func expectImage(t *testing.T, found any, expected string) {
	t.Helper()
	if found != expected {
		t.Errorf("expected the image %s, but found %v", expected, found)
	}
}
