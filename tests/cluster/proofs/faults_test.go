package proofs

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"harbor-pilot.io/tests/cluster/plane"
)

// Two replicas behind late endpoints, faults, and a stream of creates meanwhile. What is stored is
// read back, and what failed is counted by the API server too.
func TestFaults(t *testing.T) {
	installed := install(t, append(slices.Clone(selfManaged), "--set",
		fmt.Sprintf("policySpreadSeconds=%d,drainSeconds=%d", spread/time.Second, drain/time.Second))...)
	lab := newLab(t)
	lab.allowed(operatorImage, true)
	all := faults{installed, keepEndpoints(t, lab)}
	for _, proof := range []struct {
		name string
		run  func(*testing.T, faults)
	}{
		{"both are killed", bothKilled},
		{"one is killed", oneKilled},
		{"one is drained", oneDrained},
		{"all are replaced", allReplaced},
		{"a policy reaches them apart", policyApart},
		{"a policy reaches them apart, and is taken back", policyTakenBack},
		{"one after the other starts with another policy", policyByStart},
		{"a broken policy and its repair", brokenAndRepaired},
		{"the leaf is made anew", func(t *testing.T, faults faults) { leafRotates(t, faults.release) }},
		{"the CA is made anew", func(t *testing.T, faults faults) { authorityRotates(t, faults.release) }},
		{"etcd is killed", func(t *testing.T, _ faults) { componentKilled(t, "etcd") }},
		{"the API server is killed", func(t *testing.T, _ faults) { componentKilled(t, apiServer) }},
	} {
		t.Run(proof.name, func(t *testing.T) {
			own := *installed
			own.t = t
			proof.run(t, faults{&own, all.endpoints})
		})
	}
}

type faults struct {
	*release
	endpoints *lateEndpoints
}

const (
	// drain is how long a replica goes on after SIGTERM: on a machine with too much to do, the endpoints
	// may well be later than they should.
	drain = 10 * time.Second
	// settling is how long a stream goes on before a fault and after it.
	settling = time.Second
	// onTheWay is how long after it was written a change of the endpoints may still be unheard of.
	onTheWay = 2 * time.Second
)

// kill kills a replica, and has it stay away until it has left the endpoints.
func kill(t *testing.T, replica object) {
	t.Helper()
	must(t, kubelet.Kill(replica.at("metadata", "name").(string), endpointsLag+time.Second))
}

// What makes the others proofs: the same stream, and the same counters, see it when nobody answers.
// Then nothing is stored that was not judged.
func bothKilled(t *testing.T, faults faults) {
	lab := newLab(t)
	replicas := faults.replicas(lab)
	stream := newStream(lab, samples...)
	time.Sleep(settling)
	for _, replica := range replicas {
		kill(t, replica)
	}
	gone := time.Now()
	// Workloads are judged again as Pods: they pass.
	deployment := workload("apps/v1", "Deployment", []object{container("main", forbidden)})
	must(t, lab.send(http.MethodPost, "/apis/apps/v1/namespaces/"+lab.namespace+"/deployments?dryRun=All", deployment).Err())
	for _, replica := range replicas {
		faults.endpoints.leftAfter(replica.at("status", "podIP").(string), gone)
	}
	faults.endpoints.has(replicas)
	back := time.Now()
	time.Sleep(onTheWay)

	flow := stream.end()
	t.Log(flow)
	flow.storedNothingWrong(t)
	calls := 0
	for _, attempt := range flow.attempts {
		if attempt.failure == nil && attempt.began.After(gone) && attempt.ended.Before(gone.Add(endpointsLag)) {
			t.Errorf("expected no create to be answered while no replica runs, but found %v", attempt)
		}
		if attempt.failure != nil && attempt.began.After(back.Add(onTheWay)) {
			t.Errorf("expected creates to be served again, but found %v", attempt.failure)
		}
		if attempt.failure != nil && strings.Contains(attempt.failure.Error(), callFailed) {
			calls++
		}
	}
	if calls == 0 || flow.counted.callsFailed != calls || flow.counted.othersFailedOpen == 0 {
		t.Errorf("expected the API server to count %d failed calls, and others that passed unasked, but found %v", calls, flow.counted)
	}
}

const callFailed = "failed calling webhook"

// What was on its way to it is lost until it leaves the endpoints, and nothing after that; and can be
// created then.
func oneKilled(t *testing.T, faults faults) {
	lab := newLab(t)
	replicas := faults.replicas(lab)
	stream := newStream(lab, samples...)
	time.Sleep(settling)
	killed := time.Now()
	kill(t, replicas[0])
	left := faults.endpoints.leftAfter(replicas[0].at("status", "podIP").(string), killed)
	time.Sleep(onTheWay + settling)

	flow := stream.end()
	t.Log(flow)
	flow.storedNothingWrong(t)
	if len(flow.failed) > 0 {
		t.Logf("the first failed %v after the end, the last one %v", flow.failed[0].ended.Sub(killed), flow.failed[len(flow.failed)-1].ended.Sub(killed))
	}
	if flow.counted.callsFailed != len(flow.failed) {
		t.Errorf("expected the API server to count %d failed calls, but found %v: %q", len(flow.failed), flow.counted, some(flow.failed...))
	}
	for _, failed := range flow.failed {
		if failed.ended.Before(killed) || failed.began.After(left.Add(onTheWay)) || !strings.Contains(failed.failure.Error(), callFailed) {
			t.Errorf("expected failed calls while it is among the endpoints, but found %q", some(failed))
		}
		if again := lab.attempt(failed.name, failed.sample); again.failure != nil {
			t.Errorf("expected a second try to succeed, but found %v", again.failure)
		}
	}
	faults.endpoints.has(replicas)
}

func oneDrained(t *testing.T, faults faults) {
	lab := newLab(t)
	stream := newStream(lab, samples...)
	time.Sleep(settling)
	faults.drain(lab, names(faults.replicas(lab))[0])
	stream.lostNothing(t)
}

// drain has a replica end, and another take its place.
func (faults faults) drain(lab *lab, name string) {
	lab.t.Helper()
	must(lab.t, lab.send(http.MethodDelete, "/api/v1/namespaces/"+plane.PilotNamespace+"/pods/"+name, nil).Err())
	lab.gone([]string{name})
	lab.rolledOut()
	faults.endpoints.has(faults.replicas(lab))
	time.Sleep(2 * settling)
}

func allReplaced(t *testing.T, faults faults) {
	lab := newLab(t)
	before := names(faults.replicas(lab))
	stream := newStream(lab, samples...)
	time.Sleep(settling)
	lab.restart()
	lab.rolledOut()
	lab.gone(before)
	faults.endpoints.has(faults.replicas(lab))
	time.Sleep(settling)
	stream.lostNothing(t)
}

const apiServer = "kube-apiserver"

// What fails while the API server is away is nobody's; what begins once it is back is ours.
func componentKilled(t *testing.T, component string) {
	lab := newLab(t)
	stream := newStream(lab, samples...)
	time.Sleep(settling)
	if before := lab.counters().since(stream.before); before.callsFailed != 0 {
		t.Errorf("expected no failed call before, but the API server counted %v", before)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	killed := time.Now()
	must(t, cluster.Restart(ctx, component))
	back := time.Now()
	if component == apiServer {
		stream.before = counters{}
	}
	time.Sleep(5 * settling)

	flow := stream.end()
	t.Logf("%v; it was away for %v", flow, back.Sub(killed).Round(10*time.Millisecond))
	flow.storedNothingWrong(t)
	served, calls := 0, 0
	for _, attempt := range flow.attempts {
		switch {
		case attempt.failure == nil && attempt.began.After(back):
			served++
		case attempt.failure == nil:
		case attempt.ended.Before(killed) || attempt.began.After(back):
			t.Errorf("expected creates to be served before it went and after it came, but found %q", some(attempt))
		case strings.Contains(attempt.failure.Error(), callFailed):
			calls++
		}
	}
	if served == 0 {
		t.Errorf("expected creates to be served afterwards, but found %v", flow)
	}
	if flow.counted.callsFailed != calls {
		t.Errorf("expected the API server to count %d failed calls, but found %v", calls, flow.counted)
	}
}
