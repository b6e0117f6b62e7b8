package proofs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"harbor-pilot.io/tests/cluster/plane"
)

// annotations is what the audit log has of a request under a webhook's name.
func (lab *lab) annotations(reply *plane.Reply, webhook string) map[string]string {
	lab.t.Helper()
	id := reply.Header.Get("Audit-Id")
	found := map[string]string{}
	lab.eventually("the audit log has the request", func() error {
		content, err := os.ReadFile(cluster.AuditLog())
		if err != nil {
			return err
		}
		lines := bufio.NewScanner(bytes.NewReader(content))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if !bytes.Contains(lines.Bytes(), []byte(id)) {
				continue
			}
			var event struct{ Annotations map[string]string }
			if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
				return err
			}
			for key, value := range event.Annotations {
				if key, ours := strings.CutPrefix(key, webhook+"/"); ours {
					found[key] = value
				}
			}
			return nil
		}
		return errors.Join(lines.Err(), errors.New("not yet"))
	})
	return found
}

func TestAuditAnnotationsAtTheirLimits(t *testing.T) {
	lab := newLab(t)
	longest, long := strings.Repeat("k", 63), strings.Repeat("v", 20_000)
	hook := newHook(t, lab, respond(object{"allowed": true, "auditAnnotations": object{
		"ok": "yes", "Up.per_x": "yes", longest: "yes", "empty": "", "long": long,
		"with/slash": "no", longest + "k": "no", "-lead": "no", "with space": "no",
	}}))
	lab.register([]*webhook{hook}, fail, nil, mutating)
	reply := lab.create(pod("p", "nginx"))
	must(t, reply.Err())
	expected := map[string]string{"ok": "yes", "Up.per_x": "yes", longest: "yes", "empty": "", "long": long}
	if found := lab.annotations(reply, mutating.name); !maps.Equal(found, expected) {
		t.Errorf("expected the keys %q, but found %q", sorted(expected), sorted(found))
	}
}

// On reinvocation, the first value of a key stays: nothing that may change between
// two calls belongs under a fixed key of a mutating webhook.
func TestAuditAnnotationsAreNotOverwritten(t *testing.T) {
	lab := newLab(t)
	hook := newHook(t, lab, inTurn(
		respond(object{"allowed": true, "auditAnnotations": object{"round": "first"}}),
		respond(object{"allowed": true, "auditAnnotations": object{"round": "second"}}),
	))
	lab.register([]*webhook{hook}, fail, object{"reinvocationPolicy": "IfNeeded"}, mutating)
	later := newLab(t).watching(lab)
	other := newHook(t, later, patching(operation("add", "/spec/containers/-", container("sidecar", "nginx"))))
	later.register([]*webhook{other}, fail, nil, mutating)
	hook.taken()

	reply := lab.create(pod("p", "nginx"))
	must(t, reply.Err())
	if calls := hook.taken(); len(calls) != 2 {
		t.Fatalf("expected the hook to be called twice, but found %d calls", len(calls))
	}
	if found := lab.annotations(reply, mutating.name)["round"]; found != "first" {
		t.Errorf("expected the first value, but found `%s`", found)
	}
}

func sorted(from map[string]string) []string { return slices.Sorted(maps.Keys(from)) }
