package proofs

import (
	"context"
	"fmt"
	"slices"
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
	t.Logf("%-48s %s", "", siegeHead)
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
	t.Logf("%-48s %s", "quiet again", lab.besieged(nil))
	for _, replica := range release.replicas(lab) {
		if restarts := replica.at("status", "containerStatuses", 0, "restartCount"); restarts != 0.0 {
			t.Errorf("expected no restart, but found %v", restarts)
		}
	}
}

// besieged is how the API server fared in the meantime.
type besieged struct {
	took           latency
	webhook        time.Duration
	open, opened   int64
	resident, peak int64
}

const siegeHead = "creates  p50      p99      webhook p99  attackers open/ever  RSS now/at most"

func (found besieged) String() string {
	at := func(percent int) time.Duration {
		return found.took[len(found.took)*percent/100].Round(100 * time.Microsecond)
	}
	return fmt.Sprintf("%-8d %-8v %-8v %-12v %-20s %d/%d MiB", len(found.took), at(50), at(99), found.webhook.Round(100*time.Microsecond),
		fmt.Sprintf("%d/%d", found.open, found.opened), found.resident>>20, found.peak>>20)
}

// besieged has Pods created until enough were, and fails the proof where one is not.
func (lab *lab) besieged(siege *siege) besieged {
	lab.t.Helper()
	must(lab.t, plane.ForgetPeak(pilotProgram))
	before, err := lab.client.Counted(context.Background())
	must(lab.t, err)
	stream := newStream(lab, samples...)
	lab.within(2*time.Minute, "enough Pods were created", func() error {
		if answered := stream.answered(); answered < createsPerAttack {
			return fmt.Errorf("%d were", answered)
		}
		return nil
	})
	var found besieged
	if siege != nil {
		found.open, found.opened = siege.open.Load(), siege.opened.Load()
	}
	for _, attempt := range stream.lostNothing(lab.t).attempts {
		found.took = append(found.took, attempt.ended.Sub(attempt.began))
	}
	slices.Sort(found.took)
	after, err := lab.client.Counted(context.Background())
	must(lab.t, err)
	found.webhook = after.Quantile(before, .99, "apiserver_admission_webhook_admission_duration_seconds", `name="pods.mutate.harbor-pilot.io"`)
	usage, err := plane.UsageOf(pilotProgram)
	must(lab.t, err)
	found.resident, found.peak = usage.Resident, usage.Peak
	if found.peak > memoryMost {
		lab.t.Errorf("expected at most %d bytes to be resident, but found %d", memoryMost, found.peak)
	}
	return found
}
