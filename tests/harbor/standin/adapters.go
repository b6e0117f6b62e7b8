package standin

func getRegistryInfo(c *call) error {
	if err := c.require("registry", "read"); err != nil {
		return err
	}
	r, err := c.registry()
	if err != nil {
		return err
	}
	return c.answer(map[string]any{
		"type":               r.kind,
		"supported_triggers": []string{"manual", "scheduled"},
		"supported_resource_filters": []map[string]any{
			{"type": "name", "style": "input"}, {"type": "tag", "style": "input"},
			{"type": "resource", "style": "radio", "values": []string{"image"}},
		},
	})
}

func listAdapters(c *call) error {
	if err := c.require("replication-adapter", "list"); err != nil {
		return err
	}
	return c.answer(c.adapters)
}

func listAdapterInfos(c *call) error {
	if err := c.require("replication-adapter", "list"); err != nil {
		return err
	}
	infos := map[string]any{}
	for _, adapter := range c.adapters {
		info := map[string]any{}
		if adapter == "docker-hub" {
			info["endpoint_pattern"] = map[string]any{
				"endpoint_type": "EndpointPatternTypeFix",
				"endpoints":     []map[string]string{{"key": "hub.docker.com", "value": "https://hub.docker.com"}},
			}
		}
		infos[adapter] = info
	}
	return c.answer(infos)
}
