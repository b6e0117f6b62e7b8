package proofs

import (
	"context"
	"fmt"
)

// counters is what the API server says of its calls of our webhooks. It counts from its start.
type counters struct {
	// callsFailed is how many requests it rejected because a call failed.
	callsFailed int
	// podsFailedOpen and othersFailedOpen are calls that failed and let the request pass.
	podsFailedOpen, othersFailedOpen int
}

func (lab *lab) counters() counters {
	lab.t.Helper()
	page, err := lab.client.Counted(context.Background())
	must(lab.t, err)
	sum := func(name string, labels ...string) int {
		return int(page.Sum("apiserver_admission_webhook_"+name+"_count", append(labels, `.harbor-pilot.io"`)...))
	}
	pods := sum("fail_open", `name="pods.`)
	return counters{
		callsFailed:      sum("rejection") - sum("rejection", `error_type="no_error"`),
		podsFailedOpen:   pods,
		othersFailedOpen: sum("fail_open") - pods,
	}
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
