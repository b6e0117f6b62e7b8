package proofs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// fixturesMinor is the minor version of the API server that sent the fixtures. An older one leaves
// out fields of theirs.
const fixturesMinor = 36

// minor is that of the API server that runs.
func minor(t *testing.T) int {
	t.Helper()
	reply, err := cluster.Admin.Do(t.Context(), http.MethodGet, "/version", "", nil)
	must(t, err)
	var version struct{ Minor string }
	must(t, reply.Decode(&version))
	number, err := strconv.Atoi(version.Minor)
	must(t, err)
	return number
}

// fixture compares a review with the one that is kept under that name for the rest
// of the project's tests, byte for byte as an API server sent it. Values differ from
// run to run, but places and types must not: then the kept one is no longer real.
// With -record it is written anew.
func fixture(t *testing.T, name string, call call) {
	t.Helper()
	file := repository("tests", "fixtures", "reviews", "real", name+".json")
	if *record {
		must(t, os.MkdirAll(repository("tests", "fixtures", "reviews", "real"), 0o755))
		must(t, os.WriteFile(file, call.body, 0o644))
	}
	if minor(t) < fixturesMinor {
		return
	}
	kept, err := os.ReadFile(file)
	must(t, err)
	expected, found := shape(t, kept), shape(t, call.body)
	for _, line := range expected {
		if !slices.Contains(found, line) {
			t.Errorf("%s: expected `%s`, but the API server did not send it", name, line)
		}
	}
	for _, line := range found {
		if !slices.Contains(expected, line) {
			t.Errorf("%s: the API server sent `%s`, which the fixture does not have; run the proofs with -record", name, line)
		}
	}
}

// generated is what differs in the keys of managedFields: uids, generated names and addresses.
var generated = regexp.MustCompile(uids.String() + `|kube-api-access-[a-z0-9]{5}|203\.0\.113\.\d+`)

// shape is every place of a JSON text with its type, sorted; the items of a list are
// one place.
func shape(t *testing.T, text []byte) []string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	must(t, decoder.Decode(&value))
	var lines []string
	var walk func(place string, value any)
	walk = func(place string, value any) {
		switch value := value.(type) {
		case map[string]any:
			lines = append(lines, place+" {}")
			for key, field := range value {
				walk(place+"/"+generated.ReplaceAllString(key, "*"), field)
			}
		case []any:
			lines = append(lines, place+" []")
			for _, item := range value {
				walk(place+"/*", item)
			}
		case nil:
			lines = append(lines, place+" null")
		default:
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %T", place, value)))
		}
	}
	walk("", value)
	slices.Sort(lines)
	return slices.Compact(lines)
}
