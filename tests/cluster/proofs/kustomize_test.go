package proofs

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harbor-pilot.io/tests/cluster/plane"
)

// kustomization is a folder of deploy/kustomize, with files put there by an admin.
func kustomization(t *testing.T, folder string, files map[string][]byte) string {
	t.Helper()
	copied := t.TempDir()
	must(t, os.CopyFS(copied, os.DirFS(repository("deploy", "kustomize"))))
	for name, content := range files {
		must(t, os.WriteFile(filepath.Join(copied, folder, name), content, 0o600))
	}
	return filepath.Join(copied, folder)
}

// ownCertificate is what an admin puts into deploy/kustomize/secret.
func ownCertificate(t *testing.T) map[string][]byte {
	t.Helper()
	pair, err := cluster.Authority.Issue("harbor-pilot", nil, "harbor-pilot."+plane.PilotNamespace+".svc")
	must(t, err)
	return map[string][]byte{"tls.crt": pair.Certificate, "tls.key": pair.Key, "ca.crt": cluster.Authority.PEM()}
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
	lab := newLab(t)
	for folder, proof := range map[string]struct {
		files     map[string][]byte
		arguments []string
		// What an admin makes where Helm installs.
		more []string
	}{
		"self-managed": {nil, nil, []string{"Namespace harbor-pilot"}},
		"cert-manager": {nil, []string{"--set", "tls.mode=certManager"}, []string{"Namespace harbor-pilot"}},
		"secret": {
			ownCertificate(t),
			secretTLS(t),
			[]string{"Namespace harbor-pilot", "Secret harbor-pilot-tls"},
		},
	} {
		t.Run(folder, func(t *testing.T) {
			all := objects(t, lab.kubectl("kustomize", kustomization(t, folder, proof.files)))
			for _, one := range all {
				if strings.HasSuffix(one["kind"].(string), "WebhookConfiguration") {
					lab.dryRun(one)
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

// As docs/install.md says it: the program first, then the registrations.
func TestInstalledByKustomize(t *testing.T) {
	startKubelet(t)
	lab := newLab(t)
	admin := *lab
	admin.namespace = plane.PilotNamespace
	folder := kustomization(t, "secret", ownCertificate(t))
	t.Cleanup(func() {
		admin.kubectl("delete", "-k", folder, "-l", "app.kubernetes.io/component=registration")
		// The namespace stays: other proofs install in it.
		admin.kubectl("delete", "deployment,service,configmap,serviceaccount,poddisruptionbudget,networkpolicy",
			"-l", "app.kubernetes.io/name=harbor-pilot", "--wait")
	})
	admin.kubectl("apply", "-k", folder, "-l", "app.kubernetes.io/component!=registration")
	admin.kubectl("rollout", "status", "deployment/harbor-pilot", "--timeout=60s")
	expectImage(t, lab.accepts(pod("before", operatorImage)).at(mainImage...), operatorImage)
	admin.kubectl("apply", "-k", folder)
	lab.everywhere("Pods come through Harbor", func() error {
		reply := lab.send(http.MethodPost, lab.pods()+"?dryRun=All", pod("asked", operatorImage))
		must(t, reply.Err())
		if found := lab.stored(reply).at(mainImage...); found != inHarbor {
			return fmt.Errorf("it is %v", found)
		}
		return nil
	})
	// A chart beside it is refused, with a reason.
	_, err := helm(t, append([]string{"install"}, cluster.HelmArguments(plane.Pilot{Chart: chart(), Policy: repository("policies.yaml"), Replicas: 1})...)...)
	if err == nil {
		t.Fatal("expected the chart to be refused")
	}
	contains(t, err.Error(), "harbor-pilot is in this cluster already, and not by Helm")
}
