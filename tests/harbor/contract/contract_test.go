package contract_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"harbor-pilot.io/tests/harbor/contract"
	"harbor-pilot.io/tests/harbor/standin"
)

// ask sends a request through a version's contract to a handler that gives a fixed answer.
func ask(t *testing.T, version, method, path, body, answer string) (violation string) {
	t.Helper()
	v, err := standin.ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	c, err := contract.For(v)
	if err != nil {
		t.Fatal(err)
	}
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got, _ := io.ReadAll(r.Body); string(got) != body {
			t.Errorf("expected the body to be handed on, but found %q", got)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.WriteString(w, answer)
	})
	request := httptest.NewRequest(method, "/api/v2.0"+path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	c.Middleware(func(text string) { violation = text })(next).ServeHTTP(recorder, request)
	if broken := violation != ""; broken != (recorder.Code == 500) {
		t.Errorf("%s %s: status %d, violation %q", method, path, recorder.Code, violation)
	}
	return violation
}

func TestRequests(t *testing.T) {
	for _, one := range []struct{ version, method, path, body, violation string }{
		{"2.13.2", "POST", "/projects", `{"project_name":"a","metadata":{"public":"true"}}`, ""},
		{"2.13.2", "POST", "/projects", `{"project_name":"a","metadata":{"public":true}}`, "body.metadata.public: expected str"},
		{"2.13.2", "POST", "/projects", `{"name":"a"}`, "has no field `name`"},
		{"2.13.2", "POST", "/projects", `{"project_name":"` + strings.Repeat("a", 256) + `"}`, "longer than 255"},
		{"2.13.2", "POST", "/projects", `{"registry_id":1.5}`, "expected int"},
		{"2.13.2", "POST", "/projects", `{"registry_id":"1"}`, "expected int"},
		{"2.13.2", "POST", "/projects", ``, "expected a body"},
		{"2.13.2", "POST", "/projects", `{} {}`, "more than one"},
		{"2.13.2", "PUT", "/registries/1", `{"credential":{}}`, "has no field `credential`"},
		{"2.13.2", "PUT", "/registries/1", `{"access_key":"a"}`, ""},
		{"2.14.3", "POST", "/registries", `{"ca_certificate":"x"}`, "has no field `ca_certificate`"},
		{"2.15.0", "POST", "/registries", `{"ca_certificate":"x"}`, ""},
		{"2.15.0", "PUT", "/registries/1", `{"ca_certificate":"x"}`, ""},
		{"2.11.0", "POST", "/projects", `{"metadata":{"proxy_speed_kb":"1"}}`, "proxy_speed_kb"},
		{"2.12.0", "POST", "/projects", `{"metadata":{"proxy_speed_kb":"1"}}`, ""},
		{"2.14.2", "POST", "/projects", `{"metadata":{"max_upstream_conn":"1"}}`, "max_upstream_conn"},
		{"2.14.3", "POST", "/projects", `{"metadata":{"max_upstream_conn":"1"}}`, ""},
		{"2.13.2", "PUT", "/system/gc/schedule", `{"schedule":{"type":"Sometimes"}}`, "expected one of"},
		{"2.13.2", "GET", "/projects?nam=a", ``, "no query parameter `nam`"},
		{"2.13.2", "GET", "/projects?name=a", ``, ""},
		{"2.13.2", "GET", "/projects", `{}`, "expected no body"},
		{"2.13.2", "GET", "/project", ``, "no such path"},
		{"2.13.2", "GET", "/projects/", ``, "no such path"},
		{"2.7.0", "GET", "/permissions", ``, "no such path"},
	} {
		answer := ""
		found := ask(t, one.version, one.method, one.path, one.body, answer)
		if (one.violation == "") != (found == "") || !strings.Contains(found, one.violation) {
			t.Errorf("%v: found %q", one, found)
		}
	}
}

func TestAnswers(t *testing.T) {
	for _, one := range []struct{ path, answer, violation string }{
		{"/registries/1", `{"id":1,"creation_time":"2026-01-02T03:04:05.678Z"}`, ""},
		{"/registries/1", `{"id":1,"creation_time":"yesterday"}`, "expected datetime"},
		{"/registries/1", `{"identity":1}`, "has no field `identity`"},
		{"/registries/1", `[]`, "expected a Registry"},
		{"/registries", `[{"id":"1"}]`, "body[0].id: expected int"},
		{"/registries", `{}`, "expected a list"},
		{"/replication/adapters", `["a",1]`, "body[1]: expected str"},
		{"/replication/adapterinfos", `{"a":{"endpoint_pattern":{"endpoints":[{"key":1}]}}}`, "expected str"},
		{"/quotas/1", `{"hard":{"storage":-1}}`, ""},
		{"/registries/1", `{`, "unexpected EOF"},
	} {
		found := ask(t, "2.13.2", "GET", one.path, "", one.answer)
		if (one.violation == "") != (found == "") || !strings.Contains(found, one.violation) {
			t.Errorf("%v: found %q", one, found)
		}
	}
}
