package standin_test

import (
	"strings"
	"testing"
)

func TestProxyProject(t *testing.T) {
	s := newSite(t, "2.13.2")
	s.post("/registries", s.endpoint("NVIDIA", "docker-registry", "https://nvcr.io")).is(201)
	const body = `{"project_name":"nvidiaio","registry_id":1,"metadata":{"public":"false","proxy_speed_kb":"100"},"storage_limit":-1}`
	s.ask("POST", "/projects", body, header{"X-Resource-Name-In-Location", "true"}).
		is(201).at("Location", "/api/v2.0/projects/nvidiaio")
	s.post("/projects", body).is(409, "CONFLICT", "The project named nvidiaio already exists")
	s.get("/projects/nvidiaio").is(200, `"registry_id":1`, `"proxy_speed_kb":"100"`, `"retention_id":"1"`)
	s.get("/retentions/1").is(200, `"nDaysSinceLastPull":7`, `"ref":2`)
	s.get("/quotas?reference=project&reference_id=2").is(200, `"storage":-1`).at("X-Total-Count", "1")
	s.get("/projects/nvidiaio/summary").is(200, `"registry":{`)
	s.get("/projects/library").is(200).lacks("registry_id")
}

func TestWhatProjectsRefuse(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.post("/registries", s.endpoint("a", "gitlab", "https://nvcr.io")).is(201)
	for body, want := range map[string]string{
		`{"project_name":"a","registry_id":1}`:                 "unsupported registry type gitlab",
		`{"project_name":"a","registry_id":0}`:                 "invalid value of registry_id",
		`{"project_name":"a/b"}`:                               "illegal characters",
		`{"project_name":"a__b"}`:                              "illegal characters",
		`{"project_name":"A"}`:                                 "illegal characters",
		`{"project_name":"a","metadata":{"public":"yes"}}`:     "metadata.public",
		`{"project_name":"a","metadata":{"retention_id":"3"}}`: "retention_id",
		`{"project_name":"a","storage_limit":-5}`:              "quota",
	} {
		s.post("/projects", body).is(400, "BAD_REQUEST", want)
	}
	s.post("/projects", `{"project_name":"a","registry_id":9}`).is(500, "internal server error")
	s.post("/projects", `{"project_name":"a.b-c_d"}`).is(201)
}

func TestMetadataByVersion(t *testing.T) {
	s := newSite(t, "2.11.0")
	// What it does not know, it would drop without a word; only the contract tells.
	s.proxy("a", "docker-registry", "https://nvcr.io", `{"public":"true"}`)
	s.get("/projects/a").is(200, `"public":"true"`).lacks("proxy_speed_kb")

	s = newSite(t, "2.16.0")
	s.post("/projects", `{"project_name":"plain","metadata":{"max_upstream_conn":"3","auto_scan":"true"}}`).is(201)
	s.get("/projects/plain").is(200, "auto_scan").lacks("max_upstream_conn") // which only proxies have
	s.proxy("a", "docker-registry", "https://nvcr.io", `{"max_upstream_conn":"3","proxy_cache_local_on_not_found":"true",
		"proxy_cache_filter_pattern":"nvidia/**","proxy_cache_filter_kind":"doublestar"}`)
	s.get("/projects/a").is(200, `"max_upstream_conn":"3"`, "nvidia/**", `"public":"false"`)
	s.put("/projects/a", `{"metadata":{"proxy_cache_filter_kind":"glob"}}`).is(400, "kind")
	s.put("/projects/a", `{"metadata":{"proxy_cache_filter_pattern":"(","proxy_cache_filter_kind":"regex"}}`).is(400, "pattern")
	s.post("/projects", `{"project_name":"b","registry_id":1,"metadata":{"proxy_cache_filter_pattern":"a/*"}}`).is(400, "kind")
	s.post("/projects", `{"project_name":"b","registry_id":1,"metadata":{"max_upstream_conn":"many"}}`).is(400, "max_upstream_conn")
}

func TestPutMergesAndIgnores(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.proxy("a", "docker-registry", "https://nvcr.io", `{"public":"false","auto_scan":"true"}`)
	s.post("/registries", s.endpoint("other", "docker-registry", "https://ghcr.io")).is(201)
	s.put("/projects/a", `{"registry_id":2,"storage_limit":1024,"metadata":{"public":"true"}}`).is(200)
	s.get("/projects/a").is(200, `"registry_id":1`, `"public":"true"`, `"auto_scan":"true"`)
	quota := s.get("/quotas?reference=project&reference_id=2").is(200, `"storage":-1`)
	id := read[[]struct{ ID int }](quota)[0].ID
	if id == 2 {
		t.Error("expected the quota to have another ID than its project")
	}
	s.put("/quotas/1002", `{"hard":{"storage":1024}}`).is(200)
	s.get("/quotas/1002").is(200, `"hard":{"storage":1024}`)
	s.put("/quotas/1002", `{"hard":{"storage":0}}`).is(400)
	s.put("/quotas/2", `{"hard":{"storage":1}}`).is(404)
	s.put("/projects/a", `{"metadata":{"retention_id":"9"}}`).is(400, "retention_id")
}

func TestNumbersAreIDs(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.post("/projects", `{"project_name":"1"}`).is(201) // its ID is 2
	s.get("/projects/1").is(200, `"name":"library"`)
	s.ask("GET", "/projects/1", "", header{"X-Is-Resource-Name", "true"}).is(200, `"name":"1"`)
	s.get("/projects/99").is(404, "NOT_FOUND")
}

func TestUnknownProject(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.get("/projects/none").is(404, "NOT_FOUND")
	newSite(t, "2.8.2").get("/projects/none").is(403, "FORBIDDEN")
	s.as("", "").get("/projects/none").is(401, "UNAUTHORIZED")
}

func TestRetentionIsChangedAndDeleted(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.proxy("a", "docker-registry", "https://nvcr.io", `{}`)
	policy := s.get("/retentions/1").is(200).body
	s.put("/retentions/1", strings.Replace(policy, `:7}`, `:90}`, 1)).is(200)
	s.get("/retentions/1").is(200, `"nDaysSinceLastPull":90`)
	s.post("/retentions", policy).is(400, "already has retention policy")
	s.ask("DELETE", "/retentions/1", "").is(200)
	s.get("/projects/a").is(200).lacks("retention_id")
	s.post("/retentions", policy).is(201)
}
