package proofs

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

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

// injector does what cert-manager's does, until the proof ends: wherever its annotation stands, `caBundle` is
// its CA and nothing else. It is another hand than Helm's.
func (lab *lab) injector() {
	bundle := base64.StdEncoding.EncodeToString(cluster.Authority.PEM())
	stop := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		for {
			for _, kind := range []string{"mutatingwebhookconfigurations", "validatingwebhookconfigurations"} {
				lab.inject(registrations+kind+"/harbor-pilot", bundle)
			}
			select {
			case <-stop:
				return
			case <-time.After(time.Second):
			}
		}
	})
	lab.t.Cleanup(func() {
		close(stop)
		ended.Wait()
	})
}

// inject looks at one configuration. What goes wrong is tried again.
func (lab *lab) inject(path, bundle string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	reply, err := lab.client.Do(ctx, http.MethodGet, path, "", nil)
	var stored object
	if err != nil || reply.Decode(&stored) != nil {
		return
	}
	webhooks, _ := stored["webhooks"].([]any)
	if stored.at("metadata", "annotations", "cert-manager.io/inject-ca-from") == nil {
		return
	}
	// A configuration that has changed since is the next look's.
	patch := []object{operation("test", "/metadata/resourceVersion", stored.at("metadata", "resourceVersion"))}
	for number, webhook := range webhooks {
		if object(webhook.(map[string]any)).at("clientConfig", "caBundle") != bundle {
			patch = append(patch, operation("add", fmt.Sprintf("/webhooks/%d/clientConfig/caBundle", number), bundle))
		}
	}
	if len(patch) > 1 {
		_, _ = lab.client.Do(ctx, http.MethodPatch, path+"?fieldManager=cert-manager-cainjector", "application/json-patch+json", encodedJSON(patch))
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
	lab.injector()
	mode := func(mode string, more ...string) {
		release.pilot.Arguments = append([]string{"--set", "tls.mode=" + mode}, more...)
	}
	withoutBundle := []string{"--set-literal", "tls.caBundle="}
	mode("certManager", withoutBundle...)
	must(t, release.upgrade(release.policy))
	lab.allowed(operatorImage, true)
	must(t, release.upgrade(release.policy+"# changed\n"))
	lab.allowed(operatorImage, true)
	lab.allowed(forbidden, false)
	certificate := lab.stored(lab.send(http.MethodGet, theCertificate, nil))
	same(t, "names", certificate.at("spec", "dnsNames"), []string{"harbor-pilot." + plane.PilotNamespace + ".svc"})

	// As docs/install.md says it: to certificates that look after themselves.
	stream := newStream(lab, samples...)
	mode("selfManaged", withoutBundle...)
	lab.whileHurried(func() { must(t, release.upgrade(release.policy, "--timeout", "90s")) })
	lab.allServe(release, "")
	stream.lostNothing(t)
	for _, bundle := range lab.registeredBundles() {
		contains(t, bundle, string(cluster.Authority.PEM()), lab.secret()["ca.crt"])
	}
	if reply := lab.send(http.MethodGet, theCertificate, nil); reply.Code != http.StatusNotFound {
		t.Errorf("expected no Certificate in that mode, but found HTTP %d", reply.Code)
	}

	// And back, by way of `secret`: what cert-manager made is served again before its injector writes.
	stream = newStream(lab, samples...)
	both := t.TempDir() + "/both.crt"
	must(t, os.WriteFile(both, []byte(string(cluster.Authority.PEM())+lab.secret()["ca.crt"]), 0o600))
	mode("secret", "--set-file", "tls.caBundle="+both)
	must(t, release.upgrade(release.policy, "--force-conflicts"))
	mode("certManager", "--set-file", "tls.caBundle="+both)
	must(t, release.upgrade(release.policy))
	lab.eventually("the injector's CA alone is trusted", lab.onlyTheInjectors)
	mode("certManager", withoutBundle...)
	must(t, release.upgrade(release.policy))
	must(t, lab.onlyTheInjectors())
	stream.lostNothing(t)
	lab.allowed(operatorImage, true)
	lab.allowed(forbidden, false)
}

const theCertificate = "/apis/cert-manager.io/v1/namespaces/" + plane.PilotNamespace + "/certificates/harbor-pilot"

func (lab *lab) onlyTheInjectors() error {
	for _, bundle := range lab.registeredBundles() {
		if bundle != string(cluster.Authority.PEM()) {
			return errors.New("not yet")
		}
	}
	return nil
}
