package proofs

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"
)

// load is what clients saw who created Pods, in a dry run, as fast as they could.
type load struct {
	stop   chan struct{}
	ended  sync.WaitGroup
	lock   sync.Mutex
	sent   int
	failed []string
	worst  time.Duration
}

const (
	clients = 16
	// A load ends by itself, should its proof not end it.
	longestLoad    = 15 * time.Second
	requestsAtMost = 20_000
)

func newLoad(lab *lab, pod object) *load {
	load := &load{stop: make(chan struct{})}
	body, path := encodedJSON(pod), lab.pods()+"?dryRun=All"
	deadline := time.Now().Add(longestLoad)
	for range clients {
		load.ended.Go(func() {
			for time.Now().Before(deadline) && load.more() {
				began := time.Now()
				reply, err := lab.client.Do(context.Background(), http.MethodPost, path, "application/json", body)
				if err == nil {
					err = reply.Err()
				}
				load.seen(err, time.Since(began))
			}
		})
	}
	return load
}

func (load *load) more() bool {
	select {
	case <-load.stop:
		return false
	default:
		load.lock.Lock()
		defer load.lock.Unlock()
		load.sent++
		return load.sent <= requestsAtMost
	}
}

func (load *load) seen(err error, took time.Duration) {
	load.lock.Lock()
	defer load.lock.Unlock()
	load.worst = max(load.worst, took)
	if err != nil {
		load.failed = append(load.failed, err.Error())
	}
}

func (load *load) end() {
	close(load.stop)
	load.ended.Wait()
}

// after is an answer that takes its time.
func after(delay time.Duration, reply answer) answer {
	return func(writer http.ResponseWriter, call call) {
		time.Sleep(delay)
		reply(writer, call)
	}
}

func closing(reply answer) answer {
	return func(writer http.ResponseWriter, call call) {
		writer.Header().Set("Connection", "close")
		reply(writer, call)
	}
}

// Two replicas, of which one goes, under load.
func TestHandover(t *testing.T) {
	const drain = time.Second
	for name, proof := range map[string]struct {
		// How long a call takes: the longer, the more of them are under way at any moment.
		work  time.Duration
		leave func(t *testing.T, old *webhook, work answer)
		loses bool
	}{
		"deciding with Connection close loses nothing": {
			work: 5 * time.Millisecond,
			leave: func(t *testing.T, old *webhook, work answer) {
				old.answers(closing(work))
				time.Sleep(drain)
				ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
				defer cancel()
				must(t, old.http.Shutdown(ctx))
			},
		},
		// What makes the first one a proof: the same load sees a replica that just goes.
		"cutting connections loses requests": {
			work:  60 * time.Millisecond,
			leave: func(t *testing.T, old *webhook, _ answer) { must(t, old.http.Close()) },
			loses: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			lab, work := newLab(t), after(proof.work, allow)
			old, other := newHook(t, lab, work), newHook(t, lab, work)
			lab.register([]*webhook{old, other}, fail, nil, mutating, validating)
			load := newLoad(lab, pod("p", "nginx"))
			time.Sleep(500 * time.Millisecond)
			served := len(old.taken())
			lab.endpoints(other)
			proof.leave(t, old, work)
			time.Sleep(300 * time.Millisecond)
			load.end()

			t.Logf("%d creates, %d failed, the slowest took %v; the replica that went had answered %d calls before",
				load.sent, len(load.failed), load.worst.Round(time.Millisecond), served)
			if served == 0 {
				t.Error("expected the replica that went to have served, but found that it had not")
			}
			if len(other.taken()) == 0 {
				t.Error("expected the other replica to serve, but found that it had not")
			}
			if lost := len(load.failed) > 0; lost != proof.loses {
				t.Errorf("expected failures: %t, but found %d: %q", proof.loses, len(load.failed), load.failed[:min(3, len(load.failed))])
			}
		})
	}
}
