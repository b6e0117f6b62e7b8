package proofs

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"harbor-pilot.io/tests/cluster/plane"
)

// definition is a kind of cert-manager's, as open as can be: cert-manager does not run here.
func definition(kind string) object {
	plural := strings.ToLower(kind) + "s"
	return object{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": object{"name": plural + ".cert-manager.io"},
		"spec": object{
			"group": "cert-manager.io", "scope": "Namespaced",
			"names": object{"kind": kind, "plural": plural},
			"versions": []object{{
				"name": "v1", "served": true, "storage": true,
				"schema": object{"openAPIV3Schema": object{"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
			}},
		},
	}
}

// inject writes `caBundle` as cert-manager's injector does: another hand than Helm's.
func (lab *lab) inject() {
	lab.t.Helper()
	bundle := base64.StdEncoding.EncodeToString(cluster.Authority.PEM())
	for configuration, webhooks := range map[string]int{"mutatingwebhookconfigurations": 1, "validatingwebhookconfigurations": 3} {
		var patch []object
		for number := range webhooks {
			patch = append(patch, operation("add", fmt.Sprintf("/webhooks/%d/clientConfig/caBundle", number), bundle))
		}
		must(lab.t, lab.sendBytes(http.MethodPatch, "/apis/admissionregistration.k8s.io/v1/"+configuration+"/harbor-pilot?fieldManager=cert-manager-cainjector",
			"application/json-patch+json", encodedJSON(patch)).Err())
	}
}

// With cert-manager, the chart never touches what its injector writes.
func TestInstalledWithCertManager(t *testing.T) {
	pilotBinary(t)
	lab := newLab(t)
	for _, kind := range []string{"Certificate", "Issuer"} {
		path := "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
		must(t, lab.send(http.MethodPost, path, definition(kind)).Err())
		t.Cleanup(func() { lab.send(http.MethodDelete, path+"/"+strings.ToLower(kind)+"s.cert-manager.io", nil) })
		lab.eventually("the kind is served", func() error {
			return lab.send(http.MethodGet, "/apis/cert-manager.io/v1/"+strings.ToLower(kind)+"s", nil).Err()
		})
	}
	release := install(t, "--set", "tls.mode=certManager", "--set-literal", "tls.caBundle=", "--set", "registration.enabled=false")
	expectImage(t, lab.accepts(pod("before", forbidden)).at(mainImage...), forbidden)
	release.pilot.Arguments = append(release.pilot.Arguments, "--set", "registration.enabled=true")
	must(t, release.upgrade(release.policy))
	lab.inject()
	lab.allowed(operatorImage, true)
	must(t, release.upgrade(release.policy+"# changed\n"))
	lab.allowed(operatorImage, true)
	lab.allowed(forbidden, false)
	certificate := lab.stored(lab.send(http.MethodGet, "/apis/cert-manager.io/v1/namespaces/"+plane.PilotNamespace+"/certificates/harbor-pilot", nil))
	same(t, "names", certificate.at("spec", "dnsNames"), []string{"harbor-pilot." + plane.PilotNamespace + ".svc"})
}
