package proofs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A stream creates Pods all the time, slowly enough to go on for minutes. It does so in bursts: one
// after the other, they would all come to the replica that has the only connection.
const (
	streamBurst = 12
	streamEvery = 200 * time.Millisecond
	// A stream ends by itself, should its proof not end it; and where the machine is too slow for its
	// rate, it waits.
	longestStream = 3 * time.Minute
	streamAtOnce  = 4 * streamBurst
)

// sample is an image that Pods of a stream have, and what may be stored of it: nothing, where it is denied.
type sample struct {
	image string
	may   []string
}

var samples = []sample{
	{operatorImage, []string{inHarbor}},
	{"nginx:1.27", []string{"harbor.potus.local/dockerhub/library/nginx:1.27"}},
	{forbidden, nil},
	{inHarbor, []string{inHarbor}},
	{"docker.io/library/xmrig:1", nil},
}

// attempt is one Pod that was to be created.
type attempt struct {
	name         string
	sample       sample
	began, ended time.Time
	// failure is what came instead of what was expected; nil where nothing did.
	failure error
}

var streams atomic.Int32

type stream struct {
	lab      *lab
	samples  []sample
	before   counters
	began    time.Time
	stop     chan struct{}
	ended    sync.WaitGroup
	lock     sync.Mutex
	attempts []attempt
}

// flow is what came of a stream.
type flow struct {
	took     time.Duration
	attempts []attempt
	failed   []attempt
	stored   int
	denied   int
	// wrong is what was stored and should not have been.
	wrong []string
	// counted is what the API server counted meanwhile.
	counted counters
}

func newStream(lab *lab, samples ...sample) *stream {
	lab.t.Helper()
	stream := &stream{lab: lab, samples: samples, before: lab.counters(), began: time.Now(), stop: make(chan struct{})}
	prefix := fmt.Sprintf("stream-%d-", streams.Add(1))
	stream.ended.Go(func() {
		ticker := time.NewTicker(streamEvery)
		defer ticker.Stop()
		free := make(chan struct{}, streamAtOnce)
		number := 0
		for deadline := time.Now().Add(longestStream); time.Now().Before(deadline); {
			for range streamBurst {
				free <- struct{}{}
				number++
				name, sample := prefix+strconv.Itoa(number), samples[number%len(samples)]
				stream.ended.Go(func() {
					stream.seen(lab.attempt(name, sample))
					<-free
				})
			}
			select {
			case <-stream.stop:
				return
			case <-ticker.C:
			}
		}
	})
	return stream
}

func (stream *stream) seen(attempt attempt) {
	stream.lock.Lock()
	defer stream.lock.Unlock()
	stream.attempts = append(stream.attempts, attempt)
}

// attempt creates a Pod, and compares what came of it with what was expected.
func (lab *lab) attempt(name string, sample sample) attempt {
	made := attempt{name: name, sample: sample, began: time.Now()}
	reply, err := lab.client.Do(context.Background(), http.MethodPost, lab.pods(), "application/json", encodedJSON(pod(name, sample.image)))
	made.ended = time.Now()
	switch {
	case err != nil:
		made.failure = err
	case sample.may != nil:
		var stored object
		if made.failure = reply.Decode(&stored); made.failure == nil && !slices.Contains(sample.may, stored.image("containers", 0).(string)) {
			made.failure = errExpected(sample.may, stored.image("containers", 0))
		}
	case reply.Code == http.StatusForbidden && isOurs(reply.Message()):
	case reply.Err() == nil:
		made.failure = errors.New("expected it to be denied, but it was created")
	default:
		made.failure = reply.Err()
	}
	return made
}

// answered is how many attempts are over.
func (stream *stream) answered() int {
	stream.lock.Lock()
	defer stream.lock.Unlock()
	return len(stream.attempts)
}

// end waits for what is under way, and reads back every Pod that is stored.
func (stream *stream) end() flow {
	lab := stream.lab
	lab.t.Helper()
	close(stream.stop)
	stream.ended.Wait()
	flow := flow{took: time.Since(stream.began), attempts: stream.attempts}
	flow.counted = lab.counters().since(stream.before)
	expected := map[string]attempt{}
	for _, attempt := range stream.attempts {
		expected[attempt.name] = attempt
		if attempt.failure != nil {
			flow.failed = append(flow.failed, attempt)
		}
	}
	slices.SortFunc(flow.failed, func(one, other attempt) int { return one.began.Compare(other.began) })
	list := lab.stored(lab.send(http.MethodGet, lab.pods(), nil))
	items, _ := list["items"].([]any)
	for _, item := range items {
		stored := object(item.(map[string]any))
		name, image := stored.at("metadata", "name").(string), stored.image("containers", 0).(string)
		attempt, ours := expected[name]
		if !ours {
			continue
		}
		delete(expected, name)
		flow.stored++
		if !slices.Contains(attempt.sample.may, image) {
			flow.wrong = append(flow.wrong, fmt.Sprintf("%s as %s", attempt.sample.image, image))
		}
	}
	for _, attempt := range expected {
		switch {
		case attempt.failure != nil:
		case attempt.sample.may == nil:
			flow.denied++
		default:
			flow.wrong = append(flow.wrong, attempt.sample.image+" was created, and is not there")
		}
	}
	return flow
}

func (flow flow) String() string {
	return fmt.Sprintf("%d creates, %.0f a second: %d stored, %d denied, %d failed; the API server counted %v",
		len(flow.attempts), float64(len(flow.attempts))/flow.took.Seconds(), flow.stored, flow.denied, len(flow.failed), flow.counted)
}

// storedNothingWrong is what has to hold whatever happens.
func (flow flow) storedNothingWrong(t *testing.T) {
	t.Helper()
	if len(flow.wrong) > 0 {
		t.Errorf("expected nothing to be stored that the policy changes or denies, but found %d: %q", len(flow.wrong), flow.wrong[:min(5, len(flow.wrong))])
	}
	if flow.counted.podsFailedOpen != 0 {
		t.Errorf("expected no Pod to pass without being judged, but the API server counted %v", flow.counted)
	}
	if flow.stored == 0 || flow.denied == 0 {
		t.Errorf("expected Pods to be stored and others to be denied, but found %v", flow)
	}
}

// lostNothing ends a stream of which every create had to be served.
func (stream *stream) lostNothing(t *testing.T) flow {
	t.Helper()
	flow := stream.end()
	t.Log(flow)
	flow.storedNothingWrong(t)
	if len(flow.failed) > 0 || flow.counted.callsFailed != 0 {
		t.Errorf("expected no failure, but found %d, and the API server counted %v: %q", len(flow.failed), flow.counted, some(flow.failed...))
	}
	return flow
}

// some of the failures, with when they were.
func some(failed ...attempt) []string {
	var texts []string
	for _, one := range failed[:min(5, len(failed))] {
		texts = append(texts, fmt.Sprintf("%s %s: %v", one.began.Format(time.StampMilli), one.sample.image, one.failure))
	}
	return texts
}

// isOurs says whether a message is that of one of our denials.
func isOurs(message string) bool {
	return strings.HasPrefix(message, deniedByMutating) || strings.HasPrefix(message, deniedByValidating)
}
