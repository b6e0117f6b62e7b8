package standin

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"time"
)

// A caller is whoever sent a request. The zero value is nobody: a wrong password is no error by itself,
// the request goes on as an anonymous one (D3 [inf]), so public things are answered.
type caller struct {
	name  string
	admin bool
	robot *robot
}

func (c caller) authenticated() bool { return c.name != "" }

func (h *Harbor) identify(r *http.Request) caller {
	name, password, ok := r.BasicAuth()
	if !ok {
		return caller{}
	}
	return h.login(name, password)
}

func (h *Harbor) login(name, password string) caller {
	same := func(secret string) bool {
		return subtle.ConstantTimeCompare([]byte(secret), []byte(password)) == 1
	}
	if (name == "admin" || name == "developer") && same(h.config.AdminPassword) {
		return caller{name: name, admin: name == "admin"}
	}
	for _, robot := range h.robots.all() {
		if h.fullName(robot) == name && same(robot.secret) && robot.works(time.Now()) {
			return caller{name: name, robot: robot}
		}
	}
	return caller{}
}

// An access is the right to do an action to a kind of thing.
type access struct {
	Resource string `json:"resource"`
	Action   string `json:"action"`
	Effect   string `json:"effect,omitempty"`
}

// may: has the caller a right of the whole system? What a robot may do to projects is another
// entry and does not count here (D3).
func (c caller) may(resource, action string) bool {
	if c.admin {
		return true
	}
	return c.robot != nil && slices.ContainsFunc(c.robot.Permissions, func(p permission) bool {
		return p.Kind == "system" && p.allows(resource, action)
	})
}

// mayIn: has the caller a right in one project? Whoever made the project has none for that (D3, harbor#18363).
func (c caller) mayIn(p *project, resource, action string) bool {
	if c.admin {
		return true
	}
	public := p.public() && slices.Contains([]access{
		{Resource: "project", Action: "read"},
		{Resource: "repository", Action: "pull"},
		{Resource: "repository", Action: "list"},
		{Resource: "repository", Action: "read"},
	}, access{Resource: resource, Action: action})
	if public || c.robot == nil {
		return public
	}
	return slices.ContainsFunc(c.robot.Permissions, func(entry permission) bool {
		return entry.covers(p) && entry.allows(resource, action)
	})
}

// refuse: 401 says "who are you", 403 "not you".
func (c caller) refuse() error {
	if !c.authenticated() {
		return unauthorized("unauthorized")
	}
	return forbidden("forbidden")
}

func (c *call) require(resource, action string) error {
	if c.caller.may(resource, action) {
		return nil
	}
	return c.caller.refuse()
}

func (c *call) requireIn(p *project, resource, action string) error {
	if c.caller.mayIn(p, resource, action) {
		return nil
	}
	return c.caller.refuse()
}

// What a robot can be given, by scope (D3: the list in rbac; only what this stand-in looks at).
func (v Version) grants(scope string) []access {
	grant := func(resource string, actions ...string) (all []access) {
		for _, action := range actions {
			all = append(all, access{Resource: resource, Action: action})
		}
		return all
	}
	crud := []string{"read", "create", "delete", "list", "update"}
	if scope == "system" {
		all := slices.Concat(
			grant("registry", crud...),
			grant("project", "list", "create"),
			grant("replication-adapter", "list"),
			grant("quota", "read", "list"),
			grant("garbage-collection", "read", "create", "list", "update", "stop"),
			grant("system-volumes", "read"),
			grant("catalog", "read"),
			grant("audit-log", "list"),
			grant("label", "read", "create", "delete", "update"),
		)
		if v.Since(12, 0) { // robots that make robots (D3, harbor#20076)
			all = append(all, grant("robot", "read", "create", "delete", "list")...)
		}
		if v.Since(14, 0) { // [inf]
			all = append(all, grant("quota", "update")...)
		}
		return all
	}
	all := slices.Concat(
		grant("project", "read", "delete", "update"),
		grant("metadata", crud...),
		grant("repository", "read", "update", "delete", "list", "pull", "push"),
		grant("artifact", "read", "create", "list", "delete"),
		grant("tag", "create", "list", "delete"),
		grant("tag-retention", crud...),
		grant("quota", "read"),
		grant("log", "list"),
		grant("label", crud...),
	)
	if v.Since(12, 0) {
		all = append(all, grant("robot", "read", "create", "delete", "list")...)
	}
	return all
}
