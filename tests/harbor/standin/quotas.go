package standin

import "strconv"

type quotaJSON struct {
	ID           int64            `json:"id"`
	Ref          map[string]any   `json:"ref"`
	Hard         map[string]int64 `json:"hard"`
	Used         map[string]int64 `json:"used"`
	CreationTime string           `json:"creation_time"`
	UpdateTime   string           `json:"update_time"`
}

// A quota has an ID of its own, which is not its project's; here they differ by a constant, so that
// whoever takes one for the other is found out.
const quotaOffset = 1000

func (p *project) quotaJSON() quotaJSON {
	return quotaJSON{
		ID:   p.id + quotaOffset,
		Ref:  map[string]any{"id": p.id, "name": p.name, "owner_name": "admin"},
		Hard: map[string]int64{"storage": p.quota}, Used: map[string]int64{"storage": 0},
		CreationTime: stamp(p.created), UpdateTime: stamp(p.lastModified),
	}
}

func listQuotas(c *call) error {
	if err := c.require("quota", "list"); err != nil {
		return err
	}
	query := c.r.URL.Query()
	var found []quotaJSON
	for _, p := range c.projects.all() {
		ofKind := query.Get("reference") == "" || query.Get("reference") == "project"
		id := query.Get("reference_id")
		if ofKind && (id == "" || id == strconv.FormatInt(p.id, 10)) {
			found = append(found, p.quotaJSON())
		}
	}
	found, err := cut(c.w, c.r, found)
	if err != nil {
		return err
	}
	return c.answer(found)
}

func (c *call) quotaOwner() (*project, error) {
	id, err := strconv.ParseInt(c.r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, unprocessable("id in path must be of type int64: %q", c.r.PathValue("id"))
	}
	p, ok := c.projects.rows[id-quotaOffset]
	if !ok {
		return nil, notFound("quota %d not found", id)
	}
	return p, nil
}

func getQuota(c *call) error {
	if err := c.require("quota", "read"); err != nil {
		return err
	}
	p, err := c.quotaOwner()
	if err != nil {
		return err
	}
	return c.answer(p.quotaJSON())
}

func updateQuota(c *call) error {
	var body struct {
		Hard map[string]int64 `json:"hard"`
	}
	if err := c.read("hard", &body); err != nil {
		return err
	}
	if err := c.require("quota", "update"); err != nil {
		return err
	}
	if len(body.Hard) == 0 {
		return badRequest("hard required in body")
	}
	p, err := c.quotaOwner()
	if err != nil {
		return err
	}
	storage, ok := body.Hard["storage"]
	if !ok || len(body.Hard) != 1 || storage != unlimited && storage <= 0 {
		return badRequest("the hard limits are invalid: %v", body.Hard)
	}
	p.quota = storage
	return nil
}
