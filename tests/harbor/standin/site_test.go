package standin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"harbor-pilot.io/tests/harbor/authority"
	"harbor-pilot.io/tests/harbor/contract"
	"harbor-pilot.io/tests/harbor/standin"
	"harbor-pilot.io/tests/harbor/upstream"
)

const password = "Harbor12345"

// A site is a Harbor with a registry behind it, and who asks.
type site struct {
	*testing.T
	harbor     *standin.Harbor
	registry   *upstream.Registry
	url        string
	client     *http.Client
	user, pass string
}

// newSite starts one; every request and answer is held against the version's contract.
func newSite(t *testing.T, version string) *site {
	t.Helper()
	v, err := standin.ParseVersion(version)
	must(t, err)
	trusted, err := authority.New("test")
	must(t, err)
	registry, err := upstream.Start(t.Context(), t.TempDir(), trusted)
	must(t, err)
	check, err := contract.For(v)
	must(t, err)
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	t.Cleanup(server.Close)
	harbor := standin.New(standin.Config{
		Version: v, AdminPassword: password, RobotPrefix: "robot$", URL: server.URL, Internet: upstream.Internet{Registry: registry},
		Check: check.Middleware(func(violation string) { t.Errorf("contract: %s", violation) }),
	})
	server.Config.Handler = harbor.Handler()
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &site{t, harbor, registry, server.URL, client, "admin", password}
}

// as is the same site, asked by another.
func (s *site) as(user, pass string) *site {
	other := *s
	other.user, other.pass = user, pass
	return &other
}

type answer struct {
	*testing.T
	what   string
	status int
	header http.Header
	body   string
}

type header struct{ name, value string }

func (s *site) ask(method, path, body string, headers ...header) answer {
	s.Helper()
	if strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "/v2/") && !strings.HasPrefix(path, "/service/") {
		path = "/api/v2.0" + path
	}
	request, err := http.NewRequest(method, s.url+path, bytes.NewBufferString(body))
	must(s.T, err)
	if s.user != "" {
		request.SetBasicAuth(s.user, s.pass)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, one := range headers {
		request.Header.Set(one.name, one.value)
	}
	response, err := s.client.Do(request)
	must(s.T, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(s.T, err)
	return answer{s.T, method + " " + path, response.StatusCode, response.Header, string(text)}
}

func (s *site) get(path string) answer        { s.Helper(); return s.ask("GET", path, "") }
func (s *site) post(path, body string) answer { s.Helper(); return s.ask("POST", path, body) }
func (s *site) put(path, body string) answer  { s.Helper(); return s.ask("PUT", path, body) }

// is fails the test where the status differs, or the body lacks one of these.
func (a answer) is(status int, parts ...string) answer {
	a.Helper()
	if a.status != status {
		a.Fatalf("%s: expected %d, but found %d: %s", a.what, status, a.status, a.body)
	}
	for _, part := range parts {
		if !strings.Contains(a.body, part) {
			a.Fatalf("%s: expected `%s` in %s", a.what, part, a.body)
		}
	}
	return a
}

// lacks fails the test where the body has one of these.
func (a answer) lacks(parts ...string) answer {
	a.Helper()
	for _, part := range parts {
		if strings.Contains(a.body, part) {
			a.Fatalf("%s: expected no `%s` in %s", a.what, part, a.body)
		}
	}
	return a
}

func (a answer) at(name, value string) answer {
	a.Helper()
	if found := a.header.Get(name); found != value {
		a.Fatalf("%s: expected the header %s to be `%s`, but found `%s`", a.what, name, value, found)
	}
	return a
}

func read[T any](a answer) T {
	a.Helper()
	var value T
	if err := json.Unmarshal([]byte(a.body), &value); err != nil {
		a.Fatalf("%s: %v: %s", a.what, err, a.body)
	}
	return value
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// endpoint is the body that makes one with the right credentials.
func (s *site) endpoint(name, kind, url string) string {
	return fmt.Sprintf(`{"name":%q,"type":%q,"url":%q,"credential":{"type":"basic","access_key":%q,"access_secret":%q}}`,
		name, kind, url, s.registry.Username, s.registry.Password)
}

// proxy makes an endpoint and a project on it.
func (s *site) proxy(project, kind, url, metadata string) {
	s.Helper()
	location := s.post("/registries", s.endpoint(project, kind, url)).is(201).header.Get("Location")
	id := location[strings.LastIndex(location, "/")+1:]
	s.post("/projects", fmt.Sprintf(`{"project_name":%q,"registry_id":%s,"metadata":%s}`, project, id, metadata)).is(201)
}
