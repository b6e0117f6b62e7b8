package proofs

import (
	"net/http"
	"strings"
	"testing"

	"harbor-pilot.io/tests/cluster/plane"
)

func (lab *lab) debug(change object) *plane.Reply {
	lab.t.Helper()
	return lab.sendBytes(http.MethodPatch, lab.pods()+"/p/ephemeralcontainers", strategicPatch, encodedJSON(change))
}

var ephemeralContainers = []any{"spec", "ephemeralContainers"}

func adding(containers ...object) object {
	return object{"spec": object{"ephemeralContainers": containers}}
}

// A new ephemeral container stands first or last, as the client's patch has it: only
// names tell it from those that were there.
func TestEphemeralContainersComeFirstOrLast(t *testing.T) {
	lab, hook := recorder(t)
	lab.created(pod("p", "nginx"))
	must(t, lab.debug(adding(container("one", "busybox:1"))).Err())
	hook.taken()

	must(t, lab.debug(adding(container("two", "busybox:2"))).Err())
	mutate, _ := both(t, hook.taken())
	request := mutate.review.Request
	if request.Operation != "UPDATE" || request.SubResource != "ephemeralcontainers" || request.RequestSubResource != "ephemeralcontainers" || request.Resource.Resource != "pods" || request.Kind.Kind != "Pod" {
		t.Errorf("expected an UPDATE of pods/ephemeralcontainers with a Pod, but found %+v", request)
	}
	if found := request.Object.each(ephemeralContainers, "name"); !sameItems(found, []any{"two", "one"}) {
		t.Errorf("expected the new one first, but found %v", found)
	}
	fixture(t, "ephemeral-first", mutate)

	// What kubectl sends: the patch says the order.
	ordered := adding(container("three", "busybox:3"))
	ordered["spec"].(object)["$setElementOrder/ephemeralContainers"] = []object{{"name": "two"}, {"name": "one"}, {"name": "three"}}
	must(t, lab.debug(ordered).Err())
	mutate, validate := both(t, hook.taken())
	if found := mutate.review.Request.Object.each(ephemeralContainers, "name"); !sameItems(found, []any{"two", "one", "three"}) {
		t.Errorf("expected the new one last, but found %v", found)
	}
	fixture(t, "ephemeral-last", mutate)
	fixture(t, "ephemeral-last-validate", validate)
}

func TestKubectlDebugAddsLast(t *testing.T) {
	lab, hook := recorder(t)
	lab.created(pod("p", "nginx"))
	lab.kubectl("debug", "p", "--image=busybox:1", "--container=one", "--profile=general")
	hook.taken()
	lab.kubectl("debug", "p", "--image=busybox:2", "--container=two", "--profile=general")
	mutate, _ := both(t, hook.taken())
	if found := mutate.review.Request.Object.each(ephemeralContainers, "name"); !sameItems(found, []any{"one", "two"}) {
		t.Errorf("expected the new one last, but found %v", found)
	}
}

// On this subresource a webhook may change the new ephemeral container. To change an
// old one rejects the request; to change anything else does nothing.
func TestPatchesOnEphemeralContainers(t *testing.T) {
	lab, hook := recorder(t)
	lab.created(pod("p", "nginx:1"))
	must(t, lab.debug(adding(container("one", "busybox:1"))).Err())

	hook.answers(mutatingOnly(patching(operation("replace", "/spec/ephemeralContainers/0/image", "harbor.example.com/busybox:2"))))
	stored := lab.stored(lab.debug(adding(container("two", "busybox:2"))))
	if found := stored.at("spec", "ephemeralContainers", 0, "image"); found != "harbor.example.com/busybox:2" {
		t.Errorf("expected the webhook's image, but found %v", found)
	}

	hook.answers(mutatingOnly(patching(operation("replace", "/spec/ephemeralContainers/1/image", "harbor.example.com/busybox:3"))))
	reply := lab.debug(adding(container("three", "busybox:3")))
	if reply.Code != http.StatusUnprocessableEntity || !strings.Contains(reply.Message(), "existing ephemeral containers") {
		t.Errorf("expected HTTP 422, but found %d: %s", reply.Code, reply.Message())
	}

	hook.answers(mutatingOnly(patching(
		operation("replace", "/spec/containers/0/image", "nginx:2"),
		operation("add", "/metadata/annotations", object{"a": "b"}),
		operation("add", "/spec/imagePullSecrets", []object{{"name": "s"}}),
	)))
	stored = lab.stored(lab.debug(adding(container("three", "busybox:3"))))
	if found := stored.at("spec", "containers", 0, "image"); found != "nginx:1" || stored.has("metadata", "annotations") || stored.has("spec", "imagePullSecrets") {
		t.Errorf("expected nothing else to change, but found %v", stored)
	}
}

// A user's change of another list in the same request reaches the mutating hook, but
// not the validating one, nor the store.
func TestOtherChangesOnEphemeralContainersAreDropped(t *testing.T) {
	lab, hook := recorder(t)
	lab.created(pod("p", "nginx:1"))
	hook.taken()
	change := adding(container("one", "busybox:1"))
	change["spec"].(object)["containers"] = []object{container("main", "sneaky:1")}
	stored := lab.stored(lab.debug(change))
	mutate, validate := both(t, hook.taken())
	image := []any{"spec", "containers", 0, "image"}
	if found := mutate.review.Request.Object.at(image...); found != "sneaky:1" {
		t.Errorf("expected the mutating hook to see the change, but found %v", found)
	}
	if found := validate.review.Request.Object.at(image...); found != "nginx:1" {
		t.Errorf("expected the validating hook not to see the change, but found %v", found)
	}
	if found := stored.at(image...); found != "nginx:1" {
		t.Errorf("expected the change to be dropped, but found %v", found)
	}
	fixture(t, "ephemeral-with-other-changes", mutate)
}
