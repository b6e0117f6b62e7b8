package standin

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// A robot is an account for programs.
type robot struct {
	ID          int64        `json:"id"`
	Name        string       `json:"name"`
	Description string       `json:"description,omitempty"`
	Level       string       `json:"level"`
	Duration    int64        `json:"duration"`
	Editable    bool         `json:"editable"`
	Disable     bool         `json:"disable"`
	ExpiresAt   int64        `json:"expires_at"`
	Permissions []permission `json:"permissions"`
	Creation    string       `json:"creation_time"`
	Update      string       `json:"update_time"`

	secret string
	inside *project // nil for a robot of the system
}

// A permission is a scope and the rights in it. The system's and a project's are separate entries (D3).
type permission struct {
	Kind      string   `json:"kind"`
	Namespace string   `json:"namespace"`
	Access    []access `json:"access"`
}

func (p permission) allows(resource, action string) bool {
	return slices.ContainsFunc(p.Access, func(a access) bool {
		return a.Resource == resource && a.Action == action && a.Effect != "deny"
	})
}

func (p permission) covers(in *project) bool {
	return p.Kind == "project" && (p.Namespace == "*" || p.Namespace == in.name)
}

// storedName is what the list of robots is searched by.
func (r *robot) storedName() string {
	if r.inside != nil {
		return r.inside.name + "+" + r.Name
	}
	return r.Name
}

// fullName is what a robot logs in with: robot$name, or robot$project+name (D3).
func (h *Harbor) fullName(r *robot) string { return h.config.RobotPrefix + r.storedName() }

func (r *robot) works(now time.Time) bool {
	return !r.Disable && (r.ExpiresAt == -1 || now.Unix() < r.ExpiresAt)
}

func (h *Harbor) show(r *robot) robot {
	shown := *r
	shown.Name = h.fullName(r)
	shown.secret = ""
	return shown
}

type robotRequest struct {
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Level       string       `json:"level"`
	Duration    *int64       `json:"duration"`
	Disable     bool         `json:"disable"`
	Permissions []permission `json:"permissions"`
}

var robotName = regexp.MustCompile(`^[a-z0-9]+(?:[._-][a-z0-9]+)*$`)

func (c *call) validateRobot(body *robotRequest) error {
	switch d := *body.Duration; {
	case d != -1 && (d <= 0 || d >= math.MaxInt32):
		return badRequest("bad request error duration input: %d, duration must be either -1(Never) or a positive integer", d)
	case body.Level != "system" && body.Level != "project":
		return badRequest("bad request error level input: %s", body.Level)
	case len(body.Permissions) == 0:
		return badRequest("bad request empty permission")
	case body.Level == "project" && len(body.Permissions) > 1:
		return badRequest("bad request permission")
	}
	for _, entry := range body.Permissions {
		if len(entry.Access) == 0 {
			return badRequest("bad request empty access")
		}
		switch {
		case entry.Kind != "system" && entry.Kind != "project":
			return badRequest("bad request permission level: %s", entry.Kind)
		case entry.Kind == "system" && entry.Namespace != "/":
			return badRequest("unknown namespace")
		}
		for _, asked := range entry.Access {
			if !slices.Contains(c.config.Version.grants(entry.Kind), access{Resource: asked.Resource, Action: asked.Action}) {
				return badRequest("bad request permission: %s:%s", asked.Resource, asked.Action)
			}
		}
	}
	return nil
}

// requireRobots asks for a right over robots, of the system or of the project that they are in.
func (c *call) requireRobots(in *project, action string) error {
	if in == nil {
		return c.require("robot", action)
	}
	return c.requireIn(in, "robot", action)
}

func createRobot(c *call) error {
	var body robotRequest
	if err := c.read("robot", &body); err != nil {
		return err
	}
	if !robotName.MatchString(body.Name) {
		return badRequest("robot name is not in lower case or contains illegal characters")
	}
	if body.Duration == nil {
		return badRequest("bad request error duration input: 0, duration must be either -1(Never) or a positive integer")
	}
	if err := c.validateRobot(&body); err != nil {
		return err
	}
	var in *project
	if body.Level == "project" {
		if in = c.projectNamed(body.Permissions[0].Namespace); in == nil {
			return c.caller.refuse()
		}
	}
	if err := c.requireRobots(in, "create"); err != nil {
		return err
	}
	if maker := c.caller.robot; maker != nil && !maker.includes(body.Permissions) {
		return denied("permission scope is invalid. It must be equal to or more restrictive than the creator robot's"+
			" permissions: %s", c.fullName(maker))
	}
	now := time.Now()
	made := robot{Name: body.Name, Description: body.Description, Level: body.Level, Duration: *body.Duration,
		Editable: true, Disable: body.Disable, Permissions: body.Permissions, ExpiresAt: -1,
		Creation: stamp(now), Update: stamp(now), secret: newSecret(), inside: in}
	if made.Duration != -1 {
		made.ExpiresAt = now.AddDate(0, 0, int(made.Duration)).Unix()
	}
	for _, other := range c.robots.all() {
		if c.fullName(other) == c.fullName(&made) {
			return conflict("robot account %s already exists", made.Name)
		}
	}
	stored := c.robots.add(func(id int64) *robot { made.ID = id; return &made })
	c.w.Header().Set("Location", c.r.URL.Path+"/"+strconv.FormatInt(stored.ID, 10))
	// The only time that the secret is shown.
	return c.answerWith(201, map[string]any{
		"id": stored.ID, "name": c.fullName(stored), "secret": stored.secret,
		"creation_time": stored.Creation, "expires_at": stored.ExpiresAt,
	})
}

// includes: a robot can give only what it has, entry by entry.
func (r *robot) includes(asked []permission) bool {
	for _, entry := range asked {
		has := slices.ContainsFunc(r.Permissions, func(own permission) bool {
			if own.Kind != entry.Kind || own.Namespace != entry.Namespace {
				return false
			}
			for _, a := range entry.Access {
				if !own.allows(a.Resource, a.Action) {
					return false
				}
			}
			return true
		})
		if !has {
			return false
		}
	}
	return true
}

// newSecret has what Harbor asks of one: 8 to 128 characters, with an upper, a lower and a digit.
func newSecret() string { return "Aa1" + randomHex(15) }

func listRobots(c *call) error {
	if !c.caller.authenticated() {
		return c.caller.refuse()
	}
	conditions, err := readQuery(c.r.URL.Query().Get("q"))
	if err != nil {
		return err
	}
	var in *project
	if level, ok := conditions["Level"]; ok && level("project") {
		id, ok := conditions["ProjectID"]
		if !ok {
			return badRequest("must with project ID when to query project robots")
		}
		for _, p := range c.projects.all() {
			if id(strconv.FormatInt(p.id, 10)) {
				in = p
			}
		}
		if in == nil {
			return c.caller.refuse()
		}
	}
	if err := c.requireRobots(in, "list"); err != nil {
		return err
	}
	var found []robot
	for _, r := range c.robots.all() {
		if r.inside == in && meets(conditions, map[string]string{"name": r.storedName()}) {
			found = append(found, c.show(r))
		}
	}
	found, err = cut(c.w, c.r, found)
	if err != nil {
		return err
	}
	return c.answer(found)
}

func (c *call) robotFor(action string) (*robot, error) {
	if !c.caller.authenticated() {
		return nil, c.caller.refuse()
	}
	id, err := strconv.ParseInt(c.r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, unprocessable("robot_id in path must be of type int64: %q", c.r.PathValue("id"))
	}
	r, ok := c.robots.rows[id]
	if !ok {
		return nil, notFound("robot %d not found", id)
	}
	return r, c.requireRobots(r.inside, action)
}

func getRobot(c *call) error {
	r, err := c.robotFor("read")
	if err != nil {
		return err
	}
	return c.answer(c.show(r))
}

func updateRobot(c *call) error {
	var body robotRequest
	if err := c.read("robot", &body); err != nil {
		return err
	}
	r, err := c.robotFor("update")
	if err != nil {
		return err
	}
	if body.Duration == nil {
		body.Duration = &r.Duration
	}
	if err := c.validateRobot(&body); err != nil {
		return err
	}
	if body.Level != r.Level || body.Name != c.fullName(r) {
		return badRequest("cannot update the level or name of robot")
	}
	r.Description, r.Disable, r.Permissions = body.Description, body.Disable, body.Permissions
	return nil
}

func refreshRobot(c *call) error {
	var body struct {
		Secret string `json:"secret"`
	}
	if err := c.read("robotSec", &body); err != nil {
		return err
	}
	r, err := c.robotFor("update")
	if err != nil {
		return err
	}
	if body.Secret != "" {
		r.secret = body.Secret
		return c.answer(map[string]string{"secret": ""})
	}
	r.secret = newSecret()
	return c.answer(map[string]string{"secret": r.secret})
}

func deleteRobot(c *call) error {
	r, err := c.robotFor("delete")
	if err != nil {
		return err
	}
	delete(c.robots.rows, r.ID)
	return nil
}

// listPermissions says what a robot can be given.
func listPermissions(c *call) error {
	if err := c.require("permissions", "list"); err != nil {
		return err
	}
	return c.answer(map[string][]access{
		"system": c.config.Version.grants("system"), "project": c.config.Version.grants("project"),
	})
}
