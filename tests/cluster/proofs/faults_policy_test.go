package proofs

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// before is a policy with images that are allowed and come through no proxy.
func (faults faults) before(t *testing.T) string {
	t.Helper()
	return edited(t, faults.policy, "allow:\n  - nvcr.io", "allow:\n  - registry.gitlab.com/**\n  - nvcr.io")
}

// edited is a text with another part, which must be there once.
func edited(t *testing.T, text, from, to string) string {
	t.Helper()
	if found := strings.Count(text, from); found != 1 {
		t.Fatalf("expected %q once in the policy, but found it %d times", from, found)
	}
	return strings.Replace(text, from, to, 1)
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
	before := faults.before(t)
	lab.reaches(faults, before, 0, 0)
	after := edited(t, before, "registry: ghcr.io\n    project: ghcr\n", "registry: registry.gitlab.com\n    project: gitlab\n")
	after = edited(t, after, "project: quay\n", "project: quay-mirror\n")
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
	lab.reaches(faults, edited(t, before, "\nharbor: harbor.potus.local\n", "\nharbor: harbor.example.com\n"), 1, apart/6)
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
	from, to := "project: quay\n", "project: quay-mirror\n"
	before := lab.configured()
	if !strings.Contains(before, from) {
		from, to = to, from
	}
	after := edited(t, before, from, to)
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
	lab.reaches(faults, faults.before(t)+"# repaired\n", 0, 0)
	time.Sleep(settling)
	stream.lostNothing(t)
}
