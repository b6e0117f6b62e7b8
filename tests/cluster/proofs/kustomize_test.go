package proofs

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harbor-pilot.io/tests/cluster/plane"
)

// kustomized is what kustomize makes of a folder of deploy/kustomize, with files put there by an
// admin.
func kustomized(t *testing.T, folder string, files map[string][]byte) []object {
	t.Helper()
	copied := t.TempDir()
	must(t, os.CopyFS(copied, os.DirFS(repository("deploy", "kustomize"))))
	for name, content := range files {
		must(t, os.WriteFile(filepath.Join(copied, folder, name), content, 0o600))
	}
	return objects(t, newLab(t).kubectl("kustomize", filepath.Join(copied, folder)))
}

// comparable is objects by kind and name, without what only Helm writes.
func comparable(all []object) map[string]object {
	found := map[string]object{}
	for _, one := range all {
		metadata := one["metadata"].(map[string]any)
		withoutHelm(metadata)
		if one["kind"] == "Deployment" {
			template := one.at("spec", "template", "metadata").(map[string]any)
			withoutHelm(template)
			// The policy's hash, which takes a template to write.
			delete(template, "annotations")
		}
		webhooks, _ := one["webhooks"].([]any)
		for _, webhook := range webhooks {
			// Base64 in lines is the same to the API server, and kustomize writes lines.
			client := webhook.(map[string]any)["clientConfig"].(map[string]any)
			if bundle, ok := client["caBundle"].(string); ok {
				client["caBundle"] = strings.ReplaceAll(bundle, "\n", "")
			}
		}
		found[fmt.Sprint(one["kind"], " ", metadata["name"])] = one
	}
	return found
}

func withoutHelm(metadata map[string]any) {
	if labels, ok := metadata["labels"].(map[string]any); ok {
		delete(labels, "helm.sh/chart")
		delete(labels, "app.kubernetes.io/managed-by")
	}
}

// deploy/kustomize and deploy/chart give the same objects.
func TestKustomizeGivesWhatTheChartGives(t *testing.T) {
	pair, err := cluster.Authority.Issue("harbor-pilot", nil, "harbor-pilot."+plane.PilotNamespace+".svc")
	must(t, err)
	for folder, proof := range map[string]struct {
		files     map[string][]byte
		arguments []string
		// What an admin makes where Helm installs.
		more []string
	}{
		"cert-manager": {nil, nil, []string{"Namespace harbor-pilot"}},
		"secret": {
			map[string][]byte{"tls.crt": pair.Certificate, "tls.key": pair.Key, "ca.crt": cluster.Authority.PEM()},
			secretTLS(t),
			[]string{"Namespace harbor-pilot", "Secret harbor-pilot-tls"},
		},
	} {
		t.Run(folder, func(t *testing.T) {
			all := kustomized(t, folder, proof.files)
			for _, one := range all {
				if strings.HasSuffix(one["kind"].(string), "WebhookConfiguration") {
					newLab(t).dryRun(one)
				}
			}
			found := comparable(all)
			for _, name := range proof.more {
				if found[name] == nil {
					t.Errorf("expected a %s, but found none", name)
				}
				delete(found, name)
			}
			expected := comparable(rendered(t, proof.arguments...))
			same(t, "objects", slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(expected)))
			for name, one := range expected {
				same(t, name, found[name], one)
			}
		})
	}
}
