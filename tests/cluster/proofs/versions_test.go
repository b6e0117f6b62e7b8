package proofs

import (
	"os"
	"regexp"
	"testing"
)

// What is installed is the version that is built here, by the Rust that it asks for.
func TestVersionsAgree(t *testing.T) {
	found := func(file, pattern string) string {
		text, err := os.ReadFile(repository(file))
		must(t, err)
		match := regexp.MustCompile(`(?m)` + pattern).FindSubmatch(text)
		if match == nil {
			t.Fatalf("expected %s to have a line like %s", file, pattern)
		}
		return string(match[1])
	}
	version, rust := found("Cargo.toml", `^version = "(.+)"$`), found("Cargo.toml", `^rust-version = "(.+)"$`)
	for file, pattern := range map[string]string{
		"deploy/chart/Chart.yaml": `^appVersion: (.+)$`,
		"deploy/Dockerfile":       `^ARG VERSION=(.+)$`,
	} {
		if other := found(file, pattern); other != version {
			t.Errorf("expected version %s in %s, but found %s", version, file, other)
		}
	}
	if other := found("deploy/Dockerfile", `^ARG BUILDER=docker.io/library/rust:([0-9.]+)-`); other != rust {
		t.Errorf("expected Rust %s in deploy/Dockerfile, but found %s", rust, other)
	}
}
