package standin

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar"
)

// Only proxy projects keep these.
var ofProxies = []string{"proxy_speed_kb", "max_upstream_conn", "proxy_cache_local_on_not_found",
	"proxy_referrer_api", "proxy_cache_filter_pattern", "proxy_cache_filter_kind"}

// knownMetadata drops without a word what this version, or this kind of project, does not have (D2).
func (c *call) knownMetadata(given map[string]*string, proxy bool) map[string]string {
	known := map[string]string{}
	for key, value := range given {
		switch {
		case value == nil, !c.config.Version.hasMetadata(key):
		case !proxy && slices.Contains(ofProxies, key):
		case proxy && key == "enable_content_trust":
		default:
			known[key] = *value
		}
	}
	return known
}

// validateMetadata: the values are strings, whatever they mean (D2).
func validateMetadata(metadata map[string]string) error {
	for key, what := range map[string]string{"proxy_speed_kb": "an int32", "max_upstream_conn": "an int"} {
		if value, ok := metadata[key]; ok {
			if _, err := strconv.ParseInt(value, 10, 32); err != nil {
				return badRequest("metadata.%s should be %s, but got: '%s'", key, what, value)
			}
		}
	}
	return validateFilter(metadata["proxy_cache_filter_pattern"], metadata["proxy_cache_filter_kind"])
}

// validateFilter: a pattern needs a kind, and must be one of that kind (D2).
func validateFilter(pattern, kind string) error {
	if pattern == "" && kind == "" {
		return nil
	}
	if kind != "doublestar" && kind != "regex" {
		return badRequest("metadata.proxy_cache_filter_kind: unsupported repository filter kind %q", kind)
	}
	if _, err := passesFilter("", pattern, kind); err != nil {
		return badRequest("metadata.proxy_cache_filter_pattern is invalid for kind %q: %v", kind, err)
	}
	return nil
}

// passesFilter: a regex must match the whole path behind the project; a glob is read by the library that
// Harbor uses, where `a/**` does not match `a`.
func passesFilter(path, pattern, kind string) (bool, error) {
	pattern = strings.TrimSpace(pattern)
	if pattern == "" {
		return true, nil
	}
	if kind != "regex" {
		return doublestar.Match(pattern, path)
	}
	// Alone first: `a)|(b` is balanced only inside the group.
	if _, err := regexp.Compile(pattern); err != nil {
		return false, err
	}
	whole, err := regexp.Compile(`^(?:` + pattern + `)$`)
	if err != nil {
		return false, err
	}
	return whole.MatchString(path), nil
}
