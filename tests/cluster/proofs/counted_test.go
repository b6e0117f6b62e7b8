package proofs

import (
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// counted is a page of metrics, as its server showed it.
type counted string

func (lab *lab) counted() counted {
	lab.t.Helper()
	reply := lab.send(http.MethodGet, "/metrics", nil)
	must(lab.t, reply.Err())
	return counted(reply.Body)
}

// sum is that of all series of a name that have each of the labels, written as on the page.
func (page counted) sum(name string, labels ...string) float64 {
	var sum float64
	for line := range strings.Lines(string(page)) {
		series, ours := strings.CutPrefix(line, name+"{")
		at := strings.LastIndexByte(series, '}')
		if !ours || at < 0 || slices.ContainsFunc(labels, func(label string) bool { return !strings.Contains(series[:at], label) }) {
			continue
		}
		value, _, _ := strings.Cut(strings.TrimSpace(series[at+1:]), " ")
		if number, err := strconv.ParseFloat(value, 64); err == nil {
			sum += number
		}
	}
	return sum
}

// quantile is that of a histogram in seconds, of what was counted since the earlier page. Within a
// bucket it takes the values to be spread evenly.
func (page counted) quantile(before counted, share float64, name string, labels ...string) time.Duration {
	buckets := map[float64]float64{}
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, name+"_bucket{") {
			continue
		}
		_, after, _ := strings.Cut(line, `le="`)
		text, _, _ := strings.Cut(after, `"`)
		if bound, err := strconv.ParseFloat(text, 64); err == nil {
			here := append([]string{`le="` + text + `"`}, labels...)
			buckets[bound] = page.sum(name+"_bucket", here...) - before.sum(name+"_bucket", here...)
		}
	}
	wanted := buckets[math.Inf(1)] * share
	var low, below float64
	for _, bound := range slices.Sorted(maps.Keys(buckets)) {
		if count := buckets[bound]; count >= wanted && count > below {
			if math.IsInf(bound, 1) {
				break
			}
			return time.Duration((low + (bound-low)*(wanted-below)/(count-below)) * float64(time.Second))
		}
		low, below = bound, buckets[bound]
	}
	return time.Duration(low * float64(time.Second))
}

// failures is how often the API server could not have an answer from a webhook.
func (page counted) failures() float64 {
	failed := page.sum("apiserver_admission_webhook_fail_open_count")
	for _, kind := range []string{"calling_webhook_error", "apiserver_internal_error"} {
		failed += page.sum("apiserver_admission_webhook_rejection_count", `error_type="`+kind+`"`)
	}
	return failed
}
