package standin

import (
	"fmt"
	"slices"
)

// A Version of Harbor: what it offers depends on it.
type Version struct{ major, minor, patch int }

// ParseVersion reads a version as a release is named: 2.13.2, with or without a `v`.
func ParseVersion(text string) (Version, error) {
	var v Version
	var rest string
	trimmed := text
	if len(text) > 0 && text[0] == 'v' {
		trimmed = text[1:]
	}
	if n, _ := fmt.Sscanf(trimmed, "%d.%d.%d%s", &v.major, &v.minor, &v.patch, &rest); n != 3 {
		return v, fmt.Errorf("expected a version such as 2.13.2, but found `%s`", text)
	}
	if v.major != 2 {
		return v, fmt.Errorf("expected a version of Harbor 2, but found `%s`", text)
	}
	return v, nil
}

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.patch) }

// Since: is this version 2.MINOR.PATCH or newer?
func (v Version) Since(minor, patch int) bool {
	return v.minor > minor || v.minor == minor && v.patch >= patch
}

// offeredAdapters is what GET /replication/adapters lists (D1: quay, gitlab and dtr are gone since 2.14).
func (v Version) offeredAdapters() []string {
	adapters := []string{
		"ali-acr", "aws-ecr", "azure-acr", "docker-hub", "docker-registry", "github-ghcr", "google-gcr",
		"harbor", "huawei-SWR", "jfrog-artifactory", "tencent-tcr", "volcengine-cr",
	}
	if !v.Since(14, 0) {
		adapters = append(adapters, gone...)
	}
	slices.Sort(adapters)
	return adapters
}

// The list of 2.14 hides these, but their code is still there: an endpoint of the type can be made (D1).
var gone = []string{"dtr", "gitlab", "quay"}

// knowsAdapter: is there code for endpoints of this type?
func (v Version) knowsAdapter(kind string) bool {
	return slices.Contains(v.offeredAdapters(), kind) || slices.Contains(gone, kind)
}

// permitsProxy: may a proxy-cache project stand on an endpoint of this type (D1)?
func (v Version) permitsProxy(kind string) bool {
	switch kind {
	case "docker-hub", "harbor", "azure-acr", "aws-ecr", "google-gcr", "docker-registry":
		return true
	case "github-ghcr", "jfrog-artifactory":
		return v.Since(8, 0)
	case "ali-acr":
		return v.Since(12, 0)
	case "quay":
		return !v.Since(14, 0)
	}
	return false
}

// hasMetadata: does a project's metadata have this key (D2)? Harbor drops the others without a word.
func (v Version) hasMetadata(key string) bool {
	switch key {
	case "public", "enable_content_trust", "enable_content_trust_cosign", "prevent_vul", "severity",
		"auto_scan", "reuse_sys_cve_allowlist", "retention_id":
		return true
	case "auto_sbom_generation":
		return v.Since(11, 0)
	case "proxy_speed_kb":
		return v.Since(12, 0)
	case "max_upstream_conn":
		return v.Since(14, 3)
	case "proxy_cache_local_on_not_found":
		return v.Since(15, 1)
	case "proxy_referrer_api", "proxy_cache_filter_pattern", "proxy_cache_filter_kind":
		return v.Since(16, 0)
	}
	return false
}

// hasCACertificate: can an endpoint have a CA certificate of its own (D1)?
func (v Version) hasCACertificate() bool { return v.Since(15, 0) }
