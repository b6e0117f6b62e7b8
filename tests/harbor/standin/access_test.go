package standin_test

import (
	"fmt"
	"testing"
)

const (
	system = `{"kind":"system","namespace":"/","access":[{"resource":"registry","action":"create"},
		{"resource":"registry","action":"list"},{"resource":"registry","action":"read"},
		{"resource":"project","action":"create"},{"resource":"project","action":"list"}]}`
	projects = `{"kind":"project","namespace":"*","access":[{"resource":"project","action":"read"},
		{"resource":"project","action":"update"}]}`
)

type made struct{ Name, Secret string }

func (s *site) robot(name, permissions string) *site {
	s.Helper()
	a := s.post("/robots", fmt.Sprintf(`{"name":%q,"level":"system","duration":-1,"permissions":[%s]}`, name, permissions)).is(201)
	robot := read[made](a)
	return s.as(robot.Name, robot.Secret)
}

func TestNobodyAndWrongPassword(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.proxy("secret", "docker-registry", "https://nvcr.io", `{}`)
	for _, one := range []*site{s.as("", ""), s.as("admin", "wrong")} {
		one.get("/registries").is(401, "UNAUTHORIZED")
		one.post("/projects", `{"project_name":"a"}`).is(401)
		one.get("/projects").is(200, "library").lacks("secret") // a wrong password is nobody
		one.get("/systeminfo").is(200, "v2.14.3").lacks("registry_url")
	}
	s.get("/systeminfo").is(200, `"registry_url":"127.0.0.1:`)
}

func TestDeveloperMayLittle(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.proxy("secret", "docker-registry", "https://nvcr.io", `{}`)
	d := s.as("developer", password)
	d.get("/registries").is(403, "FORBIDDEN")
	d.get("/projects").is(200, "library").lacks("secret")
	d.get("/projects/secret").is(403)
	d.get("/projects/none").is(403) // as if it were there
	d.post("/projects", `{"project_name":"b","registry_id":1}`).is(403, "Only system admin can create proxy cache project")
	d.get("/systeminfo").is(200, "registry_url")
}

func TestRobotsHaveTwoScopes(t *testing.T) {
	s := newSite(t, "2.14.3")
	r := s.robot("half", system)
	if r.user != "robot$half" {
		t.Errorf("expected the prefix robot$, but found %s", r.user)
	}
	r.post("/registries", s.endpoint("a", "docker-registry", "https://nvcr.io")).is(201)
	r.post("/projects", `{"project_name":"mine","registry_id":1}`).is(201)
	r.get("/projects").is(200, "mine")
	r.get("/projects/mine").is(403, "FORBIDDEN") // harbor#18363
	r.put("/projects/mine", `{"metadata":{"public":"true"}}`).is(403)
	r.ask("DELETE", "/registries/1", "").is(403)
	r.get("/replication/adapters").is(403)
	r.get("/system/gc/schedule").is(403)

	full := s.robot("full", system+","+projects)
	full.get("/projects/mine").is(200)
	full.put("/projects/mine", `{"metadata":{"public":"true"}}`).is(200)
	full.get("/projects/none").is(403) // harbor#21800
	s.robot("reads", `{"kind":"project","namespace":"*","access":[{"resource":"quota","action":"read"}]}`).
		get("/quotas/1001").is(403) // of a project, so not of the system
	s.robot("weak", projects).post("/projects", `{"project_name":"b","registry_id":1}`).
		is(403, "Only system admin can create proxy cache project")
}

func TestWhatRobotsCanBe(t *testing.T) {
	s := newSite(t, "2.11.0")
	for body, want := range map[string]string{
		`{"name":"A","level":"system","duration":-1,"permissions":[` + system + `]}`:                   "lower case",
		`{"name":"a","level":"galaxy","duration":-1,"permissions":[` + system + `]}`:                   "level",
		`{"name":"a","level":"system","duration":0,"permissions":[` + system + `]}`:                    "duration",
		`{"name":"a","level":"system","duration":-1,"permissions":[]}`:                                 "empty permission",
		`{"name":"a","level":"project","duration":-1,"permissions":[` + system + `,` + projects + `]}`: "permission",
		`{"name":"a","level":"system","duration":-1,"permissions":[{"kind":"system","namespace":"/",
			"access":[{"resource":"robot","action":"create"}]}]}`: "robot:create",
		`{"name":"a","level":"system","duration":-1,"permissions":[{"kind":"project","namespace":"*",
			"access":[{"resource":"project","action":"list"}]}]}`: "project:list",
		`{"name":"a","level":"system","duration":-1,"permissions":[{"kind":"system","namespace":"*",
			"access":[{"resource":"project","action":"list"}]}]}`: "namespace",
	} {
		s.post("/robots", body).is(400, "BAD_REQUEST", want)
	}
}

func TestProjectRobotPulls(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.proxy("nvidiaio", "docker-registry", "https://nvcr.io", `{}`)
	const body = `{"name":"pull","level":"project","duration":30,"permissions":[{"kind":"project","namespace":"nvidiaio",
		"access":[{"resource":"repository","action":"pull"}]}]}`
	first := s.post("/robots", body).is(201).at("Location", "/api/v2.0/robots/1")
	robot := read[made](first)
	if robot.Name != "robot$nvidiaio+pull" {
		t.Errorf("found %s", robot.Name)
	}
	s.post("/robots", body).is(409, "CONFLICT")
	s.get("/robots/1").is(200, robot.Name).lacks(robot.Secret)
	s.get("/robots").is(200, "[]")
	s.get("/robots?q=Level=project,ProjectID=2").is(200, robot.Name)
	s.get("/robots?q=Level=project,ProjectID=2,name=nvidiaio%2Bpull").is(200, "[]") // + is a blank once more
	s.get("/robots?q=Level=project,ProjectID=2,name=nvidiaio%252Bpull").is(200, robot.Name)
	s.get("/robots?q=Level=project").is(400, "project ID")
	const image = "/v2/nvidiaio/nvidia/driver/manifests/550"
	s.as(robot.Name, robot.Secret).get(image).is(200)
	s.as(robot.Name, "wrong").get(image).is(401)

	refreshed := read[made](s.ask("PATCH", "/robots/1", `{"secret":""}`).is(200))
	s.as(robot.Name, robot.Secret).get(image).is(401)
	s.as(robot.Name, refreshed.Secret).get(image).is(200)
	s.ask("DELETE", "/robots/1", "").is(200)
	s.as(robot.Name, refreshed.Secret).get(image).is(401)
}

func TestRobotsMakeRobots(t *testing.T) {
	const maker = `{"kind":"system","namespace":"/","access":[{"resource":"robot","action":"create"}]}`
	const pull = `{"kind":"project","namespace":"*","access":[{"resource":"repository","action":"pull"}]}`
	s := newSite(t, "2.12.0")
	r := s.robot("maker", maker+","+pull)
	r.post("/robots", `{"name":"a","level":"system","duration":-1,"permissions":[`+pull+`]}`).is(201)
	r.post("/robots", `{"name":"b","level":"system","duration":-1,"permissions":[`+system+`]}`).is(403, "DENIED")
}

func TestSessionsNeedAToken(t *testing.T) {
	s := newSite(t, "2.14.3")
	cookie := s.get("/systeminfo").is(200).header.Get("Set-Cookie")
	s.ask("POST", "/projects", `{"project_name":"a"}`, header{"Cookie", cookie}).is(403, "CSRF token not found")
	s.ask("GET", "/projects", "", header{"Cookie", cookie}).is(200)
	s.post("/projects", `{"project_name":"a"}`).is(201)
}

func TestReadOnlyAndGC(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.get("/system/gc/schedule").is(200)
	s.post("/system/gc/schedule", `{"schedule":{"type":"Daily","cron":"0 0 0 * * *"},"parameters":{"delete_untagged":true}}`).is(201)
	s.get("/system/gc/schedule").is(200, `"type":"Daily"`, `\"delete_untagged\":true`)
	s.put("/system/gc/schedule", `{"schedule":{"type":"None","cron":""},"parameters":{}}`).is(200)
	if body := s.get("/system/gc/schedule").is(200).body; body != "" {
		t.Errorf("expected nothing, but found %s", body)
	}
	s.get("/health").is(200, "healthy")
	s.get("/statistics").is(200, `"total_project_count":1`)
	s.harbor.SetReadOnly(true)
	s.post("/projects", `{"project_name":"a"}`).is(403, "DENIED", "read only")
	s.get("/projects").is(200)
}
