package proofs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"harbor-pilot.io/tests/cluster/plane"
)

const (
	// The chart's limit on a replica's memory: at more the kernel would end it.
	memoryMost = 512 << 20
	// Creates that must succeed while an attack is under way.
	createsPerAttack = 200
	pilotProgram     = "harbor-pilot"
)

// Hostile clients reach the only replica from inside the cluster, and Pods are created all the while:
// none fails, and the replica stays within its memory.
func TestHostileClients(t *testing.T) {
	release := install(t, "--set", "replicas=1")
	lab := newLab(t)
	var target string
	lab.eventually("there is one replica", func() error {
		replicas := release.replicas(lab)
		if len(replicas) != 1 {
			return fmt.Errorf("there are %d", len(replicas))
		}
		target = fmt.Sprintf("%s:8443", replicas[0].at("status", "podIP"))
		return nil
	})
	lab.allowed(operatorImage, true)
	usage, err := plane.UsageOf(pilotProgram)
	must(t, err)
	t.Logf("%s may have %s files open", target, usage.MostFiles)
	t.Logf("%-48s %s", "", besieged{})
	t.Logf("%-48s %s", "quiet", lab.besieged(nil))
	for _, attack := range attacks {
		t.Run(attack.name, func(t *testing.T) {
			own := *lab
			own.t = t
			siege := attack.begin(target)
			defer siege.lift()
			own.within(2*time.Minute, "the attackers are there", func() error {
				if err := siege.refused.Load(); err != nil {
					t.Fatalf("an attacker could not connect: %v", *err)
				}
				if opened := siege.opened.Load(); opened < int64(attack.connections) {
					return fmt.Errorf("%d have come", opened)
				}
				return nil
			})
			t.Logf("%-48s %s", attack.name, own.besieged(siege))
		})
	}
	// It is the same process still, and all is given back.
	t.Logf("%-48s %s", "quiet again", lab.besieged(nil))
	for _, replica := range release.replicas(lab) {
		if restarts := replica.at("status", "containerStatuses", 0, "restartCount"); restarts != 0.0 {
			t.Errorf("expected no restart, but found %v", restarts)
		}
	}
}

// besieged is how the API server fared in the meantime.
type besieged struct {
	creates       int
	create        latency
	webhook       time.Duration
	open, opened  int64
	resident, top int64
}

func (found besieged) String() string {
	if found.create == nil {
		return "creates   p50      p99      webhook p99  attackers: open/ever    RSS now/at most"
	}
	at := func(percent int) time.Duration {
		return found.create[len(found.create)*percent/100].Round(100 * time.Microsecond)
	}
	return fmt.Sprintf("%-9d %-8v %-8v %-12v %15s %15s", found.creates, at(50), at(99), found.webhook.Round(100*time.Microsecond),
		fmt.Sprintf("%d/%d", found.open, found.opened), fmt.Sprintf("%d/%d MiB", found.resident>>20, found.top>>20))
}

// besieged creates Pods until enough were created, and fails the proof where one is not.
func (lab *lab) besieged(siege *siege) besieged {
	lab.t.Helper()
	must(lab.t, plane.ForgetPeak(pilotProgram))
	before, err := lab.client.Counted(context.Background())
	must(lab.t, err)
	visitors := newVisitors(lab)
	lab.within(2*time.Minute, "enough Pods were created", visitors.enough)
	var found besieged
	if siege != nil {
		found.open, found.opened = siege.open.Load(), siege.opened.Load()
	}
	visitors.end()
	found.creates, found.create = len(visitors.took), visitors.took
	slices.Sort(found.create)
	if len(visitors.failed) > 0 {
		lab.t.Errorf("expected no create to fail, but found %d of %d: %q", len(visitors.failed), len(visitors.took), visitors.failed[:min(3, len(visitors.failed))])
	}
	after, err := lab.client.Counted(context.Background())
	must(lab.t, err)
	if failures := after.Failures() - before.Failures(); failures != 0 {
		lab.t.Errorf("expected the API server to count no failed call, but found %v", failures)
	}
	found.webhook = after.Quantile(before, .99, "apiserver_admission_webhook_admission_duration_seconds", `name="pods.mutate.harbor-pilot.io"`)
	usage, err := plane.UsageOf(pilotProgram)
	must(lab.t, err)
	found.resident, found.top = usage.Resident, usage.Peak
	if found.top > memoryMost {
		lab.t.Errorf("expected at most %d bytes to be resident, but found %d", memoryMost, found.top)
	}
	return found
}

// visitors are clients who create Pods, in a dry run, one after the other and without hurry.
type visitors struct {
	cancel context.CancelFunc
	ended  sync.WaitGroup
	lock   sync.Mutex
	took   latency
	failed []string
}

func newVisitors(lab *lab) *visitors {
	ctx, cancel := context.WithCancel(context.Background())
	visitors := &visitors{cancel: cancel}
	body, path := encodedJSON(pod("p", operatorImage)), lab.pods()+"?dryRun=All"
	for range 4 {
		visitors.ended.Go(func() {
			for ctx.Err() == nil {
				began := time.Now()
				reply, err := lab.client.Do(context.Background(), http.MethodPost, path, "application/json", body)
				visitors.seen(time.Since(began), reply, err)
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	return visitors
}

func (visitors *visitors) seen(took time.Duration, reply *plane.Reply, err error) {
	var stored object
	if err == nil {
		err = reply.Decode(&stored)
	}
	if err == nil && stored.at(mainImage...) != inHarbor {
		err = fmt.Errorf("stored with the image %v", stored.at(mainImage...))
	}
	visitors.lock.Lock()
	defer visitors.lock.Unlock()
	visitors.took = append(visitors.took, took)
	if err != nil {
		visitors.failed = append(visitors.failed, err.Error())
	}
}

func (visitors *visitors) enough() error {
	visitors.lock.Lock()
	defer visitors.lock.Unlock()
	if len(visitors.failed) > 0 || len(visitors.took) >= createsPerAttack {
		return nil
	}
	return errors.New("not yet")
}

func (visitors *visitors) end() {
	visitors.cancel()
	visitors.ended.Wait()
}
