package proofs

import (
	"net/http"
	"strings"
	"testing"

	"harbor-pilot.io/tests/cluster/plane"
)

// refused checks code and message of a reply. `UID` in the message stands for any.
func refused(t *testing.T, reply *plane.Reply, code int, message string) {
	t.Helper()
	found := uids.ReplaceAllString(reply.Message(), "UID")
	if reply.Code != code || found != message {
		t.Errorf("expected HTTP %d `%s`, but found HTTP %d `%s`", code, message, reply.Code, found)
	}
}

// Answers with a mistake fail the call, and the message says which. Ignore forgives
// them all.
func TestAnswersWithAMistake(t *testing.T) {
	const m = `Internal error occurred: failed calling webhook "m.test.example.com": `
	const v = `Internal error occurred: failed calling webhook "v.test.example.com": `
	patch := encoded([]object{})
	for name, proof := range map[string]struct {
		role    role
		answer  answer
		message string
	}{
		"another uid": {
			mutating, respond(object{"allowed": true, "uid": "x"}),
			m + `received invalid webhook response: expected response.uid="UID", got "x"`,
		},
		"patchType without patch": {
			mutating, respond(object{"allowed": true, "patchType": "JSONPatch"}),
			m + "received invalid webhook response: webhook returned response.patchType but not response.patch",
		},
		"patch without patchType": {
			mutating, respond(object{"allowed": true, "patch": patch}),
			m + "received invalid webhook response: webhook returned response.patch but not response.patchType",
		},
		"a patch from a validating webhook": {
			validating, respond(object{"allowed": true, "patchType": "JSONPatch", "patch": patch}),
			v + "received invalid webhook response: validating webhook may not return response.patch",
		},
		"patchType from a validating webhook": {
			validating, respond(object{"allowed": true, "patchType": "JSONPatch"}),
			v + "received invalid webhook response: validating webhook may not return response.patchType",
		},
		"no kind": {
			mutating, func(writer http.ResponseWriter, call call) {
				response := object{"uid": call.review.Request.UID, "allowed": true}
				send(writer, object{"apiVersion": "admission.k8s.io/v1", "response": response})
			},
			m + "received invalid webhook response: expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got admission.k8s.io/v1, Kind=",
		},
		"no response": {
			mutating, func(writer http.ResponseWriter, _ call) {
				send(writer, object{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"})
			},
			m + "received invalid webhook response: webhook response was absent",
		},
		"an empty body": {
			mutating, func(writer http.ResponseWriter, _ call) { writer.Header().Set("Content-Type", "application/json") },
			m + "failed to call webhook: 0-length response with status code: 200 and content type: application/json",
		},
	} {
		t.Run(name, func(t *testing.T) {
			strict, lenient := newLab(t), newLab(t)
			hook := newHook(t, strict, proof.answer)
			strict.register([]*webhook{hook}, fail, nil, proof.role)
			refused(t, strict.create(pod("p", "nginx")), http.StatusInternalServerError, proof.message)

			hook = newHook(t, lenient, proof.answer)
			lenient.register([]*webhook{hook}, ignore, nil, proof.role)
			lenient.created(pod("p", "nginx"))
		})
	}
}

// A denial's status arrives as it was sent, and Ignore does not soften it.
func TestDenials(t *testing.T) {
	const prefix = `admission webhook "m.test.example.com" denied the request`
	lab := newLab(t)
	hook := newHook(t, lab, allow)
	lab.register([]*webhook{hook}, ignore, nil, mutating)

	hook.answers(respond(object{"allowed": false, "status": object{"code": 403, "reason": "Forbidden", "message": "line 1\nline 2\x1b[31m"}}))
	reply := lab.create(pod("p", "nginx"))
	// Raw control characters, too: whoever writes the message must escape them.
	refused(t, reply, http.StatusForbidden, prefix+": line 1\nline 2\x1b[31m")
	if reason := reply.Status().Reason; reason != "Forbidden" {
		t.Errorf("expected the reason Forbidden, but found `%s`", reason)
	}
	hook.answers(respond(object{"allowed": false, "status": object{"message": strings.Repeat("x", 100_000)}}))
	refused(t, lab.create(pod("p", "nginx")), http.StatusBadRequest, prefix+": "+strings.Repeat("x", 100_000))
	hook.answers(respond(object{}))
	refused(t, lab.create(pod("p", "nginx")), http.StatusBadRequest, prefix+" without explanation")
}
