package proofs

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A label alone calls both hooks with all of the old and the new object. Whatever
// judged it whole would make Pods that were admitted before unmanageable.
func TestUpdateOfALabel(t *testing.T) {
	lab, hook := recorder(t)
	lab.created(pod("p", "nginx"))
	hook.taken()
	must(t, lab.patch("p", mergePatch, object{"metadata": object{"labels": object{"a": "b"}}}).Err())
	mutate, validate := both(t, hook.taken())
	for _, call := range []call{mutate, validate} {
		request := call.review.Request
		if request.Operation != "UPDATE" || request.SubResource != "" {
			t.Errorf("expected an UPDATE of the Pod, but found %s %s", request.Operation, request.SubResource)
		}
		for what, seen := range map[string]object{"object": request.Object, "oldObject": request.OldObject} {
			if seen.at("spec", "containers", 0, "image") != "nginx" || !seen.has("metadata", "managedFields") || !seen.has("status") {
				t.Errorf("expected %s to be whole, but found %v", what, seen)
			}
		}
		if request.Object.at("metadata", "labels", "a") != "b" || request.OldObject.has("metadata", "labels") {
			t.Error("expected the label in object alone")
		}
	}
	fixture(t, "update-label", mutate)
	fixture(t, "update-label-validate", validate)
}

func TestUpdateByServerSideApply(t *testing.T) {
	lab, hook := recorder(t)
	apply := func(labels object) {
		must(t, lab.sendBytes(http.MethodPatch, lab.pods()+"/p?fieldManager=proof", "application/apply-patch+yaml",
			encodedJSON(pod("p", "nginx").with("metadata", "labels", labels))).Err())
	}
	apply(nil)
	mutate, _ := both(t, hook.taken())
	if found := mutate.review.Request.Operation; found != "CREATE" {
		t.Errorf("expected CREATE, but found %s", found)
	}
	apply(object{"a": "b"})
	mutate, _ = both(t, hook.taken())
	if found := mutate.review.Request.Operation; found != "UPDATE" {
		t.Errorf("expected UPDATE, but found %s", found)
	}
	fixture(t, "update-apply", mutate)
}

// A finalizer's removal is an UPDATE of a Pod that is being deleted.
func TestUpdateOfAFinalizer(t *testing.T) {
	lab, hook := recorder(t)
	lab.created(pod("p", "nginx").with("metadata", "finalizers", []string{"example.com/proof"}))
	must(t, lab.send(http.MethodDelete, lab.pods()+"/p", nil).Err())
	hook.taken()
	must(t, lab.patch("p", mergePatch, object{"metadata": object{"finalizers": nil}}).Err())
	mutate, _ := both(t, hook.taken())
	for what, seen := range map[string]object{"object": mutate.review.Request.Object, "oldObject": mutate.review.Request.OldObject} {
		if !seen.has("metadata", "deletionTimestamp") {
			t.Errorf("expected %s with a deletionTimestamp, but found none", what)
		}
	}
	fixture(t, "update-finalizer", mutate)
}

// The job controller removes its finalizer from Pods that are not being deleted: an
// exemption for those that are would not let Jobs end.
func TestUpdateOfAJobsFinalizer(t *testing.T) {
	const finalizer = "batch.kubernetes.io/job-tracking"
	lab, hook := recorder(t)
	must(t, lab.send(http.MethodPost, "/apis/batch/v1/namespaces/"+lab.namespace+"/jobs", object{
		"metadata": object{"name": "job"},
		"spec": object{"template": object{"spec": object{
			"restartPolicy": "Never", "containers": []object{container("main", "nginx")},
		}}},
	}).Err())
	var removal call
	lab.eventually("the job controller removes its finalizer", func() error {
		for _, call := range hook.taken() {
			request := call.review.Request
			old, _ := request.OldObject.at("metadata", "finalizers").([]any)
			if call.path == mutating.path && request.Operation == "UPDATE" && sameItems(old, []any{finalizer}) {
				removal = call
				return nil
			}
		}
		return fmt.Errorf("not yet")
	})
	request := removal.review.Request
	if request.Object.has("metadata", "deletionTimestamp") || request.OldObject.has("metadata", "deletionTimestamp") {
		t.Error("expected a Pod that is not being deleted, but found a deletionTimestamp")
	}
	if found := request.OldObject.at("status", "phase"); found != "Succeeded" {
		t.Errorf("expected the phase Succeeded, but found %v", found)
	}
	if found := request.UserInfo.Username; found != "system:serviceaccount:kube-system:job-controller" {
		t.Errorf("expected the job controller, but found `%s`", found)
	}
	fixture(t, "update-job-finalizer", removal)
}

// Of a Pod's spec, a webhook may change images on UPDATE, and hardly anything else.
func TestUpdateOfAnImage(t *testing.T) {
	lab, hook := recorder(t)
	whole := pod("p", "nginx:1").with("spec", "volumes", []object{{"name": "v", "image": object{"reference": "nginx:1"}}})
	whole = whole.with("spec", "initContainers", []object{container("init", "busybox:1")})
	lab.created(whole)
	hook.taken()
	change := func(image string) object {
		return object{"spec": object{"containers": []object{container("main", image)}}}
	}
	must(t, lab.patch("p", strategicPatch, change("nginx:2")).Err())
	mutate, validate := both(t, hook.taken())
	fixture(t, "update-image", mutate)
	if found := validate.review.Request.OldObject.at("spec", "containers", 0, "image"); found != "nginx:1" {
		t.Errorf("expected the old image, but found %v", found)
	}

	hook.answers(mutatingOnly(patching(
		operation("replace", "/spec/containers/0/image", "harbor.example.com/nginx:3"),
		operation("replace", "/spec/initContainers/0/image", "harbor.example.com/busybox:3"),
		operation("add", "/metadata/annotations", object{"a": "b"}),
	)))
	stored := lab.stored(lab.patch("p", strategicPatch, change("nginx:3")))
	if found := stored.at("spec", "containers", 0, "image"); found != "harbor.example.com/nginx:3" {
		t.Errorf("expected the webhook's image, but found %v", found)
	}
	if found := stored.at("spec", "initContainers", 0, "image"); found != "harbor.example.com/busybox:3" {
		t.Errorf("expected the webhook's image, but found %v", found)
	}
	for name, forbidden := range map[string]object{
		"a pull secret":   operation("add", "/spec/imagePullSecrets", []object{{"name": "s"}}),
		"an image volume": operation("replace", "/spec/volumes/0/image/reference", "nginx:4"),
		"a pull policy":   operation("replace", "/spec/containers/0/imagePullPolicy", "Always"),
		"a new ephemeral": operation("add", "/spec/ephemeralContainers", []object{container("debug", "busybox")}),
	} {
		t.Run(name, func(t *testing.T) {
			hook.answers(mutatingOnly(patching(forbidden)))
			reply := lab.patch("p", strategicPatch, change("nginx:4"))
			if reply.Code != http.StatusUnprocessableEntity || !strings.Contains(reply.Message(), "Forbidden: pod updates may not change fields other than") {
				t.Errorf("expected HTTP 422, but found %d: %s", reply.Code, reply.Message())
			}
		})
	}
}

// A status is not a Pod to the rule `pods`.
func TestUpdateOfAStatusIsNotSeen(t *testing.T) {
	lab, hook := recorder(t)
	lab.created(pod("p", "nginx"))
	hook.taken()
	must(t, lab.sendBytes(http.MethodPatch, lab.pods()+"/p/status", mergePatch,
		encodedJSON(object{"status": object{"message": "x"}})).Err())
	time.Sleep(100 * time.Millisecond)
	if calls := hook.taken(); len(calls) != 0 {
		t.Errorf("expected no call, but found %s", paths(calls))
	}
}
