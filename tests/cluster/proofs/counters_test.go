package proofs

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// counters is what the API server says of its calls of our webhooks. It counts from its start.
type counters struct {
	// callsFailed is how many requests it rejected because a call failed.
	callsFailed int
	// podsFailedOpen and othersFailedOpen are calls that failed and let the request pass.
	podsFailedOpen, othersFailedOpen int
}

var counted = regexp.MustCompile(`^apiserver_admission_webhook_(rejection|fail_open)_count\{(.*)\} (\S+)$`)

func (lab *lab) counters() counters {
	lab.t.Helper()
	reply := lab.send(http.MethodGet, "/metrics", nil)
	must(lab.t, reply.Err())
	var now counters
	for line := range strings.Lines(string(reply.Body)) {
		found := counted.FindStringSubmatch(strings.TrimSpace(line))
		if found == nil {
			continue
		}
		value, err := strconv.ParseFloat(found[3], 64)
		must(lab.t, err)
		name, labels := found[1], found[2]
		switch {
		case !strings.Contains(labels, `.harbor-pilot.io"`) || strings.Contains(labels, `error_type="no_error"`):
		case name == "rejection":
			now.callsFailed += int(value)
		case strings.Contains(labels, `name="pods.`):
			now.podsFailedOpen += int(value)
		default:
			now.othersFailedOpen += int(value)
		}
	}
	return now
}

// since is what came after.
func (now counters) since(before counters) counters {
	now.callsFailed -= before.callsFailed
	now.podsFailedOpen -= before.podsFailedOpen
	now.othersFailedOpen -= before.othersFailedOpen
	return now
}

func (now counters) String() string {
	return fmt.Sprintf("%d failed calls, %d Pods and %d others that passed unasked", now.callsFailed, now.podsFailedOpen, now.othersFailedOpen)
}
