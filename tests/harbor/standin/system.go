package standin

import (
	"strings"
	"time"
)

func getHealth(c *call) error {
	var components []map[string]string
	for _, name := range []string{"core", "database", "jobservice", "portal", "redis", "registry", "registryctl"} {
		components = append(components, map[string]string{"name": name, "status": "healthy"})
	}
	return c.answer(map[string]any{"status": "healthy", "components": components})
}

func getPing(c *call) error {
	_, err := c.w.Write([]byte("Pong"))
	return err
}

// getSystemInfo tells everyone the version; where Harbor is and how it is set up only those who logged in.
func getSystemInfo(c *call) error {
	info := map[string]any{
		"auth_mode":         "db_auth",
		"self_registration": false,
		"harbor_version":    "v" + c.config.Version.String() + "-0badc0de",
	}
	if c.config.Version.Since(10, 0) { // [inf]
		info["banner_message"], info["oidc_provider_name"], info["primary_auth_mode"] = "", "", false
	}
	if c.caller.authenticated() {
		_, host, _ := strings.Cut(c.config.URL, "://")
		info["registry_url"] = host
		info["external_url"] = c.config.URL
		info["project_creation_restriction"] = "adminonly"
		info["has_ca_root"] = false
		info["registry_storage_provider_name"] = "filesystem"
		info["read_only"] = c.readOnly
		info["notification_enable"] = true
		info["current_time"] = stamp(time.Now())
	}
	return c.answer(info)
}

func getStatistics(c *call) error {
	if !c.caller.authenticated() {
		return c.caller.refuse()
	}
	counts := map[string]int64{"private_project_count": 0, "private_repo_count": 0, "public_project_count": 0,
		"public_repo_count": 0, "total_project_count": 0, "total_repo_count": 0, "total_storage_consumption": 0}
	for _, p := range c.projects.all() {
		counts["total_project_count"]++
		if p.public() {
			counts["public_project_count"]++
		} else {
			counts["private_project_count"]++
		}
	}
	return c.answer(counts)
}

// A gcSchedule is when garbage is collected, and what counts as garbage: with delete_untagged also what
// was cached by digest alone, which is all that containerd pulls (D4, harbor#23570).
type gcSchedule struct {
	Schedule struct {
		Type string `json:"type"`
		Cron string `json:"cron"`
	} `json:"schedule"`
	Parameters map[string]any `json:"parameters"`
}

func getGCSchedule(c *call) error {
	if err := c.require("garbage-collection", "read"); err != nil {
		return err
	}
	if c.gc == nil {
		return nil // 200 with no body at all [inf]: there is no schedule
	}
	parameters, _ := jsonText(c.gc.Parameters)
	return c.answer(map[string]any{
		"id": 1, "job_name": "GARBAGE_COLLECTION", "job_kind": "SCHEDULE", "job_status": "Pending",
		"schedule": c.gc.Schedule, "job_parameters": parameters, "deleted": false,
		"creation_time": stamp(time.Now()), "update_time": stamp(time.Now()),
	})
}

func createGCSchedule(c *call) error { return c.changeGCSchedule("create") }
func updateGCSchedule(c *call) error { return c.changeGCSchedule("update") }

func (c *call) changeGCSchedule(action string) error {
	var body gcSchedule
	if err := c.read("schedule", &body); err != nil {
		return err
	}
	if err := c.require("garbage-collection", action); err != nil {
		return err
	}
	switch body.Schedule.Type {
	case "None":
		c.gc = nil
	case "Hourly", "Daily", "Weekly", "Custom":
		if body.Schedule.Cron == "" {
			return badRequest("empty cron string for gc schedule")
		}
		c.gc = &body
	}
	if action == "create" {
		return c.created(1)
	}
	return nil
}
