package proofs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"harbor-pilot.io/tests/cluster/plane"
)

func chart() string { return repository("deploy", "chart") }

// helm runs it, and returns what it printed on stdout, or its complaint.
func helm(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	needCluster(t)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	command := cluster.Helm(ctx, arguments...)
	var complaint strings.Builder
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil {
		return "", &complained{complaint.String(), err}
	}
	return string(output), nil
}

type complained struct {
	text string
	err  error
}

func (complained *complained) Error() string { return complained.err.Error() + ": " + complained.text }

// secretTLS makes a chart take its certificate from a Secret of the admin's.
func secretTLS(t *testing.T) []string {
	t.Helper()
	needCluster(t)
	file := filepath.Join(t.TempDir(), "ca.crt")
	must(t, os.WriteFile(file, cluster.Authority.PEM(), 0o600))
	return []string{"--set", "tls.mode=secret", "--set-file", "tls.caBundle=" + file}
}

// objects reads the documents of a stream of YAML.
func objects(t *testing.T, text string) []object {
	t.Helper()
	var all []object
	for document := range strings.SplitSeq("\n"+text, "\n---\n") {
		var one object
		must(t, yaml.Unmarshal([]byte(document), &one))
		if one != nil {
			all = append(all, one)
		}
	}
	return all
}

// rendered is what the chart makes of those arguments.
func rendered(t *testing.T, arguments ...string) []object {
	t.Helper()
	text, err := helm(t, append([]string{"template", plane.PilotRelease, chart(), "--namespace", plane.PilotNamespace}, arguments...)...)
	must(t, err)
	return objects(t, text)
}

// of is the only object of that kind, and of that name if there is one given.
func of(t *testing.T, all []object, kind string, name ...string) object {
	t.Helper()
	var found []object
	for _, one := range all {
		if one["kind"] == kind && (len(name) == 0 || one.at("metadata", "name") == name[0]) {
			found = append(found, one)
		}
	}
	if len(found) != 1 {
		t.Fatalf("expected one %s %v, but found %d", kind, name, len(found))
	}
	return found[0]
}

// same compares by JSON, which a reader of a failure can read too.
func same(t *testing.T, what string, found, expected any) {
	t.Helper()
	if found, expected := string(encodedJSON(found)), string(encodedJSON(expected)); found != expected {
		t.Errorf("%s: expected\n%s\nbut found\n%s", what, expected, found)
	}
}
