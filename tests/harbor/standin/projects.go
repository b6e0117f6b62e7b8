package standin

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const unlimited = -1

// A project is the first component of image names; one with a registry is a proxy cache of that.
type project struct {
	id                    int64
	name                  string
	registry              *registry
	metadata              map[string]string
	quota                 int64
	created, lastModified time.Time
}

func newProject(id int64, name string, from *registry, metadata map[string]string, quota int64) *project {
	now := time.Now()
	return &project{id, name, from, metadata, quota, now, now}
}

func (p *project) public() bool { return p.metadata["public"] == "true" }

type projectJSON struct {
	ProjectID          int64             `json:"project_id"`
	OwnerID            int64             `json:"owner_id"`
	OwnerName          string            `json:"owner_name"`
	Name               string            `json:"name"`
	RegistryID         int64             `json:"registry_id,omitempty"`
	CreationTime       string            `json:"creation_time"`
	UpdateTime         string            `json:"update_time"`
	RepoCount          int64             `json:"repo_count"`
	Metadata           map[string]string `json:"metadata"`
	CVEAllowlist       cveAllowlist      `json:"cve_allowlist"`
	CurrentUserRoleID  int64             `json:"current_user_role_id,omitempty"`
	CurrentUserRoleIDs []int64           `json:"current_user_role_ids"`
}

type cveAllowlist struct {
	ID        int64    `json:"id"`
	ProjectID int64    `json:"project_id"`
	Items     []string `json:"items"`
}

func (p *project) json() projectJSON {
	shown := projectJSON{
		ProjectID: p.id, OwnerID: 1, OwnerName: "admin", Name: p.name, Metadata: p.metadata,
		CreationTime: stamp(p.created), UpdateTime: stamp(p.lastModified),
		CVEAllowlist: cveAllowlist{ID: p.id, ProjectID: p.id, Items: []string{}},
	}
	if p.registry != nil {
		shown.RegistryID = p.registry.id
	}
	return shown
}

type projectRequest struct {
	ProjectName  string             `json:"project_name"`
	Public       *bool              `json:"public"`
	Metadata     map[string]*string `json:"metadata"`
	StorageLimit *int64             `json:"storage_limit"`
	RegistryID   *int64             `json:"registry_id"`
}

// D2: stricter than a path component of an image's name, but dots may be in it.
var projectName = regexp.MustCompile(`^[a-z0-9]+(?:[._-][a-z0-9]+)*$`)

func createProject(c *call) error {
	var body projectRequest
	if err := c.read("project", &body); err != nil {
		return err
	}
	if len(body.ProjectName) > 255 {
		return unprocessable("project_name in body should be at most 255 chars long")
	}
	if err := c.mayCreateProject(body); err != nil {
		return err
	}
	metadata := c.knownMetadata(body.Metadata, body.RegistryID != nil)
	if metadata["public"] == "" {
		metadata["public"] = strconv.FormatBool(body.Public != nil && *body.Public) // D2: false where left out
	}
	from, err := c.validateProject(body, metadata)
	if err != nil {
		return err
	}
	quota := int64(unlimited)
	if body.StorageLimit != nil && *body.StorageLimit != 0 {
		quota = *body.StorageLimit
	}
	if quota != unlimited && quota < 0 {
		return badRequest("the value of the quota is invalid: storage %d", quota)
	}
	p := c.projects.add(func(id int64) *project { return newProject(id, body.ProjectName, from, metadata, quota) })
	if from != nil {
		// D2: every proxy project gets a retention policy that nobody asked for.
		kept := c.retentions.add(func(id int64) *retention { return sevenDays(id, p.id) })
		p.metadata["retention_id"] = strconv.FormatInt(kept.ID, 10)
	}
	if c.r.Header.Get("X-Resource-Name-In-Location") == "true" { // D2
		return c.created(p.name)
	}
	return c.created(p.id)
}

func (c *call) mayCreateProject(body projectRequest) error {
	switch {
	case !c.caller.authenticated():
		return c.caller.refuse()
	case c.caller.robot != nil && c.caller.robot.Level != "system":
		return forbidden("Only system level robot can create project")
	case c.caller.may("project", "create"):
		return nil
	case body.RegistryID != nil:
		return forbidden("Only system admin can create proxy cache project") // D2
	}
	return forbidden("Only system admin can create project")
}

func (c *call) validateProject(body projectRequest, metadata map[string]string) (*registry, error) {
	if public := metadata["public"]; public != "true" && public != "false" {
		return nil, badRequest("metadata.public should only be 'true' or 'false', but got: '%s'", public)
	}
	if metadata["retention_id"] != "" {
		return nil, badRequest("the retention_id in the request's payload when creating a project should be omitted," +
			" alternatively passing an empty string")
	}
	delete(metadata, "retention_id")
	if err := validateMetadata(metadata); err != nil {
		return nil, err
	}
	if !projectName.MatchString(body.ProjectName) {
		return nil, badRequest("project name is not in lower case or contains illegal characters")
	}
	for _, other := range c.projects.all() {
		if other.name == body.ProjectName {
			return nil, conflict("The project named %s already exists", body.ProjectName) // D2
		}
	}
	if body.RegistryID == nil {
		return nil, nil
	}
	if *body.RegistryID <= 0 {
		return nil, badRequest("%d is invalid value of registry_id, it should be geater than 0", *body.RegistryID)
	}
	from, ok := c.registries.rows[*body.RegistryID]
	if !ok {
		// Harbor wraps this error without its code: a masked 500, not a 404.
		return nil, fmt.Errorf("failed to get the registry %d", *body.RegistryID)
	}
	if !c.config.Version.permitsProxy(from.kind) {
		return nil, badRequest("unsupported registry type %s", from.kind) // D1
	}
	return from, nil
}

// visible lists what the caller sees: all of them with the right to list projects or a right in every
// project, else public ones and those that a robot is for.
func (c *call) visible(p *project) bool {
	if c.caller.may("project", "list") {
		return true
	}
	inProject := c.caller.robot != nil && slices.ContainsFunc(c.caller.robot.Permissions,
		func(entry permission) bool { return entry.covers(p) })
	return inProject || p.public()
}

func listProjects(c *call) error {
	query := c.r.URL.Query()
	conditions, err := readQuery(query.Get("q"))
	if err != nil {
		return err
	}
	if public := query.Get("public"); public != "" {
		want, err := strconv.ParseBool(public)
		if err != nil {
			return unprocessable("public in query must be of type boolean: %q", public)
		}
		conditions["public"] = func(v string) bool { return v == strconv.FormatBool(want) }
	}
	found := []projectJSON{}
	for _, p := range c.projects.all() {
		fields := map[string]string{
			"name": p.name, "project_id": strconv.FormatInt(p.id, 10), "public": strconv.FormatBool(p.public()),
			"registry_id": "0", "owner": "admin",
		}
		if p.registry != nil {
			fields["registry_id"] = strconv.FormatInt(p.registry.id, 10)
		}
		if c.visible(p) && meets(conditions, fields) && strings.Contains(p.name, query.Get("name")) {
			found = append(found, p.json())
		}
	}
	switch query.Get("sort") {
	case "name":
		slices.SortFunc(found, func(a, b projectJSON) int { return strings.Compare(a.Name, b.Name) })
	case "-name":
		slices.SortFunc(found, func(a, b projectJSON) int { return strings.Compare(b.Name, a.Name) })
	}
	found, err = cut(c.w, c.r, found)
	if err != nil {
		return err
	}
	return c.answer(found)
}

// findProject reads the path: a number is an ID unless X-Is-Resource-Name says that it is a name (D2).
func (c *call) findProject() (*project, error) {
	text := c.r.PathValue("name")
	id, err := strconv.ParseInt(text, 10, 64)
	if err == nil && c.r.Header.Get("X-Is-Resource-Name") != "true" {
		if p, ok := c.projects.rows[id]; ok {
			return p, nil
		}
		if !c.caller.authenticated() {
			return nil, c.caller.refuse()
		}
		return nil, notFound("project %d not found", id)
	}
	if p := c.projectNamed(text); p != nil {
		return p, nil
	}
	// Who asks by a name that is not there is told nothing: 401 or 403. Only an admin, and only since
	// about 2.9, hears 404; a robot with every right does not (harbor#17586, #19342, #21800).
	if c.caller.admin && c.config.Version.Since(9, 0) {
		return nil, notFound("project %s not found", text)
	}
	return nil, c.caller.refuse()
}

func (h *Harbor) projectNamed(name string) *project {
	for _, p := range h.projects.all() {
		if p.name == name {
			return p
		}
	}
	return nil
}

// projectFor finds the path's project and asks for a right in it.
func (c *call) projectFor(resource, action string) (*project, error) {
	p, err := c.findProject()
	if err != nil {
		return nil, err
	}
	return p, c.requireIn(p, resource, action)
}

func getProject(c *call) error {
	p, err := c.projectFor("project", "read")
	if err != nil {
		return err
	}
	return c.answer(p.json())
}

func headProject(c *call) error {
	p := c.projectNamed(c.r.URL.Query().Get("project_name"))
	if p == nil {
		return notFound("project %s not found", c.r.URL.Query().Get("project_name"))
	}
	return c.requireIn(p, "project", "read")
}

func updateProject(c *call) error {
	var body projectRequest
	if err := c.read("project", &body); err != nil {
		return err
	}
	p, err := c.projectFor("project", "update")
	if err != nil {
		return err
	}
	// D2: of all that the body may hold, only the metadata counts. registry_id and storage_limit are
	// ignored without a word.
	changed := c.knownMetadata(body.Metadata, p.registry != nil)
	if id, ok := changed["retention_id"]; ok && id != p.metadata["retention_id"] {
		return badRequest("the retention_id in the request's payload when updating a project should be omitted," +
			" alternatively passing the one that has already been associated to this project")
	}
	merged := map[string]string{}
	for _, values := range []map[string]string{p.metadata, changed} { // D2: keys are added and changed, never deleted
		for key, value := range values {
			merged[key] = value
		}
	}
	if err := validateMetadata(merged); err != nil {
		return err
	}
	p.metadata = merged
	p.lastModified = time.Now()
	return nil
}

func deleteProject(c *call) error {
	p, err := c.projectFor("project", "delete")
	if err != nil {
		return err
	}
	if id, err := strconv.ParseInt(p.metadata["retention_id"], 10, 64); err == nil {
		delete(c.retentions.rows, id)
	}
	delete(c.projects.rows, p.id)
	return nil
}

func getProjectSummary(c *call) error {
	p, err := c.projectFor("project", "read")
	if err != nil {
		return err
	}
	summary := map[string]any{"repo_count": 0}
	if c.caller.mayIn(p, "quota", "read") {
		summary["quota"] = map[string]any{
			"hard": map[string]int64{"storage": p.quota}, "used": map[string]int64{"storage": 0},
		}
	}
	if p.registry != nil {
		summary["registry"] = p.registry.json()
	}
	return c.answer(summary)
}
