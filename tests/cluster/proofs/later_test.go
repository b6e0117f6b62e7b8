package proofs

import (
	"net/http"
	"testing"

	"harbor-pilot.io/tests/cluster/plane"
)

// other registers another mutating webhook for the lab's Pods. Its configuration's name is that of
// a lab, which begins with `installed`: it is called after ours.
func (lab *lab) other(reinvocation string, reply answer) {
	lab.t.Helper()
	later := newLab(lab.t).watching(lab)
	later.register([]*webhook{newHook(lab.t, later, reply)}, fail, object{"reinvocationPolicy": reinvocation}, mutating)
}

var mainImage = []any{"spec", "containers", 0, "image"}

// A mesh adds its sidecar after ours was called: ours is called again, and the sidecar comes
// through Harbor too.
func sidecarAddedLater(t *testing.T) {
	lab := newLab(t)
	lab.other("Never", patching(operation("add", "/spec/containers/-", container("proxy", "docker.io/istio/proxyv2:1.24.0"))))
	stored := lab.accepts(pod("p", operatorImage))
	expectImage(t, stored.image("containers", 0), inHarbor)
	expectImage(t, stored.image("containers", 1), "harbor.potus.local/dockerhub/istio/proxyv2:1.24.0")
}

func imageChangedLater(t *testing.T) {
	change := patching(operation("replace", "/spec/containers/0/image", "quay.io/other/app:1"))
	t.Run("once", func(t *testing.T) {
		lab := newLab(t)
		lab.other("Never", change)
		expectImage(t, lab.accepts(pod("p", operatorImage)).at(mainImage...), "harbor.potus.local/quay/other/app:1")
	})
	// Two that will have the last word. The one that came last has it, and what it wrote is judged.
	t.Run("again", func(t *testing.T) {
		lab := newLab(t)
		lab.other("IfNeeded", change)
		reply := lab.create(pod("p", operatorImage))
		lab.validated(reply)
		contains(t, lab.denied(reply), `image "quay.io/other/app:1" is not pulled through Harbor`)
	})
	t.Run("to what is not allowed", func(t *testing.T) {
		lab := newLab(t)
		lab.other("Never", patching(operation("replace", "/spec/containers/0/image", forbidden)))
		contains(t, lab.rejects(pod("p", operatorImage)), `image "gcr.io/example/app:1" is not allowed`)
	})
}

// validated expects that the boundary rejected it, and not the first look.
func (lab *lab) validated(reply *plane.Reply) {
	lab.t.Helper()
	if reply.Code != http.StatusForbidden {
		lab.t.Fatalf("expected HTTP 403, but found %d: %s", reply.Code, reply.Message())
	}
	contains(lab.t, reply.Message(), deniedByValidating)
}

// One that resolves tags to digests keeps what it finds, or puts the upstream's name back.
func imagePinnedLater(t *testing.T) {
	const digest = "@sha256:92080d86d04c265f7fc0b8e1cd95dff94d3ab57de6a6474c3c483e4c2ada5dea"
	for name, pinned := range map[string]string{"in Harbor": inHarbor + digest, "upstream": operatorImage + digest} {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			lab.other("Never", patching(operation("replace", "/spec/containers/0/image", pinned)))
			expectImage(t, lab.accepts(pod("p", operatorImage)).at(mainImage...), inHarbor+digest)
		})
	}
}

func warns(t *testing.T) {
	lab := newLab(t)
	reply := lab.create(pod("p", forbidden))
	expectImage(t, lab.stored(reply).at(mainImage...), forbidden)
	contains(t, reply.Header.Get("Warning"), "gcr.io/example/app:1", "is not allowed")
	contains(t, lab.kubectl("run", "q", "--image="+forbidden), "Warning: harbor-pilot: ", forbidden, "pod/q created")
	expectImage(t, lab.accepts(pod("r", operatorImage)).at(mainImage...), inHarbor)
	contains(t, lab.rejects(pod("s", "xmrig")), "malware")
}

func audits(t *testing.T) {
	lab := newLab(t)
	reply := lab.create(pod("p", forbidden))
	expectImage(t, lab.stored(reply).at(mainImage...), forbidden)
	if warning := reply.Header.Get("Warning"); warning != "" {
		t.Errorf("expected no warning, but found %s", warning)
	}
	found := lab.annotations(reply, "pods.validate.harbor-pilot.io")
	if found["decision"] != "audit" || found["images"] != "containers/main="+forbidden {
		t.Errorf("expected it in the audit log, but found %q", found)
	}
	contains(t, lab.rejects(pod("s", "xmrig")), "malware")
}

func kiosk(t *testing.T) {
	lab := newLab(t)
	expectImage(t, lab.accepts(pod("p", "nginx:1")).at(mainImage...), "harbor.potus.local/dockerhub/library/nginx:1")
	contains(t, lab.rejects(pod("q", operatorImage)), "is not allowed")
}
