package proofs

import (
	"encoding/base64"
	"net/http"
	"testing"
)

// A patch that does not apply rejects the request even under failurePolicy Ignore,
// with a message that does not name the webhook.
func TestPatchesThatDoNotApplyRejectUnderIgnore(t *testing.T) {
	lab := newLab(t)
	hook := newHook(t, lab, allow)
	lab.register([]*webhook{hook}, ignore, nil, mutating)
	for name, proof := range map[string]struct {
		operation object
		message   string
	}{
		"replace of an item that is not there": {
			operation("replace", "/spec/containers/5/image", "x"),
			"Internal error occurred: replace operation does not apply: doc is missing path: /spec/containers/5/image: missing value",
		},
		"a test that fails": {
			operation("test", "/spec/containers/0/image", "other"),
			"Internal error occurred: testing value /spec/containers/0/image failed: test failed",
		},
		"add past the end": {
			operation("add", "/spec/containers/7", container("c", "x")),
			"Internal error occurred: error in add for path: '/spec/containers/7': Unable to access invalid index: 7: invalid index referenced",
		},
		"add to a list that is not there": {
			operation("add", "/spec/imagePullSecrets/-", object{"name": "s"}),
			`Internal error occurred: add operation does not apply: doc is missing path: "/spec/imagePullSecrets/-": missing value`,
		},
		"add below annotations that are not there": {
			operation("add", "/metadata/annotations/a", "b"),
			`Internal error occurred: add operation does not apply: doc is missing path: "/metadata/annotations/a": missing value`,
		},
		"an unknown operation": {
			operation("frob", "/spec", "x"),
			"Internal error occurred: Unexpected kind: frob",
		},
		"another type than the field's": {
			operation("replace", "/spec/containers/0/image", 1),
			"Internal error occurred: json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string",
		},
	} {
		t.Run(name, func(t *testing.T) {
			hook.answers(patching(proof.operation))
			refused(t, lab.create(pod("p", "nginx")), http.StatusInternalServerError, proof.message)
		})
	}
}

// What Ignore does forgive: a patch that is no JSON Patch at all. The proof above is
// none without this one.
func TestPatchesThatCanNotBeReadPassUnderIgnore(t *testing.T) {
	lab := newLab(t)
	hook := newHook(t, lab, respond(object{
		"allowed": true, "patchType": "JSONPatch", "patch": base64.StdEncoding.EncodeToString([]byte("{no patch")),
	}))
	lab.register([]*webhook{hook}, ignore, nil, mutating)
	lab.created(pod("p", "nginx"))
	only(t, hook.taken())
}

// A field that the API server does not know vanishes; replace of a member that is
// not there adds it; an empty patch is none.
func TestWhatPatchesMayDo(t *testing.T) {
	lab := newLab(t)
	hook := newHook(t, lab, allow)
	lab.register([]*webhook{hook}, fail, nil, mutating)

	hook.answers(patching())
	lab.created(pod("empty", "nginx"))
	hook.answers(patching(operation("add", "/spec/fieldOfTheFuture", "x")))
	if stored := lab.created(pod("unknown", "nginx")); stored.has("spec", "fieldOfTheFuture") {
		t.Error("expected the unknown field to vanish, but found it stored")
	}
	hook.answers(patching(
		operation("replace", "/metadata/annotations", object{"a": "b"}),
		operation("replace", "/spec/containers/0/image", "harbor.example.com/dockerhub/library/nginx"),
	))
	stored := lab.created(pod("replaced", "nginx"))
	if found := stored.at("metadata", "annotations", "a"); found != "b" {
		t.Errorf("expected the annotation to be added, but found %v", found)
	}
	if found := stored.at("spec", "containers", 0, "image"); found != "harbor.example.com/dockerhub/library/nginx" {
		t.Errorf("expected the image to be replaced, but found %v", found)
	}
}
