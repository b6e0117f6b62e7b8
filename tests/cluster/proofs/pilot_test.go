package proofs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pilotBinary is HARBOR_PILOT_BIN, or else what this clone was built to.
func pilotBinary(t *testing.T) string {
	t.Helper()
	given := os.Getenv("HARBOR_PILOT_BIN")
	candidates := []string{repository("target", "release", "harbor-pilot"), repository("target", "debug", "harbor-pilot")}
	if given != "" {
		candidates = []string{given}
	}
	for _, candidate := range candidates {
		if path, err := filepath.Abs(candidate); err == nil {
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
	}
	message := "NO HARBOR-PILOT BINARY: expected one of " + strings.Join(candidates, ", ") + "; build it, or set HARBOR_PILOT_BIN"
	if given != "" || os.Getenv("CI") == "true" {
		t.Fatal(message)
	}
	t.Skip(message)
	return ""
}
