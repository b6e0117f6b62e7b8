package proofs

import (
	"net/http"
	"testing"
)

func volumePod(reference string) object {
	return pod("p", "nginx").with("spec", "volumes", []object{{"name": "model", "image": object{"reference": reference}}})
}

func TestImageVolumes(t *testing.T) {
	lab, hook := recorder(t)
	place := []any{"spec", "volumes", 0, "image", "reference"}

	stored := lab.created(volumePod("nvcr.io/nim/model:1"))
	mutate, _ := both(t, hook.taken())
	if found := mutate.review.Request.Object.at(place...); found != "nvcr.io/nim/model:1" || stored.at(place...) != found {
		t.Errorf("expected the reference, but found %v", found)
	}
	fixture(t, "create-image-volume", mutate)
	must(t, lab.send(http.MethodDelete, lab.pods()+"/p", nil).Err())

	hook.answers(mutatingOnly(patching(operation("replace", "/spec/volumes/0/image/reference", "harbor.example.com/nim/model:1"))))
	if found := lab.created(volumePod("nvcr.io/nim/model:1")).at(place...); found != "harbor.example.com/nim/model:1" {
		t.Errorf("expected the webhook's reference, but found %v", found)
	}
	must(t, lab.send(http.MethodDelete, lab.pods()+"/p", nil).Err())

	hook.answers(allow)
	// Unlike a container's image, a reference may have space around it.
	if found := lab.created(volumePod(" nvcr.io/nim/model:1\n")).at(place...); found != " nvcr.io/nim/model:1\n" {
		t.Errorf("expected the space to be kept, but found %q", found)
	}
	must(t, lab.send(http.MethodDelete, lab.pods()+"/p", nil).Err())
	if reply := lab.create(volumePod("")); reply.Code != http.StatusUnprocessableEntity {
		t.Errorf("expected HTTP 422, but found %d: %s", reply.Code, reply.Message())
	}
}
