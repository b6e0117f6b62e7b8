package proofs

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"harbor-pilot.io/tests/cluster/plane"
)

const (
	operatorImage = "nvcr.io/nvaie/gpu-operator-1-3:v1.11.1"
	inHarbor      = "harbor.potus.local/nvidiaio/nvaie/gpu-operator-1-3:v1.11.1"
	forbidden     = "gcr.io/example/app:1"
)

// harbor-pilot installed by its chart, as its users meet it.
func TestInstalled(t *testing.T) {
	pilotBinary(t)
	legacy := newLab(t)
	legacy.created(pod("old", forbidden).with("metadata", "finalizers", []string{"example.com/hold"}))
	without := measure(newLab(t))
	installed := install(t)
	with := measure(newLab(t))
	t.Logf("creating a Pod takes %s without the webhook, %s with it", without, with)
	cronJob := scheduled(newLab(t))

	alone := func(run func(*testing.T)) func(*testing.T, *release) {
		return func(t *testing.T, _ *release) { run(t) }
	}
	for _, proof := range []struct {
		name string
		run  func(*testing.T, *release)
	}{
		{"rewrites what stands in a Pod", alone(rewrites)},
		{"rejects with our text", alone(rejectsWithOurText)},
		{"serves controllers", alone(servesControllers)},
		{"serves kubectl", alone(servesKubectl)},
		{"leaves what runs alone", alone(func(t *testing.T) { leavesWhatRunsAlone(t, legacy) })},
		{"takes odd Pods", alone(takesOddPods)},
		{"serves the GPU Operator", alone(servesTheGPUOperator)},
		{"warns", alone(warns)},
		{"audits", alone(audits)},
		{"kiosk", alone(kiosk)},
		{"sidecar added later", alone(sidecarAddedLater)},
		{"image changed later", alone(imageChangedLater)},
		{"image pinned later", alone(imagePinnedLater)},
		{"leaves mirror Pods to their node", alone(leavesMirrorPodsToTheirNode)},
		{"has no rights", hasNoRights},
		{"nothing is left to change", nothingToChange},
		{"a second release is refused", secondRelease},
		{"the policy changes by an upgrade", policyByUpgrade},
		{"the policy changes by its ConfigMap", policyByConfigMap},
		{"a broken edit is refused with its line", brokenEdit},
		{"a broken ConfigMap changes nothing", brokenConfigMap},
		{"a broken policy stops an upgrade", brokenUpgrade},
		{"a certificate changes", certificateChanges},
		// Before Pods pass by us: a minute ends when it ends.
		{"served a CronJob", alone(cronJob)},
		{"there is a way out", wayOut},
		{"replicas are replaced under load", rollsOver},
		{"it goes under load", goes},
	} {
		t.Run(proof.name, func(t *testing.T) {
			own := *installed
			own.t = t
			proof.run(t, &own)
		})
	}
}

func rewrites(t *testing.T) {
	lab := newLab(t)
	stored := lab.accepts(object{
		"metadata": object{"generateName": "p-"},
		"spec": object{
			"schedulerName":  "none",
			"initContainers": []object{container("init", "nginx"), container("sidecar", "quay.io/a/b:1")},
			"containers":     []object{container("main", operatorImage), container("pinned", "registry.k8s.io/nfd/x:v1@sha256:"+strings.Repeat("a", 64))},
			"volumes":        []object{{"name": "model", "image": object{"reference": "nvcr.io/nim/model:1"}}},
		},
	}.withSidecar(1))
	expectImage(t, stored.image("containers", 0), inHarbor)
	expectImage(t, stored.image("containers", 1), "harbor.potus.local/k8s/nfd/x:v1@sha256:"+strings.Repeat("a", 64))
	expectImage(t, stored.image("initContainers", 0), "harbor.potus.local/dockerhub/library/nginx")
	expectImage(t, stored.image("initContainers", 1), "harbor.potus.local/quay/a/b:1")
	// An API server before 1.35 drops the field, and never sends it.
	if stored.has("spec", "volumes", 0, "image", "reference") {
		expectImage(t, stored.at("spec", "volumes", 0, "image", "reference"), "harbor.potus.local/nvidiaio/nim/model:1")
	} else {
		t.Log("this API server has no image volumes")
	}
}

// withSidecar makes the init container of that number one that stays.
func (from object) withSidecar(number int) object {
	from["spec"].(object)["initContainers"].([]object)[number]["restartPolicy"] = "Always"
	return from
}

func rejectsWithOurText(t *testing.T) {
	lab := newLab(t)
	text := lab.rejects(pod("p", forbidden).with("spec", "containers", []object{container("p", forbidden)}))
	contains(t, text, `container "p": image "gcr.io/example/app:1" is not allowed: nothing in the policy allows it`, "nvcr.io/nvidia/**", "(policy ")
	shown := lab.kubectlFails("run", "p", "--image="+forbidden)
	contains(t, shown, "Error from server (Forbidden): "+deniedByMutating+text)
	reply := lab.send(http.MethodPost, lab.pods()+"?dryRun=All", pod("p", forbidden))
	contains(t, lab.denied(reply), forbidden)
	contains(t, lab.rejects(pod("p", "docker.io/library/xmrig")), "malware")
	contains(t, lab.rejects(pod("p", "sha256:"+strings.Repeat("a", 64))), "image ID")

	accepted := lab.create(pod("q", operatorImage))
	found := lab.annotations(accepted, "pods.validate.harbor-pilot.io")
	if found["decision"] != "allow" || len(found["policy"]) != 12 {
		t.Errorf("expected our annotations in the audit log, but found %q", found)
	}
	refused := lab.create(pod("r", forbidden))
	found = lab.annotations(refused, "pods.mutate.harbor-pilot.io")
	if found["decision"] != "deny" || found["images"] != "containers/main="+forbidden {
		t.Errorf("expected the denial in the audit log, but found %q", found)
	}
}

// kubectlFails runs it, expects it to fail, and returns what it said.
func (lab *lab) kubectlFails(arguments ...string) string {
	lab.t.Helper()
	command := exec.Command(filepath.Join(os.Getenv(binariesVariable), "kubectl"),
		append([]string{"--kubeconfig", cluster.Kubeconfig(), "--namespace", lab.namespace}, arguments...)...)
	output, err := command.CombinedOutput()
	if err == nil {
		lab.t.Errorf("expected kubectl %s to fail, but it said: %s", strings.Join(arguments, " "), output)
	}
	return string(output)
}

func servesKubectl(t *testing.T) {
	lab := newLab(t)
	lab.kubectl("run", "p", "--image="+operatorImage)
	lab.kubectl("debug", "p", "--image=busybox:1", "--container=one", "--profile=general")
	stored := lab.stored(lab.send(http.MethodGet, lab.pods()+"/p", nil))
	expectImage(t, stored.image("containers", 0), inHarbor)
	expectImage(t, stored.image("ephemeralContainers", 0), "harbor.potus.local/dockerhub/library/busybox:1")
	contains(t, lab.kubectlFails("debug", "p", "--image="+forbidden, "--container=two", "--profile=general"), forbidden)

	manifest := filepath.Join(t.TempDir(), "pod.yaml")
	must(t, os.WriteFile(manifest, encodedJSON(pod("applied", operatorImage)), 0o600))
	lab.kubectl("apply", "--server-side", "-f", manifest)
	// Once more: the image is the webhook's now, and the same manifest is no change.
	lab.kubectl("apply", "--server-side", "--force-conflicts", "-f", manifest)
	expectImage(t, lab.stored(lab.send(http.MethodGet, lab.pods()+"/applied", nil)).image("containers", 0), inHarbor)
	if said := lab.kubectl("run", "dry", "--image="+operatorImage, "--dry-run=server", "-o", "jsonpath={.spec.containers[0].image}"); said != inHarbor {
		t.Errorf("expected %s of a dry run, but found %s", inHarbor, said)
	}
	if reply := lab.send(http.MethodGet, lab.pods()+"/dry", nil); reply.Code != http.StatusNotFound {
		t.Errorf("expected nothing of a dry run, but found HTTP %d", reply.Code)
	}
}

// A Pod of before, which would be denied now.
func leavesWhatRunsAlone(t *testing.T, legacy *lab) {
	lab := *legacy
	lab.t = t
	stored := lab.stored(lab.patch("old", mergePatch, object{"metadata": object{"labels": object{"a": "b"}}}))
	expectImage(t, stored.image("containers", 0), forbidden)
	change := func(image string) *plane.Reply {
		return lab.patch("old", strategicPatch, object{"spec": object{"containers": []object{container("main", image)}}})
	}
	contains(t, lab.denied(change("gcr.io/example/app:2")), "gcr.io/example/app:2")
	expectImage(t, lab.stored(change(operatorImage)).image("containers", 0), inHarbor)
	must(t, lab.send(http.MethodDelete, lab.pods()+"/old", nil).Err())
	must(t, lab.patch("old", mergePatch, object{"metadata": object{"finalizers": nil}}).Err())
	lab.eventually("the Pod is gone", func() error {
		if reply := lab.send(http.MethodGet, lab.pods()+"/old", nil); reply.Code != http.StatusNotFound {
			return fmt.Errorf("HTTP %d", reply.Code)
		}
		return nil
	})
}

func takesOddPods(t *testing.T) {
	lab := newLab(t)
	unknown := pod("unknown", operatorImage).with("spec", "fieldOfTheFuture", object{"image": "gcr.io/x"})
	expectImage(t, lab.accepts(unknown).image("containers", 0), inHarbor)
	var many []object
	for number := range 100 {
		many = append(many, container(fmt.Sprintf("c%d", number), fmt.Sprintf("nvcr.io/nvidia/c%d:1", number)))
	}
	stored := lab.accepts(pod("many", "nginx").with("spec", "containers", many))
	for number := range many {
		expectImage(t, stored.image("containers", number), fmt.Sprintf("harbor.potus.local/nvidiaio/nvidia/c%d:1", number))
	}
	for image, shown := range map[string]string{
		"nginx:\u202e1":      `\u{202e}`,
		"ngìnx":              "expected",
		"nginx\x1b[31m":      `\u{1b}`,
		"a\nb":               `\n`,
		"😀/x":                "expected",
		"nvcr.io/NVIDIA/x:1": "expected",
	} {
		text := lab.rejects(pod("p", image))
		contains(t, text, shown)
		if strings.ContainsAny(text, "\u202e\x1b\n") {
			t.Errorf("expected `%q` to be escaped, but found %q", image, text)
		}
	}
}

// Its users change nothing in its values: all that its chart and its operator name is served.
func servesTheGPUOperator(t *testing.T) {
	file, err := os.ReadFile(repository("tests", "fixtures", "gpu-operator-images.txt"))
	must(t, err)
	lab, containers := newLab(t), []object{}
	for number, image := range strings.Fields(string(file)) {
		stored := lab.accepts(pod(fmt.Sprintf("p%d", number), image))
		found := stored.image("containers", 0)
		if _, path, cut := strings.Cut(image, "/"); !cut || !strings.HasPrefix(found.(string), "harbor.potus.local/") || !strings.HasSuffix(found.(string), "/"+path) {
			t.Errorf("expected %s through Harbor, but found %v", image, found)
		}
		containers = append(containers, container(fmt.Sprintf("c%d", number), image))
	}
	if len(containers) < 30 {
		t.Errorf("expected the operator's images, but found %d", len(containers))
	}
	lab.runs(workload("apps/v1", "DaemonSet", containers), len(containers))
	lab.runs(workload("apps/v1", "Deployment", containers), len(containers))
}

func leavesMirrorPodsToTheirNode(t *testing.T) {
	lab := newLab(t)
	stored := lab.stored(lab.as(nodeUser, "system:nodes").create(lab.mirrorPod("static")))
	expectImage(t, stored.image("containers", 0), "registry.k8s.io/etcd:3")
	// Anybody else's is a Pod like any other: rewritten, and rejected where it is not allowed.
	expectImage(t, lab.accepts(lab.mirrorPod("pretended")).image("containers", 0), "harbor.potus.local/k8s/etcd:3")
}

// The program asks the API server for nothing: no rule names its account, and its Pods have no
// token to ask with. So there is no rule that could be missing.
func hasNoRights(t *testing.T, release *release) {
	lab := newLab(t)
	account := "system:serviceaccount:" + plane.PilotNamespace + ":harbor-pilot"
	for _, kind := range []string{"rolebindings", "clusterrolebindings"} {
		reply := lab.send(http.MethodGet, "/apis/rbac.authorization.k8s.io/v1/"+kind, nil)
		must(t, reply.Err())
		if strings.Contains(string(reply.Body), `"harbor-pilot"`) {
			t.Errorf("expected no %s of ours, but found one", kind)
		}
	}
	if reply := lab.as(account, "system:serviceaccounts").send(http.MethodGet, lab.pods(), nil); reply.Code != http.StatusForbidden {
		t.Errorf("expected HTTP 403 for the account, but found %d", reply.Code)
	}
	replicas := release.replicas(lab)
	if len(replicas) != 2 {
		t.Errorf("expected two replicas, but found %d", len(replicas))
	}
	for _, replica := range replicas {
		if names := replica.each([]any{"spec", "volumes"}, "name"); !sameItems(names, []any{"policy", "tls"}) {
			t.Errorf("expected the policy and the certificate to be mounted, but found %v", names)
		}
	}
}
