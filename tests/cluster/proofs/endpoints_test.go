package proofs

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"harbor-pilot.io/tests/cluster/plane"
)

// endpointsLag is how late a node hears of a change of a Service's Pods.
const endpointsLag = 2 * time.Second

// lateEndpoints keeps the addresses of harbor-pilot's Service as a slow kube-proxy does: a replica
// joins and leaves them late, whatever has become of it, and nobody asks whether it answers. For each
// connection the API server takes any of them, and does not try another.
type lateEndpoints struct {
	lab     *lab
	slice   string
	stop    chan struct{}
	stopped sync.WaitGroup

	lock sync.Mutex
	now  []string
	// left is when an address was taken away.
	left map[string]time.Time
}

const (
	theService   = "/api/v1/namespaces/" + plane.PilotNamespace + "/services/harbor-pilot"
	theEndpoints = "/api/v1/namespaces/" + plane.PilotNamespace + "/endpoints/harbor-pilot"
)

// keepEndpoints takes the Service's addresses out of their controllers' hands: a Service that selects
// nothing is none of their business, once there are no Endpoints that would be mirrored. The slice goes
// with the Service.
func keepEndpoints(t *testing.T, lab *lab) *lateEndpoints {
	t.Helper()
	slices := func() []any {
		list := lab.stored(lab.send(http.MethodGet, endpointSlices(plane.PilotNamespace)+"?labelSelector=kubernetes.io/service-name=harbor-pilot", nil))
		return list.each([]any{"items"}, "metadata", "name")
	}
	found := slices()
	if len(found) != 1 {
		t.Fatalf("expected one slice, but found %v", found)
	}
	must(t, lab.sendBytes(http.MethodPatch, theEndpoints, mergePatch, encodedJSON(object{"metadata": object{"labels": object{
		"endpointslice.kubernetes.io/skip-mirror": "true",
	}}})).Err())
	must(t, lab.sendBytes(http.MethodPatch, theService, mergePatch, encodedJSON(object{"spec": object{"selector": nil}})).Err())
	must(t, lab.send(http.MethodDelete, theEndpoints, nil).Err())
	lab.eventually("there is one slice again", func() error {
		if now := slices(); !sameItems(now, found) {
			return errExpected(found, now)
		}
		return nil
	})
	endpoints := &lateEndpoints{lab: lab, slice: found[0].(string), stop: make(chan struct{}), left: map[string]time.Time{}}
	ready, err := endpoints.ready()
	must(t, err)
	must(t, endpoints.apply(ready))
	endpoints.stopped.Go(endpoints.follow)
	t.Cleanup(func() {
		close(endpoints.stop)
		endpoints.stopped.Wait()
	})
	return endpoints
}

// follow makes the addresses what they should have been some time ago.
func (endpoints *lateEndpoints) follow() {
	type moment struct {
		at    time.Time
		ready []string
	}
	var past []moment
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-endpoints.stop:
			return
		case <-ticker.C:
		}
		// What fails is tried again: the API server may be away.
		asked := time.Now()
		if ready, err := endpoints.ready(); err == nil {
			past = append(past, moment{asked, ready})
		}
		for len(past) > 0 && time.Since(past[0].at) >= endpointsLag {
			if slices.Equal(past[0].ready, endpoints.addresses()) || endpoints.apply(past[0].ready) == nil {
				past = past[1:]
			} else {
				break
			}
		}
	}
}

// ready is the addresses of the replicas that are ready and not on their way out.
func (endpoints *lateEndpoints) ready() ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	reply, err := endpoints.lab.client.Do(ctx, http.MethodGet,
		"/api/v1/namespaces/"+plane.PilotNamespace+"/pods?labelSelector=app.kubernetes.io/name=harbor-pilot", "", nil)
	if err != nil {
		return nil, err
	}
	var list struct {
		Items []struct {
			Metadata struct{ DeletionTimestamp *time.Time }
			Status   struct {
				PodIP      string
				Conditions []struct{ Type, Status string }
			}
		}
	}
	if err := reply.Decode(&list); err != nil {
		return nil, err
	}
	found := map[string]struct{}{}
	for _, item := range list.Items {
		for _, condition := range item.Status.Conditions {
			if condition.Type == "Ready" && condition.Status == "True" && item.Metadata.DeletionTimestamp == nil {
				found[item.Status.PodIP] = struct{}{}
			}
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

func (endpoints *lateEndpoints) apply(addresses []string) error {
	if err := endpoints.lab.endpointSlice(plane.PilotNamespace, endpoints.slice, "harbor-pilot", addresses); err != nil {
		return err
	}
	endpoints.lock.Lock()
	defer endpoints.lock.Unlock()
	for _, before := range endpoints.now {
		if !slices.Contains(addresses, before) {
			endpoints.left[before] = time.Now()
		}
	}
	endpoints.now = addresses
	return nil
}

func (endpoints *lateEndpoints) addresses() []string {
	endpoints.lock.Lock()
	defer endpoints.lock.Unlock()
	return endpoints.now
}

// leftAfter waits until an address was taken away after that time, and says when.
func (endpoints *lateEndpoints) leftAfter(address string, begin time.Time) time.Time {
	endpoints.lab.t.Helper()
	var at time.Time
	endpoints.lab.eventually(address+" has left the endpoints", func() error {
		endpoints.lock.Lock()
		defer endpoints.lock.Unlock()
		at = endpoints.left[address]
		if at.Before(begin) {
			return errExpected("it to have left", endpoints.now)
		}
		return nil
	})
	return at
}

// has waits until these replicas, and no other, are among the addresses.
func (endpoints *lateEndpoints) has(replicas []object) {
	endpoints.lab.t.Helper()
	var expected []string
	for _, replica := range replicas {
		expected = append(expected, replica.at("status", "podIP").(string))
	}
	slices.Sort(expected)
	endpoints.lab.within(time.Minute, "the endpoints are the replicas", func() error {
		if now := endpoints.addresses(); !slices.Equal(now, expected) {
			return errExpected(expected, now)
		}
		return nil
	})
}
