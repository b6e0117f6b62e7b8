package proofs

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// latency is what creating Pods took, one after the other.
type latency []time.Duration

// measure creates Pods and takes them away again.
func measure(lab *lab) latency {
	lab.t.Helper()
	var took latency
	for number := range 220 {
		body := encodedJSON(pod(fmt.Sprintf("p%d", number), operatorImage))
		began := time.Now()
		reply := lab.sendBytes(http.MethodPost, lab.pods(), "application/json", body)
		elapsed := time.Since(began)
		must(lab.t, reply.Err())
		if number >= 20 { // warm by then
			took = append(took, elapsed)
		}
	}
	must(lab.t, lab.send(http.MethodDelete, lab.pods(), nil).Err())
	slices.Sort(took)
	return took
}

func (took latency) String() string {
	at := func(percent int) time.Duration { return took[len(took)*percent/100].Round(10 * time.Microsecond) }
	return fmt.Sprintf("%v at p50 and %v at p99", at(50), at(99))
}
