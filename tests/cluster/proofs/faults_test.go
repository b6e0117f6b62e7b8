package proofs

import (
	"context"
	"crypto/sha256"
	"errors"
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
	installed := install(t, append(slices.Clone(selfManaged), "--set", fmt.Sprintf("policySpreadSeconds=%d", spread/time.Second))...)
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
		{"etcd is killed", func(t *testing.T, _ faults) { componentKilled(t, "etcd", (*stream).countsOn) }},
		{"the API server is killed", func(t *testing.T, _ faults) { componentKilled(t, "kube-apiserver", (*stream).countsAnew) }},
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

// policyOf is the policy that replicas start with here, with an image that is allowed and comes
// through no proxy.
func (faults faults) policyOf() string {
	return strings.Replace(faults.policy, "allow:\n", "allow:\n  - registry.gitlab.com/**\n", 1)
}

const (
	// apart is how far apart the two replicas hear of a changed policy, and spread what they are told
	// that it may be at most.
	apart  = 30 * time.Second
	spread = 45 * time.Second
)

// A proxy is added, one moves to another project, and one is removed. Names are of before until both
// have heard of it, and of the new policy in the end.
func policyApart(t *testing.T, faults faults) {
	lab := newLab(t)
	before := faults.policyOf()
	lab.reaches(faults, before, 0, 0)
	after := strings.NewReplacer(
		"  - registry: ghcr.io\n    project: ghcr\n", "  - registry: registry.gitlab.com\n    project: gitlab\n",
		"    project: quay\n", "    project: quay-mirror\n",
	).Replace(before)
	changed := []sample{
		{"registry.gitlab.com/a/b:1", []string{"registry.gitlab.com/a/b:1", "harbor.potus.local/gitlab/a/b:1"}},
		{"quay.io/a/b:1", []string{"harbor.potus.local/quay/a/b:1", "harbor.potus.local/quay-mirror/a/b:1"}},
		{"ghcr.io/a/b:1", []string{"harbor.potus.local/ghcr/a/b:1", "ghcr.io/a/b:1"}},
	}
	stream := newStream(lab, append(changed, samples...)...)
	time.Sleep(settling)
	lab.reaches(faults, after, 0, apart)
	for number, sample := range changed {
		expectImage(t, lab.accepts(pod(fmt.Sprintf("before-%d", number), sample.image)).at(mainImage...), sample.may[0])
	}
	time.Sleep(spread)
	for _, sample := range changed {
		lab.everywhere(sample.image+" has its new name", func() error {
			reply := lab.send(http.MethodPost, lab.pods()+"?dryRun=All", pod("asked", sample.image))
			if image := lab.stored(reply).at(mainImage...); image != sample.may[1] {
				return errExpected(sample.may[1], image)
			}
			return nil
		})
	}
	time.Sleep(settling)
	stream.lostNothing(t)
}

// Harbor has another name, and its old one again before anybody wrote the other.
func policyTakenBack(t *testing.T, faults faults) {
	lab := newLab(t)
	before := lab.configured()
	stream := newStream(lab, samples...)
	time.Sleep(settling)
	lab.reaches(faults, strings.Replace(before, "\nharbor: harbor.potus.local\n", "\nharbor: harbor.example.com\n", 1), 1, apart/6)
	lab.reaches(faults, before, 0, apart/6)
	time.Sleep(settling)
	stream.lostNothing(t)
}

// reaches has a policy reach the replicas apart, that of this number first.
func (lab *lab) reaches(faults faults, policy string, first int, apart time.Duration) {
	lab.t.Helper()
	replicas := faults.replicas(lab)
	one, other := replicas[first], replicas[1-first]
	release, err := kubelet.Hold(other.at("metadata", "name").(string))
	must(lab.t, err)
	lab.t.Cleanup(release)
	lab.configure(policy)
	lab.goesBy(one, policy)
	time.Sleep(apart)
	release()
	lab.goesBy(other, policy)
}

// goesBy waits until a replica goes by a policy.
func (lab *lab) goesBy(replica object, policy string) {
	lab.t.Helper()
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(policy)))[:12]
	lab.eventually("a replica goes by policy "+hash, func() error {
		if !strings.Contains(lab.asks(replica, "/metrics"), fmt.Sprintf("harbor_pilot_policy_info{hash=%q} 1", hash)) {
			return errors.New("not yet")
		}
		return nil
	})
}

// As an upgrade does it where replicas take their time to start: the new one has the new policy, and the
// old one never hears of it.
func policyByStart(t *testing.T, faults faults) {
	lab := newLab(t)
	old := names(faults.replicas(lab))
	for _, name := range old {
		release, err := kubelet.Hold(name)
		must(t, err)
		t.Cleanup(release)
	}
	moved := sample{"quay.io/a/b:1", []string{"harbor.potus.local/quay-mirror/a/b:1", "harbor.potus.local/quay/a/b:1"}}
	stream := newStream(lab, append([]sample{moved}, samples...)...)
	time.Sleep(settling)
	after := strings.NewReplacer("project: quay\n", "project: quay-mirror\n", "project: quay-mirror\n", "project: quay\n").Replace(lab.configured())
	lab.configure(after)
	for _, name := range old {
		faults.drain(lab, name)
	}
	for _, replica := range faults.replicas(lab) {
		lab.goesBy(replica, after)
	}
	stream.lostNothing(t)
}

// configured is the policy where configure writes it.
func (lab *lab) configured() string {
	lab.t.Helper()
	return lab.stored(lab.send(http.MethodGet, thePolicy, nil)).at("data", "policies.yaml").(string)
}

func brokenAndRepaired(t *testing.T, faults faults) {
	lab := newLab(t)
	lab.unasked()
	stream := newStream(lab, samples...)
	time.Sleep(settling)
	lab.configure(broken)
	for _, replica := range faults.replicas(lab) {
		lab.eventually("a replica says that its policy is broken", func() error {
			if !strings.Contains(lab.asks(replica, "/metrics"), `harbor_pilot_reload_successful{file="policy"} 0`) {
				return errors.New("not yet")
			}
			return nil
		})
	}
	time.Sleep(settling)
	lab.reaches(faults, faults.policyOf()+"# repaired\n", 0, 0)
	time.Sleep(settling)
	stream.lostNothing(t)
}

// What fails while the API server is away is nobody's; what begins once it is back is ours.
func componentKilled(t *testing.T, component string, counts func(*stream)) {
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
	counts(stream)
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
