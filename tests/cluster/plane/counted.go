package plane

import (
	"context"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Counted is a page of metrics, as its server showed it.
type Counted string

// Counted is what the API server counted so far.
func (client *Client) Counted(ctx context.Context) (Counted, error) {
	reply, err := client.Do(ctx, http.MethodGet, "/metrics", "", nil)
	if err == nil {
		err = reply.Err()
	}
	if err != nil {
		return "", err
	}
	return Counted(reply.Body), nil
}

// Sum is that of all series of a name that have each of the labels, written as on the page.
func (page Counted) Sum(name string, labels ...string) float64 {
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

// Quantile is that of a histogram in seconds, of what was counted since the earlier page. Within a
// bucket it takes the values to be spread evenly.
func (page Counted) Quantile(before Counted, share float64, name string, labels ...string) time.Duration {
	buckets := map[float64]float64{}
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, name+"_bucket{") {
			continue
		}
		_, after, _ := strings.Cut(line, `le="`)
		text, _, _ := strings.Cut(after, `"`)
		if bound, err := strconv.ParseFloat(text, 64); err == nil {
			here := append([]string{`le="` + text + `"`}, labels...)
			buckets[bound] = page.Sum(name+"_bucket", here...) - before.Sum(name+"_bucket", here...)
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
