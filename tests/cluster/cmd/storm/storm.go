package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"harbor-pilot.io/tests/cluster/plane"
)

// storm is clients who create Pods as fast as they can.
type storm struct {
	client  *plane.Client
	clients int
}

// cost is what some rounds took.
type cost struct {
	took []time.Duration
	// While Pods were created, and until the last of them ran.
	creating, running time.Duration
	// Processor time of each program while Pods were created.
	cpu map[string]time.Duration
	// What the API server measured of its requests, and of its calls to the webhooks in them.
	requests, calls time.Duration
	// What harbor-pilot measured of those calls.
	answers time.Duration
}

var programs = []string{"kube-apiserver", "etcd", "harbor-pilot", "kube-scheduler", "kube-controller-manager", "kwok"}

// The clients are this process.
const ownName = "the clients"

func usages() (map[string]time.Duration, error) {
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		return nil, err
	}
	used := map[string]time.Duration{ownName: time.Duration(own.Utime.Nano() + own.Stime.Nano())}
	for _, program := range programs {
		usage, err := plane.UsageOf(program)
		if err != nil {
			return nil, err
		}
		used[program] = usage.CPU
	}
	return used, nil
}

// blow creates so many Pods in a namespace, and waits until they all run.
func (storm *storm) blow(ctx context.Context, namespace string, round, pods int, cost *cost) error {
	before, err := storm.client.Counted(ctx)
	if err != nil {
		return err
	}
	used, err := usages()
	if err != nil {
		return err
	}
	answered, err := storm.replica(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := storm.create(ctx, namespace, round, pods, cost); err != nil {
		return err
	}
	cost.creating += time.Since(began)
	now, err := usages()
	if err != nil {
		return err
	}
	if cost.cpu == nil {
		cost.cpu = map[string]time.Duration{}
	}
	for program, until := range now {
		cost.cpu[program] += until - used[program]
	}
	after, err := storm.client.Counted(ctx)
	if err != nil {
		return err
	}
	cost.requests += since(before, after, "apiserver_request_duration_seconds_sum", `verb="POST"`, `resource="pods"`, `subresource=""`)
	cost.calls += since(before, after, "apiserver_admission_webhook_admission_duration_seconds_sum")
	if after, err = storm.replica(ctx); err != nil {
		return err
	}
	cost.answers += since(answered, after, "harbor_pilot_request_duration_seconds_sum")
	err = await(ctx, "all Pods run", func() error { return storm.run(ctx, namespace) })
	cost.running += time.Since(began)
	return err
}

// since is the time that a sum of seconds has grown by.
func since(before, after plane.Counted, name string, labels ...string) time.Duration {
	return time.Duration((after.Sum(name, labels...) - before.Sum(name, labels...)) * float64(time.Second))
}

// replica is what the only one counted so far.
func (storm *storm) replica(ctx context.Context) (plane.Counted, error) {
	reply, err := storm.client.Do(ctx, http.MethodGet, "/api/v1/namespaces/"+plane.PilotNamespace+"/pods", "", nil)
	if err != nil {
		return "", err
	}
	var list struct {
		Items []struct{ Status struct{ PodIP string } }
	}
	if err := reply.Decode(&list); err != nil {
		return "", err
	}
	if len(list.Items) != 1 {
		return "", fmt.Errorf("expected one replica, but found %d", len(list.Items))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s:%d/metrics", list.Items[0].Status.PodIP, plane.PilotOpsPort), nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	return plane.Counted(page), err
}

func (storm *storm) create(ctx context.Context, namespace string, round, pods int, cost *cost) error {
	expected := map[string]string{without: image, with: inHarbor}[namespace]
	var lock sync.Mutex
	var failed []error
	var clients sync.WaitGroup
	for client := range storm.clients {
		clients.Go(func() {
			for number := client; number < pods; number += storm.clients {
				began := time.Now()
				found, err := create(ctx, storm.client, namespace, fmt.Sprintf("p-%d-%d", round, number), "")
				elapsed := time.Since(began)
				if err == nil && found != expected {
					err = fmt.Errorf("stored with the image %s", found)
				}
				lock.Lock()
				cost.took = append(cost.took, elapsed)
				if err != nil {
					failed = append(failed, err)
				}
				lock.Unlock()
			}
		})
	}
	clients.Wait()
	if len(failed) > 0 {
		return fmt.Errorf("%d creates failed, one of them: %w", len(failed), failed[0])
	}
	return nil
}

// run is nil where no Pod of the namespace waits to run.
func (storm *storm) run(ctx context.Context, namespace string) error {
	reply, err := storm.client.Do(ctx, http.MethodGet,
		"/api/v1/namespaces/"+namespace+"/pods?limit=1&fieldSelector=status.phase%21%3DRunning", "", nil)
	if err != nil {
		return err
	}
	var list struct{ Items []struct{} }
	if err := reply.Decode(&list); err != nil {
		return err
	}
	if len(list.Items) > 0 {
		return errors.New("some do not")
	}
	return nil
}

func report(without, with *cost) {
	fmt.Printf("\n%-44s%14s%14s\n", "", "without", "with")
	row := func(what string, figure func(*cost) any) {
		fmt.Printf("%-44s%14v%14v\n", what, figure(without), figure(with))
	}
	share := func(percent int) func(*cost) any {
		return func(cost *cost) any {
			took := slices.Sorted(slices.Values(cost.took))
			return took[(len(took)-1)*percent/100].Round(10 * time.Microsecond)
		}
	}
	each := func(sum func(*cost) time.Duration) func(*cost) any {
		return func(cost *cost) any {
			return (sum(cost) / time.Duration(len(cost.took))).Round(time.Microsecond)
		}
	}
	row("creates a second", func(cost *cost) any { return fmt.Sprintf("%.0f", float64(len(cost.took))/cost.creating.Seconds()) })
	row("a create, as clients see it: p50", share(50))
	row("                             p99", share(99))
	row("a create, as the API server measures it: mean", each(func(cost *cost) time.Duration { return cost.requests }))
	row("    of which it calls webhooks", each(func(cost *cost) time.Duration { return cost.calls }))
	row("    of which harbor-pilot makes its answers", each(func(cost *cost) time.Duration { return cost.answers }))
	row("until all Pods ran", func(cost *cost) any { return cost.running.Round(100 * time.Millisecond) })
	fmt.Println("\nprocessor time for a create, and how many processors that kept busy")
	for _, program := range append(programs, ownName) {
		row("    "+program, func(cost *cost) any {
			spent := cost.cpu[program]
			return fmt.Sprintf("%v %.2f", (spent / time.Duration(len(cost.took))).Round(10*time.Microsecond), spent.Seconds()/cost.creating.Seconds())
		})
	}
	row(fmt.Sprintf("    together, of %d", runtime.NumCPU()), func(cost *cost) any {
		var sum time.Duration
		for _, spent := range cost.cpu {
			sum += spent
		}
		return fmt.Sprintf("%.2f", sum.Seconds()/cost.creating.Seconds())
	})
	busiest := slices.MaxFunc(programs, func(left, right string) int {
		return int(with.cpu[left] - with.cpu[right])
	})
	fmt.Printf("\nBusiest with the webhook: %s, which took %.0f times the processor time of harbor-pilot.\n",
		busiest, with.cpu[busiest].Seconds()/with.cpu["harbor-pilot"].Seconds())
}
