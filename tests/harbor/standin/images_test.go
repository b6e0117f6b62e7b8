package standin_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"harbor-pilot.io/tests/harbor/standin"
)

func TestImagesComeFromUpstream(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.proxy("nvidiaio", "docker-registry", "https://nvcr.io", `{}`)
	image := s.registry.Images[0]
	byTag := s.get("/v2/nvidiaio/nvidia/driver/manifests/550").is(200).at("Docker-Content-Digest", image.Digest)
	byDigest := s.get("/v2/nvidiaio/nvidia/driver/manifests/" + image.Digest).is(200)
	if byTag.body != byDigest.body {
		t.Error("expected one manifest by tag and by digest")
	}
	layer := regexp.MustCompile(`sha256:[0-9a-f]{64}`).FindString(byTag.body)
	s.get("/v2/nvidiaio/nvidia/driver/blobs/" + layer).is(200)
	s.ask("HEAD", "/v2/nvidiaio/nvidia/driver/manifests/550", "").is(200)
	s.get("/v2/nvidiaio/nvidia/driver/manifests/1").is(404, "NOT_FOUND")
	s.put("/v2/nvidiaio/nvidia/driver/manifests/1", "{}").is(403, "DENIED")
	s.get("/v2/nope/nvidia/driver/manifests/550").is(401)
	s.get("/v2/library/nginx/manifests/1.27").is(404) // no proxy cache, and empty

	s.registry.SetDown(true)
	s.get("/v2/nvidiaio/nvidia/driver/manifests/550").is(404)
}

func TestTokens(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.proxy("private", "docker-registry", "https://nvcr.io", `{}`)
	s.proxy("public", "docker-registry", "https://nvcr.io", `{"public":"true"}`)
	nobody := s.as("", "")
	for project, status := range map[string]int{"private": 401, "public": 200} {
		path := "/v2/" + project + "/nvidia/driver/manifests/550"
		challenge := nobody.ask("HEAD", path, "").is(401).header.Get("Www-Authenticate")
		if !strings.Contains(challenge, `realm="`+s.url+`/service/token"`) ||
			!strings.Contains(challenge, `scope="repository:`+project+`/nvidia/driver:pull"`) {
			t.Errorf("found %s", challenge)
		}
		scope := "/service/token?service=harbor-registry&scope=repository:" + project + "/nvidia/driver:pull"
		bearer := func(of *site) header {
			return header{"Authorization", "Bearer " + read[struct{ Token string }](of.get(scope).is(200)).Token}
		}
		nobody.ask("GET", path, "", bearer(nobody)).is(status)
		nobody.ask("GET", path, "", bearer(s)).is(200)
	}
	wrong := s.as("admin", "wrong")
	wrong.get("/service/token?service=harbor-registry").is(401)
	wrong.get("/service/token?service=harbor-registry&scope=repository:private/nvidia/driver:pull").is(200)
	nobody.get("/v2/").is(401)
	s.get("/v2/").is(200)
}

func TestDockerHubAlone(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.proxy("hub", "docker-hub", "https://hub.docker.com", `{"public":"true"}`)
	s.proxy("other", "docker-registry", "https://registry-1.docker.io", `{"public":"true"}`)
	s.get("/v2/hub/nginx/manifests/1.27").is(301).at("Location", "/v2/hub/library/nginx/manifests/1.27")
	s.get("/v2/hub/library/nginx/manifests/1.27").is(200)
	s.get("/v2/other/nginx/manifests/1.27").is(404)
	s.get("/v2/other/library/nginx/manifests/1.27").is(200)

	s = newSite(t, "2.15.0")
	s.proxy("hub", "docker-hub", "https://hub.docker.com", `{}`)
	s.get("/v2/hub/library/nginx/manifests/1.27").is(404)
}

func TestFilters(t *testing.T) {
	s := newSite(t, "2.16.0")
	s.proxy("a", "docker-registry", "https://nvcr.io", `{"proxy_cache_filter_pattern":"nvidia/**","proxy_cache_filter_kind":"doublestar"}`)
	s.proxy("b", "docker-registry", "https://nvcr.io", `{"proxy_cache_filter_pattern":"team|team/ap","proxy_cache_filter_kind":"regex"}`)
	s.get("/v2/a/nvidia/driver/manifests/550").is(200)
	s.get("/v2/a/team/app/manifests/1").is(404, "NOT_FOUND")
	s.get("/v2/b/team/app/manifests/1").is(404) // a regex is for the whole path
	s.put("/projects/b", `{"metadata":{"proxy_cache_filter_pattern":"team/[a-z]+"}}`).is(200)
	s.get("/v2/b/team/app/manifests/1").is(200)
}

func TestHarborBehindHarbor(t *testing.T) {
	behind, front := newSite(t, "2.14.3"), newSite(t, "2.14.3")
	behind.proxy("nvidiaio", "docker-registry", "https://nvcr.io", `{}`)
	const body = `{"name":"h","type":"harbor","url":"URL","insecure":true,"credential":{"access_key":"admin","access_secret":"PASS"}}`
	fill := strings.NewReplacer("URL", behind.url, "PASS", password).Replace
	front.post("/registries", strings.Replace(fill(body), password, "wrong", 1)).is(400, "unhealthy")
	front.post("/registries", fill(body)).is(201)
	front.post("/projects", `{"project_name":"far","registry_id":1}`).is(201)
	front.get("/v2/far/nvidiaio/nvidia/driver/manifests/550").is(200)
}

func TestFaults(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.harbor.SetFaults(standin.Faults{After: 1, Count: 2, Status: 500})
	s.get("/projects").is(200)
	s.get("/projects").is(500, "internal server error")
	s.get("/projects").is(500)
	s.get("/projects").is(200)
	s.harbor.SetFaults(standin.Faults{Count: 1, Status: 429, RetryAfter: "1"})
	s.get("/projects").is(429, "TOO_MANY_REQUEST").at("Retry-After", "1")
	s.harbor.SetFaults(standin.Faults{Count: 1, Status: 500, Committed: true})
	s.post("/projects", `{"project_name":"a"}`).is(500)
	s.get("/projects/a").is(200)
	s.harbor.SetFaults(standin.Faults{Count: 1})
	// On a connection of its own: what was cut short on a used one, Go asks again.
	alone := s.client.Transport.(*http.Transport).Clone()
	alone.DisableKeepAlives = true
	response, err := (&http.Client{Transport: alone}).Get(s.url + "/api/v2.0/projects")
	if err == nil {
		t.Errorf("expected no answer, but found %s", response.Status)
	}
}
