package standin

import (
	"regexp"
	"strings"

	"github.com/bmatcuk/doublestar"
)

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
