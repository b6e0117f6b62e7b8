package standin

import "strconv"

// A retention says which tags of a project are kept; at the given time all others are deleted.
type retention struct {
	ID        int64           `json:"id"`
	Algorithm string          `json:"algorithm"`
	Rules     []retentionRule `json:"rules"`
	Trigger   trigger         `json:"trigger"`
	Scope     scope           `json:"scope"`
}

type trigger struct {
	Kind       string         `json:"kind"`
	References map[string]any `json:"references,omitempty"`
	Settings   map[string]any `json:"settings"`
}

type scope struct {
	Level string `json:"level"`
	Ref   int64  `json:"ref"`
}

type retentionRule struct {
	ID             int64                 `json:"id,omitempty"`
	Priority       int64                 `json:"priority,omitempty"`
	Disabled       bool                  `json:"disabled"`
	Action         string                `json:"action"`
	Template       string                `json:"template"`
	Params         map[string]any        `json:"params"`
	TagSelectors   []selector            `json:"tag_selectors"`
	ScopeSelectors map[string][]selector `json:"scope_selectors"`
}

type selector struct {
	Kind       string `json:"kind"`
	Decoration string `json:"decoration"`
	Pattern    string `json:"pattern"`
	Extras     string `json:"extras,omitempty"`
}

// sevenDays keeps the tags that were pulled in the last 7 days, and deletes the others each night (D2).
func sevenDays(id, projectID int64) *retention {
	everything := func(decoration string) []selector {
		return []selector{{Kind: "doublestar", Decoration: decoration, Pattern: "**"}}
	}
	return &retention{
		ID: id, Algorithm: "or",
		Rules: []retentionRule{{
			ID: 1, Priority: 1, Action: "retain", Template: "nDaysSinceLastPull",
			Params:         map[string]any{"nDaysSinceLastPull": 7},
			TagSelectors:   everything("matches"),
			ScopeSelectors: map[string][]selector{"repository": everything("repoMatches")},
		}},
		Trigger: trigger{Kind: "Schedule", Settings: map[string]any{"cron": "0 0 0 * * *"}},
		Scope:   scope{"project", projectID},
	}
}

// owner finds the project that a retention is for, and asks for a right to its retention.
func (c *call) owner(r *retention, action string) (*project, error) {
	if r.Scope.Level != "project" {
		return nil, badRequest("scope is not support")
	}
	p, ok := c.projects.rows[r.Scope.Ref]
	if !ok {
		return nil, badRequest("invalid Project id %d", r.Scope.Ref)
	}
	return p, c.requireIn(p, "tag-retention", action)
}

func (c *call) retention() (*retention, error) {
	if !c.caller.authenticated() {
		return nil, c.caller.refuse()
	}
	id, err := strconv.ParseInt(c.r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, unprocessable("id in path must be of type int64: %q", c.r.PathValue("id"))
	}
	r, ok := c.retentions.rows[id]
	if !ok {
		return nil, notFound("Retention policy %d not found", id)
	}
	return r, nil
}

func getRetention(c *call) error {
	r, err := c.retention()
	if err != nil {
		return err
	}
	if _, err := c.owner(r, "read"); err != nil {
		return err
	}
	return c.answer(r)
}

func createRetention(c *call) error {
	var body retention
	if err := c.read("policy", &body); err != nil {
		return err
	}
	p, err := c.owner(&body, "create")
	if err != nil {
		return err
	}
	if id := p.metadata["retention_id"]; id != "" {
		return badRequest("project %d already has retention policy %s", p.id, id)
	}
	stored := c.retentions.add(func(id int64) *retention { body.ID = id; return &body })
	p.metadata["retention_id"] = strconv.FormatInt(stored.ID, 10)
	return c.created(stored.ID)
}

func updateRetention(c *call) error {
	var body retention
	if err := c.read("policy", &body); err != nil {
		return err
	}
	stored, err := c.retention()
	if err != nil {
		return err
	}
	p, err := c.owner(&body, "update")
	if err != nil {
		return err
	}
	if p.metadata["retention_id"] != strconv.FormatInt(stored.ID, 10) {
		return notFound("the retention policy id %d does not match", stored.ID)
	}
	body.ID = stored.ID
	*stored = body
	return nil
}

func deleteRetention(c *call) error {
	r, err := c.retention()
	if err != nil {
		return err
	}
	p, err := c.owner(r, "delete")
	if err != nil {
		return err
	}
	delete(c.retentions.rows, r.ID)
	delete(p.metadata, "retention_id")
	return nil
}
