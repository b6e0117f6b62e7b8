package standin_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// turn sends a request to the control address.
func (s *site) turn(method, path, body string, status int) string {
	s.Helper()
	recorder := httptest.NewRecorder()
	s.harbor.Control().ServeHTTP(recorder, httptest.NewRequest(method, path, strings.NewReader(body)))
	if recorder.Code != status {
		s.Fatalf("%s %s: expected %d, but found %d: %s", method, path, status, recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}

func TestControl(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.proxy("nvidiaio", "docker-registry", "https://nvcr.io", `{}`)
	const image = "/v2/nvidiaio/nvidia/driver/manifests/550"

	s.turn("DELETE", "/requests", "", http.StatusOK)
	s.get(image).is(200)
	if found := s.turn("GET", "/requests", "", http.StatusOK); !strings.Contains(found, `[{"method":"GET","path":"`+image+`","status":200}]`) {
		t.Errorf("found %s", found)
	}

	s.turn("PUT", "/registries/nvidiaio/healthy", "false", http.StatusOK)
	s.get("/registries/1").is(200, `"status":"unhealthy"`)
	before := s.registry.Requests()
	s.get(image).is(404) // upstream is not even asked
	if s.registry.Requests() != before {
		t.Error("expected that upstream is not asked")
	}
	s.turn("PUT", "/registries/nvidiaio/healthy", "true", http.StatusOK)
	s.get(image).is(200)

	s.turn("PUT", "/projects/nvidiaio/metadata", `{"public":"true"}`, http.StatusOK)
	s.get("/projects/nvidiaio").is(200, `"metadata":{"public":"true"}`)
	s.turn("PUT", "/adapters", `["harbor"]`, http.StatusOK)
	s.get("/replication/adapters").is(200, `["harbor"]`)
	s.turn("PUT", "/read-only", "true", http.StatusOK)
	s.post("/projects", `{"project_name":"a"}`).is(403)
	s.turn("PUT", "/faults", `{"count":1,"status":503}`, http.StatusOK)
	s.get("/projects").is(503)

	s.turn("PUT", "/faults", `{"cuont":1}`, http.StatusBadRequest)
	s.turn("PUT", "/registries/none/healthy", "true", http.StatusNotFound)
	s.turn("PUT", "/projects/none/metadata", "{}", http.StatusNotFound)
}
