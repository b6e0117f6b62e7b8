package proofs

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"harbor-pilot.io/tests/cluster/plane"
)

// The four webhooks, field by field: nothing more, nothing less.
func TestChartRegistersExactlyThis(t *testing.T) {
	all := rendered(t, secretTLS(t)...)
	pods := []object{
		{"operations": []string{"CREATE", "UPDATE"}, "apiGroups": []string{""}, "apiVersions": []string{"v1"}, "resources": []string{"pods"}},
		{"operations": []string{"UPDATE"}, "apiGroups": []string{""}, "apiVersions": []string{"v1"}, "resources": []string{"pods/ephemeralcontainers"}},
	}
	both := []string{"CREATE", "UPDATE"}
	workloads := []object{
		{"operations": both, "apiGroups": []string{"apps"}, "apiVersions": []string{"v1"}, "resources": []string{"deployments", "replicasets", "statefulsets", "daemonsets"}},
		{"operations": both, "apiGroups": []string{"batch"}, "apiVersions": []string{"v1"}, "resources": []string{"jobs", "cronjobs"}},
		{"operations": both, "apiGroups": []string{""}, "apiVersions": []string{"v1"}, "resources": []string{"replicationcontrollers", "podtemplates"}},
	}
	exceptMirrors := []object{{"name": "not-a-mirror-pod-of-its-node", "expression": "!('kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({})" +
		" && 'system:nodes' in request.userInfo.groups" +
		" && request.userInfo.username == 'system:node:' + object.spec.?nodeName.orValue(''))"}}
	webhook := func(name, path, failurePolicy string, rules []object, more object) object {
		expected := object{
			"name": name, "failurePolicy": failurePolicy, "rules": rules,
			"clientConfig": object{
				"service":  object{"name": "harbor-pilot", "namespace": plane.PilotNamespace, "path": path, "port": 443},
				"caBundle": cluster.Authority.PEM(),
			},
			"admissionReviewVersions": []string{"v1"}, "sideEffects": "None", "timeoutSeconds": 5,
			"namespaceSelector": object{"matchExpressions": []object{{
				"key": "kubernetes.io/metadata.name", "operator": "NotIn",
				"values": []string{"harbor", plane.PilotNamespace, "kube-node-lease", "kube-system"},
			}}},
		}
		for key, value := range more {
			expected[key] = value
		}
		return expected
	}
	mutate := of(t, all, "MutatingWebhookConfiguration")
	same(t, "mutating", mutate["webhooks"], []object{
		webhook("pods.mutate.harbor-pilot.io", "/mutate", "Fail", pods, object{"reinvocationPolicy": "IfNeeded", "matchConditions": exceptMirrors}),
	})
	validate := of(t, all, "ValidatingWebhookConfiguration")
	same(t, "validating", validate["webhooks"], []object{
		webhook("pods.validate.harbor-pilot.io", "/validate", "Fail", pods, object{"matchConditions": exceptMirrors}),
		webhook("workloads.validate.harbor-pilot.io", "/validate", "Ignore", workloads, nil),
		webhook("policy.validate.harbor-pilot.io", "/policy", "Ignore", []object{
			{"operations": both, "apiGroups": []string{""}, "apiVersions": []string{"v1"}, "resources": []string{"configmaps"}},
		}, object{
			"namespaceSelector": object{"matchLabels": object{"kubernetes.io/metadata.name": plane.PilotNamespace}},
			"matchConditions":   []object{{"name": "the-policy", "expression": "object.metadata.name == 'harbor-pilot-policy'"}},
		}),
	})
	for _, one := range []object{mutate, validate} {
		if found := one.at("metadata", "labels", "app.kubernetes.io/name"); found != "harbor-pilot" {
			t.Errorf("expected the label by which NOTES finds all of ours, but found %v", found)
		}
	}
	for _, one := range all {
		if strings.Contains(one["kind"].(string), "Role") {
			t.Errorf("expected no rights, but found a %s", one["kind"])
		}
	}

	all = rendered(t, append(secretTLS(t), "--set", "registration.mutate.failurePolicy=Ignore")...)
	if found := of(t, all, "MutatingWebhookConfiguration").at("webhooks", 0, "failurePolicy"); found != "Ignore" {
		t.Errorf("expected the mutating one on Ignore, but found %v", found)
	}
	if found := of(t, all, "ValidatingWebhookConfiguration").at("webhooks", 0, "failurePolicy"); found != "Fail" {
		t.Errorf("expected the validating one on Fail, but found %v", found)
	}
	for _, one := range rendered(t, "--set", "registration.enabled=false") {
		if strings.Contains(one["kind"].(string), "WebhookConfiguration") {
			t.Errorf("expected nothing to be registered, but found a %s", one["kind"])
		}
	}
}

// cert-manager's injector owns caBundle: what the chart does not render, no upgrade takes away.
func TestChartLeavesTheBundleToItsOwner(t *testing.T) {
	all := rendered(t, "--set", "tls.mode=certManager")
	for _, kind := range []string{"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"} {
		one := of(t, all, kind)
		same(t, "annotations", one.at("metadata", "annotations"), object{"cert-manager.io/inject-ca-from": plane.PilotNamespace + "/harbor-pilot"})
		// Its own Pods are left alone, or it could not renew a certificate that has ended.
		exempt := one.at("webhooks", 0, "namespaceSelector", "matchExpressions", 0, "values")
		same(t, "left out", exempt, []string{"cert-manager", "harbor", plane.PilotNamespace, "kube-node-lease", "kube-system"})
		if strings.Contains(string(encodedJSON(one)), "caBundle") {
			t.Errorf("expected no caBundle, but found one in the %s", kind)
		}
	}
	certificate := of(t, all, "Certificate", "harbor-pilot")
	same(t, "names", certificate.at("spec", "dnsNames"), []string{"harbor-pilot." + plane.PilotNamespace + ".svc"})
	same(t, "issuer", certificate.at("spec", "issuerRef"), object{"name": "harbor-pilot", "kind": "Issuer"})
	mounted := of(t, all, "Deployment").at("spec", "template", "spec", "volumes", 1, "secret", "secretName")
	same(t, "secret", certificate.at("spec", "secretName"), mounted)
	same(t, "the CA's secret", of(t, all, "Issuer", "harbor-pilot").at("spec", "ca", "secretName"), of(t, all, "Certificate", "harbor-pilot-ca").at("spec", "secretName"))

	all = rendered(t, "--set", "tls.mode=certManager", "--set", "tls.certManager.issuerRef.name=corporate", "--set", "tls.certManager.issuerRef.kind=ClusterIssuer")
	same(t, "issuer", of(t, all, "Certificate").at("spec", "issuerRef"), object{"name": "corporate", "kind": "ClusterIssuer"})
}

// What the schema and the templates refuse, each with a reason that names the value.
func TestChartRefuses(t *testing.T) {
	for name, refusal := range map[string]struct {
		arguments []string
		why       string
	}{
		"an unknown value":                {[]string{"--set", "failurePolicy=Ignore"}, "additional properties 'failurePolicy' not allowed"},
		"an unknown profile":              {[]string{"--set", "profile=aks"}, "value must be one of 'generic', 'tanzu', 'openshift', 'rke2'"},
		"a glob for a namespace":          {[]string{"--set", "exemptNamespaces={openshift-*}"}, "/exemptNamespaces/0"},
		"a Secret without its CA":         {[]string{"--set", "tls.mode=secret"}, "/tls/caBundle"},
		"what is no CA":                   {[]string{"--set", "tls.caBundle=x"}, "/tls/caBundle"},
		"what is no CA of before":         {[]string{"--set", "tls.mode=certManager", "--set", "tls.caBundle=x"}, "/tls/caBundle"},
		"an empty policy":                 {[]string{"--set", "policy="}, "/policy"},
		"a policy with a next-line":       {[]string{"--set", "policy=# a\n# b\u0085c"}, "policy: line 2 has a control character"},
		"a policy with a delete":          {[]string{"--set", "policy=# \x7f"}, "policy: line 1 has a control character"},
		"a tag in the repository":         {[]string{"--set", "image.repository=harbor.example.com/x:1"}, "/image/repository"},
		"a default that was taken away":   {[]string{"--set", "exemptNamespaces=null"}, "missing property 'exemptNamespaces'"},
		"no replicas":                     {[]string{"--set", "replicas=0"}, "/replicas"},
		"metrics that nobody may read":    {[]string{"--set", "serviceMonitor.enabled=true"}, "serviceMonitor.enabled needs networkPolicy.metricsFrom"},
		"a failure policy that is no one": {[]string{"--set", "registration.mutate.failurePolicy=Retry"}, "value must be one of 'Fail', 'Ignore'"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := helm(t, append([]string{"template", "x", chart()}, refusal.arguments...)...)
			if err == nil || !strings.Contains(err.Error(), refusal.why) {
				t.Errorf("expected `%s`, but found %v", refusal.why, err)
			}
		})
	}
}

// Every profile, with either source of the certificate, is taken by the API server: no unknown
// field, no invalid value, and Pods by the strictest of the Pod Security Standards.
func TestChartIsValid(t *testing.T) {
	_, err := helm(t, "lint", "--strict", chart())
	must(t, err)
	lab := newLab(t)
	must(t, lab.sendBytes(http.MethodPatch, "/api/v1/namespaces/"+lab.namespace, mergePatch, encodedJSON(object{
		"metadata": object{"labels": object{"pod-security.kubernetes.io/enforce": "restricted"}},
	})).Err())
	// Each with a namespace of the platform's that the others do not have.
	for profile, own := range map[string]string{
		"generic": "storage", "tanzu": "vmware-system-csi", "openshift": "openshift-ovn-kubernetes", "rke2": "calico-system",
	} {
		for mode, tls := range map[string][]string{"secret": secretTLS(t), "certManager": {"--set", "tls.mode=certManager"}, "selfManaged": nil} {
			arguments := append([]string{
				"template", plane.PilotRelease, chart(), "--namespace", lab.namespace, "--set", "profile=" + profile,
				"--set", "exemptNamespaces={storage}", "--set", "networkPolicy.controlPlane={10.0.0.0/24}", "--set", "image.pullSecrets={harbor}",
				"--set-json", `networkPolicy.metricsFrom=[{"namespaceSelector":{}}]`,
			}, tls...)
			t.Run(profile+" "+mode, func(t *testing.T) {
				text, err := helm(t, arguments...)
				must(t, err)
				all := objects(t, text)
				for _, one := range all {
					// Kinds of other projects, which this API server does not know.
					if strings.HasPrefix(one["apiVersion"].(string), "cert-manager.io/") {
						continue
					}
					lab.dryRun(one)
				}
				template := of(t, all, "Deployment").at("spec", "template").(map[string]any)
				must(t, lab.send(http.MethodPost, lab.pods()+"?dryRun=All&fieldValidation=Strict", object{
					"metadata": object{"name": "replica", "labels": template["metadata"].(map[string]any)["labels"]},
					"spec":     withoutAccount(template["spec"].(map[string]any)),
				}).Err())
				exempt := of(t, all, "MutatingWebhookConfiguration").at("webhooks", 0, "namespaceSelector", "matchExpressions", 0, "values").([]any)
				for _, name := range []any{own, "storage", "harbor", "kube-system", "kube-node-lease", lab.namespace} {
					if !slices.Contains(exempt, name) {
						t.Errorf("expected %v to be left out, but found %v", name, exempt)
					}
				}
				_, chosen := template["spec"].(map[string]any)["securityContext"].(map[string]any)["runAsUser"]
				if chosen == (profile == "openshift") {
					t.Errorf("expected a user except on OpenShift, but found %t", chosen)
				}
			})
		}
	}
}

// The account is made by the same chart, but not in a dry run.
func withoutAccount(spec map[string]any) object {
	copied := object{}
	for key, value := range spec {
		if key != "serviceAccountName" {
			copied[key] = value
		}
	}
	return copied
}

// dryRun has the API server look at an object, as strictly as it can.
func (lab *lab) dryRun(one object) {
	lab.t.Helper()
	command := exec.Command(filepath.Join(os.Getenv(binariesVariable), "kubectl"), "--kubeconfig", cluster.Kubeconfig(),
		"create", "--dry-run=server", "--validate=strict", "-f", "-")
	command.Stdin = strings.NewReader(string(encodedJSON(one)))
	output, err := command.CombinedOutput()
	// The installed one, in another proof, has the name.
	if err != nil && !strings.Contains(string(output), "AlreadyExists") {
		lab.t.Errorf("%s: %v: %s", one["kind"], err, output)
	}
}

// The chart carries the program's default policy, word for word, but for how hard it is.
func TestChartHasTheDefaultPolicy(t *testing.T) {
	file, err := os.ReadFile(repository("policies.yaml"))
	must(t, err)
	expected := strings.Replace(string(file), "\nenforcement: deny\n", "\nenforcement: warn\n", 1)
	found := of(t, rendered(t), "ConfigMap", "harbor-pilot-policy").at("data", "policies.yaml")
	if found != expected {
		t.Error("expected values.yaml to have policies.yaml with `enforcement: warn` as `policy`, but found another text")
	}
	kustomized, err := os.ReadFile(repository("deploy", "kustomize", "base", "policies.yaml"))
	must(t, err)
	if string(kustomized) != expected {
		t.Error("expected deploy/kustomize/base/policies.yaml to be that too, but found another text")
	}
}

// No alert asks for a number that nobody counts.
func TestChartAlertsOnWhatIsCounted(t *testing.T) {
	page, err := os.ReadFile(repository("tests", "golden", "metrics.txt"))
	must(t, err)
	// The API server shows a number once there is something to count.
	for _, failurePolicy := range []string{ignore, fail} {
		lab := newLab(t)
		lab.register([]*webhook{newHook(t, lab, unavailableFor(""))}, failurePolicy, nil, mutating)
		lab.create(pod("p", "nginx"))
	}
	counted := string(page) + string(newLab(t).send(http.MethodGet, "/metrics", nil).Body)
	rule := of(t, rendered(t, "--set", "prometheusRule.enabled=true"), "PrometheusRule")
	names := regexp.MustCompile(`\b(harbor_pilot|apiserver)_[a-z_]+`)
	var asked []string
	for _, expression := range rule.each([]any{"spec", "groups", 0, "rules"}, "expr") {
		asked = append(asked, names.FindAllString(expression.(string), -1)...)
	}
	if len(asked) < 9 {
		t.Errorf("expected each alert to ask for a number, but found %q", asked)
	}
	for _, name := range slices.Compact(asked) {
		if !strings.Contains(counted, name) {
			t.Errorf("expected a metric `%s`, but found none", name)
		}
	}
}
