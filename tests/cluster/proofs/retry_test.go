package proofs

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// 503 with Retry-After is asked again, with the same uid and the same time-out.
func TestRetryAfterIsRetried(t *testing.T) {
	for _, role := range []role{mutating, validating} {
		t.Run(role.path[1:], func(t *testing.T) {
			lab := newLab(t)
			hook := newHook(t, lab, inTurn(unavailableFor("1"), allow))
			lab.register([]*webhook{hook}, fail, nil, role)
			lab.created(pod("p", "nginx"))

			calls := hook.taken()
			if len(calls) != 2 {
				t.Fatalf("expected 2 calls, but found %d", len(calls))
			}
			if waited := calls[1].at.Sub(calls[0].at); waited < time.Second {
				t.Errorf("expected the second call after at least 1 s, but found %v", waited)
			}
			if first, second := calls[0], calls[1]; first.review.Request.UID != second.review.Request.UID || first.timeout != second.timeout {
				t.Errorf("expected the same uid and time-out, but found %s %s, and %s %s",
					first.review.Request.UID, first.timeout, second.review.Request.UID, second.timeout)
			}
		})
	}
}

// Only an integer Retry-After is taken for one.
func TestWithoutRetryAfterNothingIsRetried(t *testing.T) {
	for name, value := range map[string]string{
		"none":       "",
		"a fraction": "0.5",
		"a date":     time.Now().Add(time.Second).UTC().Format(http.TimeFormat),
	} {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			hook := newHook(t, lab, unavailableFor(value))
			lab.register([]*webhook{hook}, fail, nil, mutating)
			reply := lab.create(pod("p", "nginx"))
			only(t, hook.taken())
			refused(t, reply, http.StatusInternalServerError, `Internal error occurred: failed calling webhook "m.test.example.com": failed to call webhook: the server is currently unable to handle the request`)
		})
	}
}

// A single replica that is not ready can't be saved by Retry-After 0: all the tries
// are gone in a moment.
func TestRetryAfterZeroIsBurntAtOnce(t *testing.T) {
	lab := newLab(t)
	hook := newHook(t, lab, unavailableFor("0"))
	lab.register([]*webhook{hook}, fail, nil, mutating)
	if reply := lab.create(pod("p", "nginx")); reply.Code != http.StatusInternalServerError {
		t.Errorf("expected HTTP 500, but found %d: %s", reply.Code, reply.Message())
	}
	// With as little as one second between them, its time of 5 s would not be enough for so many.
	if calls := hook.taken(); len(calls) != 11 {
		t.Fatalf("expected 11 calls, but found %d", len(calls))
	}
}

// A 503 that is sent before a large body was read is lost: the API server, which is
// still writing, sees its connection reset, and does not retry. Read to the end
// first, the same body gets its retry.
func TestAnEarlyAnswerToALargeBodyIsLost(t *testing.T) {
	const tries = 5
	large := pod("large", "nginx")
	large["spec"].(object)["containers"] = []object{{"name": "main", "image": "nginx", "args": []string{strings.Repeat("x", 2_500_000)}}}
	lab := newLab(t)
	hook := newHook(t, lab, allow)
	lab.register([]*webhook{hook}, fail, nil, mutating)

	hook.answers(inTurn(unavailableFor("1"), allow))
	if reply := lab.send(http.MethodPost, lab.pods()+"?dryRun=All", large); reply.Err() != nil {
		t.Errorf("expected a retry after a late answer, but found %s", reply.Message())
	}
	if calls := hook.taken(); len(calls) != 2 {
		t.Errorf("expected 2 calls, but found %d", len(calls))
	}

	// Whether the API server sees the answer or the reset first is a race, run anew at
	// each retry. One loss is enough.
	hook.answersEarly(func(writer http.ResponseWriter, _ call) {
		connection, _, err := http.NewResponseController(writer).Hijack()
		if err != nil {
			return
		}
		fmt.Fprint(connection, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
		_ = connection.Close()
	})
	for range tries {
		reply := lab.send(http.MethodPost, lab.pods()+"?dryRun=All", large)
		if message := reply.Message(); strings.Contains(message, "connection reset by peer") || strings.Contains(message, "broken pipe") {
			t.Logf("lost: %s", message)
			return
		}
	}
	t.Errorf("expected a lost answer in %d tries, but found none", tries)
}
