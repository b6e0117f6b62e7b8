package proofs

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"harbor-pilot.io/tests/cluster/plane"
)

const anywhere = "allow:\n  - gcr.io/example/**\n"

func secondRelease(t *testing.T, release *release) {
	lab := newLab(t)
	other := release.pilot
	arguments := cluster.HelmArguments(other)
	arguments[0] = "another"
	_, err := release.helm(append(append([]string{"install"}, arguments...), "--namespace", lab.namespace)...)
	if err == nil {
		t.Fatal("expected a second release to be refused")
	}
	contains(t, err.Error(), "harbor-pilot is in this cluster already, as release harbor-pilot in namespace harbor-pilot")
	if left := lab.kubectl("get", "all,configmaps,serviceaccounts", "-l", "app.kubernetes.io/name=harbor-pilot", "-o", "name"); strings.TrimSpace(left) != "" && !strings.Contains(left, "No resources") {
		t.Errorf("expected nothing to be left of it, but found %s", left)
	}
}

// What the chart says is what the API server keeps, to the letter: tools that compare the two, and
// upgrades that change nothing, find no difference.
func nothingToChange(t *testing.T, release *release) {
	lab := newLab(t)
	text, err := release.helm(append([]string{"template"}, cluster.HelmArguments(release.pilot)...)...)
	must(t, err)
	file := filepath.Join(t.TempDir(), "release.yaml")
	must(t, os.WriteFile(file, []byte(text), 0o600))
	lab.kubectl("diff", "--namespace", plane.PilotNamespace, "-f", file)
}

// allowed waits until every replica allows the image, or none does.
func (lab *lab) allowed(image string, expected bool) {
	lab.t.Helper()
	lab.everywhere(fmt.Sprintf("%s is allowed: %t", image, expected), func() error {
		reply := lab.send(http.MethodPost, lab.pods()+"?dryRun=All", pod("asked", image))
		if (reply.Code/100 == 2) != expected {
			return fmt.Errorf("HTTP %d: %s", reply.Code, reply.Message())
		}
		return nil
	})
}

func names(pods []object) []string {
	var all []string
	for _, one := range pods {
		all = append(all, one.at("metadata", "name").(string))
	}
	slices.Sort(all)
	return all
}

func policyByUpgrade(t *testing.T, release *release) {
	lab := newLab(t)
	lab.allowed(forbidden, false)
	before := names(release.replicas(lab))
	must(t, release.upgrade(strings.Replace(release.policy, "allow:\n", anywhere, 1)))
	lab.allowed(forbidden, true)
	after := release.replicas(lab)
	if slices.Equal(names(after), before) {
		t.Error("expected new replicas, but found the old ones")
	}
	hash := after[0].at("metadata", "annotations", "harbor-pilot.io/policy").(string)
	contains(t, lab.rejects(pod("p", "gcr.io/else/app:1")), "(policy "+hash+")")

	_, err := release.helm("rollback", plane.PilotRelease, "--namespace", plane.PilotNamespace, "--wait", "--timeout", "60s")
	must(t, err)
	lab.allowed(forbidden, false)
}

// configure writes the policy where an admin in a hurry writes it.
func (lab *lab) configure(policy string) {
	lab.t.Helper()
	must(lab.t, lab.sendBytes(http.MethodPatch, thePolicy, mergePatch,
		encodedJSON(object{"data": object{"policies.yaml": policy}})).Err())
}

func policyByConfigMap(t *testing.T, release *release) {
	lab := newLab(t)
	before := names(release.replicas(lab))
	lab.configure(strings.Replace(release.policy, "allow:\n", anywhere, 1))
	lab.allowed(forbidden, true)
	// Helm does not take back by accident what somebody else wrote.
	if err := release.upgrade(release.policy); err == nil || !strings.Contains(err.Error(), "conflict") {
		t.Errorf("expected a conflict, but found %v", err)
	}
	must(t, release.upgrade(release.policy, "--force-conflicts"))
	lab.allowed(forbidden, false)
	if after := names(release.replicas(lab)); !slices.Equal(after, before) {
		t.Errorf("expected the same replicas, but found %q after %q", after, before)
	}
}

const broken = "apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbour: typo\n"

// asks gets a page of a replica's own.
func (lab *lab) asks(replica object, path string) string {
	lab.t.Helper()
	response, err := http.Get(fmt.Sprintf("http://%s:%d%s", replica.at("status", "podIP"), plane.PilotOpsPort, path))
	must(lab.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(lab.t, err)
	return string(body)
}

// unasked has the API server not ask about edits of the policy, as while no replica answers.
func (lab *lab) unasked() {
	lab.t.Helper()
	must(lab.t, lab.sendBytes(http.MethodPatch, registrations+"validatingwebhookconfigurations/harbor-pilot", "application/json-patch+json", encodedJSON([]object{
		operation("test", "/webhooks/2/name", "policy.validate.harbor-pilot.io"),
		operation("replace", "/webhooks/2/matchConditions/0/expression", "false"),
	})).Err())
	lab.eventually("edits of the policy are not asked about", func() error {
		return lab.sendBytes(http.MethodPatch, thePolicy+"?dryRun=All", mergePatch, encodedJSON(object{"data": object{"policies.yaml": broken}})).Err()
	})
}

const thePolicy = "/api/v1/namespaces/" + plane.PilotNamespace + "/configmaps/harbor-pilot-policy"

// Whoever makes a broken edit hears of it at once, with its line.
func brokenEdit(t *testing.T, release *release) {
	lab := newLab(t)
	admin := *lab
	admin.namespace = plane.PilotNamespace
	file := filepath.Join(t.TempDir(), "policies.yaml")
	must(t, os.WriteFile(file, []byte(broken), 0o600))
	manifest := admin.kubectl("create", "configmap", "harbor-pilot-policy", "--from-file="+file, "--dry-run=client", "-o", "json")
	must(t, os.WriteFile(file, []byte(manifest), 0o600))
	said := admin.kubectlFails("apply", "--server-side", "--force-conflicts", "-f", file)
	contains(t, said, `admission webhook "policy.validate.harbor-pilot.io" denied the request`, "no replica would take this policy", "policies.yaml:3:1", "harbour", "help: ")
	reply := lab.sendBytes(http.MethodPatch, thePolicy, mergePatch, encodedJSON(object{"data": object{"policies.yaml": nil}}))
	if reply.Code != http.StatusUnprocessableEntity || !strings.Contains(reply.Message(), "expected the policy under the key `policies.yaml`") {
		t.Errorf("expected it to be refused, but found HTTP %d: %s", reply.Code, reply.Message())
	}
	// The same for an upgrade. Helm may go on with what comes after; the policy is what it was.
	err := release.upgrade(broken)
	if err == nil {
		t.Fatal("expected the upgrade to fail")
	}
	contains(t, err.Error(), "no replica would take this policy", "policies.yaml:3:1")
	if stored := lab.stored(lab.send(http.MethodGet, thePolicy, nil)); stored.at("data", "policies.yaml") != release.policy {
		t.Error("expected the policy to be as it was, but found another")
	}
	lab.allowed(operatorImage, true)
	lab.allowed(forbidden, false)
	// Other ConfigMaps are nobody's business here.
	must(t, lab.send(http.MethodPost, "/api/v1/namespaces/"+plane.PilotNamespace+"/configmaps?dryRun=All",
		object{"metadata": object{"name": "other"}, "data": object{"policies.yaml": broken}}).Err())
	must(t, release.upgrade(release.policy))
}

// areContent waits until the last look at the policy was a good one, in every replica.
func (release *release) areContent(lab *lab) {
	lab.t.Helper()
	for _, replica := range release.replicas(lab) {
		lab.eventually("a replica is content again", func() error {
			if !strings.Contains(lab.asks(replica, "/metrics"), `harbor_pilot_reload_successful{file="policy"} 1`) {
				return errors.New("not yet")
			}
			return nil
		})
	}
}

func brokenConfigMap(t *testing.T, release *release) {
	lab := newLab(t)
	lab.unasked()
	lab.configure(broken)
	for _, replica := range release.replicas(lab) {
		lab.eventually("a replica says that its policy is broken", func() error {
			if !strings.Contains(lab.asks(replica, "/metrics"), `harbor_pilot_reload_successful{file="policy"} 0`) {
				return errors.New("not yet")
			}
			return nil
		})
		contains(t, lab.asks(replica, "/readyz?verbose"), "harbour", "\nready\n")
	}
	expectImage(t, lab.accepts(pod("p", operatorImage)).at(mainImage...), inHarbor)
	lab.rejects(pod("q", forbidden))
	must(t, release.upgrade(release.policy, "--force-conflicts"))
	release.areContent(lab)
}

// The new replica's init container stops it, and the old ones stay as they are.
func brokenUpgrade(t *testing.T, release *release) {
	lab := newLab(t)
	before := names(release.replicas(lab))
	lab.unasked()
	err := release.upgrade(broken, "--timeout", "8s", "--force-conflicts")
	if err == nil {
		t.Fatal("expected the upgrade to fail")
	}
	contains(t, err.Error(), "not ready")
	expectImage(t, lab.accepts(pod("p", operatorImage)).at(mainImage...), inHarbor)
	lab.rejects(pod("q", forbidden))
	after := release.replicas(lab)
	for _, name := range before {
		if !slices.Contains(names(after), name) {
			t.Errorf("expected %s to be there still, but found %q", name, names(after))
		}
	}
	if len(after) != len(before)+1 {
		t.Errorf("expected one new replica that does not start, but found %q", names(after))
	}
	for _, replica := range after {
		if !slices.Contains(before, replica.at("metadata", "name").(string)) {
			message, _ := replica.at("status", "containerStatuses", 0, "state", "waiting", "message").(string)
			contains(t, message, "init container policy-check: exit status 2", "harbour")
		}
	}
	_, err = release.helm("rollback", plane.PilotRelease, "--namespace", plane.PilotNamespace, "--wait", "--timeout", "60s")
	must(t, err)
	lab.allowed(operatorImage, true)
}

// The Secret is written anew, as cert-manager does it, by the same CA.
func certificateChanges(t *testing.T, release *release) {
	lab := newLab(t)
	replicas := release.replicas(lab)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	must(t, cluster.PreparePilot(ctx))
	for _, replica := range replicas {
		lab.eventually("a replica has the new certificate", func() error {
			return lab.servesTheSecret(replica)
		})
	}
	lab.allowed(operatorImage, true)
	if after := names(release.replicas(lab)); !slices.Equal(after, names(replicas)) {
		t.Errorf("expected the same replicas, but found %q", after)
	}
}

// servesTheSecret compares the certificate that a replica serves with the Secret's.
func (lab *lab) servesTheSecret(replica object) error {
	lab.t.Helper()
	secret := lab.stored(lab.send(http.MethodGet, "/api/v1/namespaces/"+plane.PilotNamespace+"/secrets/harbor-pilot-tls", nil))
	text, err := base64.StdEncoding.DecodeString(secret.at("data", "tls.crt").(string))
	must(lab.t, err)
	block, _ := pem.Decode(text)
	connection, err := tls.Dial("tcp", fmt.Sprintf("%s:8443", replica.at("status", "podIP")), &tls.Config{
		RootCAs: cluster.Authority.Pool(), ServerName: "harbor-pilot." + plane.PilotNamespace + ".svc", MinVersion: tls.VersionTLS12,
	})
	if err != nil {
		return err
	}
	defer connection.Close()
	if !bytes.Equal(connection.ConnectionState().PeerCertificates[0].Raw, block.Bytes) {
		return errors.New("it serves the old one")
	}
	return nil
}

// The one line in NOTES takes it out of the way, and an upgrade puts it back.
func wayOut(t *testing.T, release *release) {
	lab := newLab(t)
	notes, err := release.helm("get", "notes", plane.PilotRelease, "--namespace", plane.PilotNamespace)
	must(t, err)
	at := strings.Index(notes, "kubectl delete ")
	if at < 0 {
		t.Fatalf("expected the way out, but found %s", notes)
	}
	line, _, _ := strings.Cut(notes[at:], "\n")
	lab.kubectl(strings.Fields(line)[1:]...)
	lab.allowed(forbidden, true)
	must(t, release.upgrade(release.policy))
	lab.allowed(forbidden, false)
	contains(t, notes, "Pods in these namespaces are not looked at: harbor, harbor-pilot, kube-node-lease, kube-system.")
}

// All replicas are replaced, as a rolling update does it, while Pods are created as fast as can be.
func rollsOver(t *testing.T, release *release) {
	lab := newLab(t)
	before := names(release.replicas(lab))
	load := newLoad(lab, pod("p", operatorImage))
	lab.restart()
	lab.rolledOut()
	lab.gone(before)
	load.end()
	load.lostNothing(t)
}

const theDeployment = "/apis/apps/v1/namespaces/" + plane.PilotNamespace + "/deployments/harbor-pilot"

// restart is `kubectl rollout restart`, which refuses to be asked twice within one second.
func (lab *lab) restart() {
	lab.t.Helper()
	annotations := object{"kubectl.kubernetes.io/restartedAt": time.Now().Format(time.RFC3339Nano)}
	template := object{"metadata": object{"annotations": annotations}}
	must(lab.t, lab.sendBytes(http.MethodPatch, theDeployment, mergePatch,
		encodedJSON(object{"spec": object{"template": template}})).Err())
}

// rolledOut waits until all replicas are of the newest template.
func (lab *lab) rolledOut() {
	lab.t.Helper()
	lab.kubectl("rollout", "status", "deployment/harbor-pilot", "--namespace", plane.PilotNamespace, "--timeout=60s")
}

// gone waits until those replicas have ended.
func (lab *lab) gone(names []string) {
	lab.t.Helper()
	for _, name := range names {
		lab.within(patience, name+" is gone", func() error {
			reply := lab.send(http.MethodGet, "/api/v1/namespaces/"+plane.PilotNamespace+"/pods/"+name, nil)
			if reply.Code != http.StatusNotFound {
				return fmt.Errorf("HTTP %d", reply.Code)
			}
			return nil
		})
	}
}

func (load *load) lostNothing(t *testing.T) {
	t.Helper()
	t.Logf("%d creates, %d failed, the slowest took %v", load.sent, len(load.failed), load.worst.Round(time.Millisecond))
	if len(load.failed) > 0 {
		t.Errorf("expected no failure, but found %d: %q", len(load.failed), load.failed[:min(3, len(load.failed))])
	}
}

// Helm removes the registrations first: at every moment Pods can be created, and in the end as
// if it had never been there.
func goes(t *testing.T, release *release) {
	lab := newLab(t)
	before := names(release.replicas(lab))
	load := newLoad(lab, pod("p", operatorImage))
	time.Sleep(300 * time.Millisecond)
	_, err := release.helm("uninstall", plane.PilotRelease, "--namespace", plane.PilotNamespace)
	must(t, err)
	lab.gone(before)
	load.end()
	load.lostNothing(t)
	expectImage(t, lab.accepts(pod("p", forbidden)).at(mainImage...), forbidden)
	left := lab.kubectl("get", "mutatingwebhookconfigurations,validatingwebhookconfigurations,clusterroles,clusterrolebindings", "-l", "app.kubernetes.io/name=harbor-pilot", "-o", "name")
	if strings.Contains(left, "harbor-pilot") {
		t.Errorf("expected nothing to be left, but found %s", left)
	}
}
