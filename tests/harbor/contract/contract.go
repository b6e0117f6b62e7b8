// Package contract holds requests and answers against the API that Harbor publishes: harbor-2.7.json and
// harbor-2.12.json were made by the script `extract` (README.md says from what), and what later versions
// added stands here.
package contract

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"harbor-pilot.io/tests/harbor/standin"
)

//go:embed harbor-*.json
var published embed.FS

// A Contract is one version's API.
type Contract struct {
	Operations map[string]operation        `json:"operations"`
	Models     map[string]map[string]field `json:"models"`
}

type operation struct {
	Query   []string `json:"query"`
	Headers []string `json:"headers"`
	Body    string   `json:"body"`
	Answer  string   `json:"answer"`
}

type field struct {
	Type    string   `json:"type"`
	Allowed []string `json:"allowed"`
	Longest int      `json:"longest"`
}

// What versions have that the description before them does not (D1, D2).
var later = []struct {
	minor, patch int
	model        string
	fields       []string
	kind         string
}{
	{8, 0, "GeneralInfo", []string{"banner_message", "oidc_provider_name"}, "str"},
	{8, 0, "GeneralInfo", []string{"primary_auth_mode"}, "bool"},
	{11, 0, "ProjectMetadata", []string{"auto_sbom_generation"}, "str"},
	{14, 3, "ProjectMetadata", []string{"max_upstream_conn"}, "str"},
	{15, 0, "Registry", []string{"ca_certificate"}, "str"},
	{15, 0, "RegistryUpdate", []string{"ca_certificate"}, "str"},
	{15, 0, "RegistryPing", []string{"ca_certificate"}, "str"},
	{15, 1, "ProjectMetadata", []string{"proxy_cache_local_on_not_found"}, "str"},
	{16, 0, "ProjectMetadata", []string{"proxy_referrer_api", "proxy_cache_filter_pattern", "proxy_cache_filter_kind"}, "str"},
	{16, 0, "ProjectReq", []string{"retention_days"}, "int"},
}

// For reads the contract of a version: the newest published one that is not newer, and what came later.
func For(version standin.Version) (*Contract, error) {
	file := "harbor-2.7.json"
	if version.Since(12, 0) {
		file = "harbor-2.12.json"
	}
	text, err := published.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var c Contract
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, one := range later {
		for _, name := range one.fields {
			if _, ok := c.Models[one.model][name]; !ok && version.Since(one.minor, one.patch) {
				c.Models[one.model][name] = field{Type: one.kind}
			}
		}
	}
	return &c, nil
}

// find finds the operation of a request; path is behind /api/v2.0.
func (c *Contract) find(method, path string) (operation, bool) {
	parts := strings.Split(path, "/")
	if exact, ok := c.Operations[method+" "+path]; ok { // /registries/ping before /registries/{id}
		return exact, true
	}
	for name, one := range c.Operations {
		theirMethod, theirPath, _ := strings.Cut(name, " ")
		same := func(theirs, ours string) bool { return theirs == ours || strings.HasPrefix(theirs, "{") && ours != "" }
		if theirMethod == method && slices.EqualFunc(strings.Split(theirPath, "/"), parts, same) {
			return one, true
		}
	}
	return operation{}, false
}

// check holds a JSON value against a type, and says where it differs.
func (c *Contract) check(value any, kind, where string) error {
	if value == nil {
		return nil
	}
	wrong := func() error { return fmt.Errorf("%s: expected %s, but found %s", where, kind, show(value)) }
	var ok bool
	switch kind {
	case "str":
		_, ok = value.(string)
	case "bool":
		_, ok = value.(bool)
	case "int":
		ok = isInteger(value)
	case "datetime":
		ok = isTime(value)
	case "object":
		ok = true
	default:
		if inner, found := strings.CutPrefix(kind, "list["); found {
			return c.checkList(value, strings.TrimSuffix(inner, "]"), where)
		}
		if inner, found := strings.CutPrefix(kind, "dict(str, "); found {
			return c.checkMap(value, strings.TrimSuffix(inner, ")"), where)
		}
		return c.checkModel(value, kind, where)
	}
	if !ok {
		return wrong()
	}
	return nil
}

func (c *Contract) checkList(value any, kind, where string) error {
	list, ok := value.([]any)
	if !ok {
		return fmt.Errorf("%s: expected a list, but found %s", where, show(value))
	}
	for i, item := range list {
		if err := c.check(item, kind, fmt.Sprintf("%s[%d]", where, i)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Contract) checkMap(value any, kind, where string) error {
	object, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: expected an object, but found %s", where, show(value))
	}
	for key, item := range object {
		if err := c.check(item, kind, where+"."+key); err != nil {
			return err
		}
	}
	return nil
}

func (c *Contract) checkModel(value any, name, where string) error {
	fields, ok := c.Models[name]
	if !ok {
		return fmt.Errorf("%s: the contract has no type %s", where, name)
	}
	object, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: expected a %s, but found %s", where, name, show(value))
	}
	if len(fields) == 0 {
		return nil // an object of anything: ResourceList, QuotaRefObject
	}
	for key, item := range object {
		of, ok := fields[key]
		if !ok {
			return fmt.Errorf("%s: a %s has no field `%s`", where, name, key)
		}
		if err := c.check(item, of.Type, where+"."+key); err != nil {
			return err
		}
		text, _ := item.(string)
		if of.Longest > 0 && len(text) > of.Longest {
			return fmt.Errorf("%s.%s: longer than %d", where, key, of.Longest)
		}
		if text != "" && len(of.Allowed) > 0 && !slices.Contains(of.Allowed, text) {
			return fmt.Errorf("%s.%s: expected one of %v, but found `%s`", where, key, of.Allowed, text)
		}
	}
	return nil
}
