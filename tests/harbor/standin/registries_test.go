package standin_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestEndpointsAreMadeAndMasked(t *testing.T) {
	s := newSite(t, "2.13.2")
	s.post("/registries", s.endpoint("NVIDIA", "docker-registry", "https://nvcr.io/")).
		is(201).at("Location", "/api/v2.0/registries/1")
	s.get("/registries/1").is(200, `"url":"https://nvcr.io"`, `"access_secret":"*****"`, `"status":"healthy"`).
		lacks(s.registry.Password)
	s.post("/registries", s.endpoint("NVIDIA", "docker-registry", "https://nvcr.io")).is(409, "CONFLICT")
	s.post("/registries", `{"name":"open","type":"docker-registry","url":"https://ghcr.io"}`).is(201)
	s.get("/registries/2").is(200, `"credential":{}`)
	s.get("/registries/7").is(404, "NOT_FOUND")
	s.ask("DELETE", "/registries/2", "").is(200)
}

func TestUpstreamIsAskedOnSave(t *testing.T) {
	s := newSite(t, "2.13.2")
	unhealthy := "the registry is unhealthy"
	wrong := strings.ReplaceAll(s.endpoint("a", "docker-registry", "https://nvcr.io"), s.registry.Password, "wrong")
	s.post("/registries", wrong).is(400, unhealthy)
	s.post("/registries", s.endpoint("a", "docker-registry", "https://unknown.example.com")).is(400, unhealthy)
	s.post("/registries", s.endpoint("a", "docker-registry", "nvcr.io")).is(400, unhealthy) // read as http://
	s.post("/registries", s.endpoint("a", "harbor", "https://nvcr.io")).is(400, unhealthy)
	s.post("/registries", s.endpoint("a", "docker-registry", "ftp://nvcr.io")).is(400, "invalid HTTP scheme")
	s.post("/registries", s.endpoint("a", "floppy", "https://nvcr.io")).is(500, "internal server error").lacks("floppy")
	s.post("/registries", s.endpoint(strings.Repeat("a", 65), "docker-registry", "https://nvcr.io")).is(400, "64")
	s.post("/registries", s.endpoint("a", "docker-registry", "https://nvcr.io")).is(201)
	s.registry.SetDown(true)
	s.put("/registries/1", `{"description":"new"}`).is(400, unhealthy)
	s.post("/registries/ping", `{"id":1}`).is(400, unhealthy)
	s.registry.SetDown(false)
	s.post("/registries/ping", `{"id":1}`).is(200)
	s.post("/registries/ping", `{}`).is(400, "type or url cannot be empty")
	s.post("/registries/ping", `{"type":"docker-registry","url":"https://nvcr.io","access_key":"x","access_secret":"y"}`).
		is(400, unhealthy)
	if s.registry.Requests() == 0 {
		t.Error("expected that the registry was asked")
	}
}

func TestCertificatesAreVerified(t *testing.T) {
	for version, status := range map[string]int{"2.14.3": 400, "2.15.0": 201} {
		s := newSite(t, version)
		address := "https://" + s.registry.Untrusted
		s.post("/registries", s.endpoint("a", "docker-registry", address)).is(400, "unhealthy")
		insecure := strings.Replace(s.endpoint("a", "docker-registry", address), "{", `{"insecure":true,`, 1)
		s.post("/registries", insecure).is(201)
		if status == 201 {
			pem, _ := json.Marshal(string(s.registry.UntrustedPEM))
			own := strings.Replace(s.endpoint("b", "docker-registry", address), "{", fmt.Sprintf(`{"ca_certificate":%s,`, pem), 1)
			s.post("/registries", own).is(201)
		}
	}
}

func TestPutIsFlatAndKeepsTheType(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.post("/registries", s.endpoint("a", "docker-registry", "https://nvcr.io")).is(201)
	s.put("/registries/1", `{"name":"b","description":"d","url":"https://quay.io/"}`).is(200)
	s.get("/registries/1").is(200, `"name":"b"`, `"type":"docker-registry"`, `"url":"https://quay.io"`, "*****")
	s.put("/registries/1", `{"access_secret":"wrong"}`).is(400, "unhealthy")
	s.put("/registries/1", `{"insecure":true}`).is(200)
	s.get("/registries/1").is(200, `"insecure":true`)

	// Since 2.16 a new URL alone loses the secret, which shows at once.
	s = newSite(t, "2.16.0")
	s.post("/registries", s.endpoint("a", "docker-registry", "https://nvcr.io")).is(201)
	s.put("/registries/1", `{"url":"https://quay.io"}`).is(400, "unhealthy")
}

func TestEndpointInUseStays(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.proxy("nvidiaio", "docker-registry", "https://nvcr.io", `{}`)
	s.ask("DELETE", "/registries/1", "").is(412, "PRECONDITION")
}

func TestAdaptersByVersion(t *testing.T) {
	old, recent := newSite(t, "2.13.2"), newSite(t, "2.14.0")
	old.get("/replication/adapters").is(200, `"quay"`, `"docker-registry"`)
	recent.get("/replication/adapters").is(200, `"docker-registry"`).lacks(`"quay"`)
	for _, s := range []*site{old, recent} {
		s.post("/registries", s.endpoint("q", "quay", "https://quay.io")).is(201)
	}
	const onQuay = `{"project_name":"q","registry_id":1}`
	old.post("/projects", onQuay).is(201)
	recent.post("/projects", onQuay).is(400, "unsupported registry type quay")
	newSite(t, "2.7.4").post("/registries", `{"name":"g","type":"github-ghcr","url":"https://ghcr.io"}`).is(201)
}

func TestListsComeInPages(t *testing.T) {
	s := newSite(t, "2.14.3")
	for i := range 105 {
		s.post("/registries", fmt.Sprintf(`{"name":"r%03d","type":"docker-registry","url":"https://ghcr.io"}`, i)).is(201)
	}
	type named struct{ Name string }
	first := s.get("/registries").is(200).at("X-Total-Count", "105")
	if found := read[[]named](first); len(found) != 10 || found[0].Name != "r000" {
		t.Errorf("expected ten, but found %v", found)
	}
	whole := s.get("/registries?page_size=100").is(200)
	whole.at("Link", `</api/v2.0/registries?page=2&page_size=100>; rel="next"`)
	s.get("/registries?page=2&q=name=~r").is(200).at("Link",
		`</api/v2.0/registries?page=1&page_size=10&q=name=~r>; rel="prev" , `+
			`</api/v2.0/registries?page=3&page_size=10&q=name=~r>; rel="next"`)
	if found := read[[]named](s.get("/registries?page_size=100&page=2").is(200)); len(found) != 5 {
		t.Errorf("expected five, but found %v", found)
	}
	s.get("/registries?page_size=100&page=9").is(200, "[]").at("Link", "")
	s.get("/registries?page_size=101").is(422, "UNPROCESSABLE_ENTITY")
	s.get("/registries?q=name=r042").is(200, "r042").at("X-Total-Count", "1")
	s.get("/registries?q=name%3D~r04").is(200).at("X-Total-Count", "10")
	s.get("/registries?q=name%3D%7Br001%20r002%20r9%7D").is(200).at("X-Total-Count", "2")
	s.get("/registries?name=04").is(200).at("X-Total-Count", "12") // fuzzy: r004, r04_ and r104
	s.get("/registries?q=name").is(400, "BAD_REQUEST")
}
