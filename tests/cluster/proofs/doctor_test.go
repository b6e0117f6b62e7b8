package proofs

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"harbor-pilot.io/tests/cluster/plane"
)

// doctor runs `harbor-pilot doctor` as a user of a kubeconfig.
type doctor struct {
	lab        *lab
	program    string
	kubeconfig string
}

// theDoctor is one who has the rights of deploy/doctor-rbac.yaml and no others, bound as it says.
func theDoctor(lab *lab) doctor {
	lab.t.Helper()
	const user = "doctor"
	pair, err := cluster.Authority.Issue(user, nil)
	must(lab.t, err)
	kubeconfig := filepath.Join(lab.t.TempDir(), "kubeconfig")
	must(lab.t, cluster.WriteKubeconfig(kubeconfig, "https://"+cluster.Address(), pair))
	admin := *lab
	admin.namespace = plane.PilotNamespace
	admin.kubectl("apply", "-f", repository("deploy", "doctor-rbac.yaml"))
	lab.t.Cleanup(func() {
		admin.kubectl("delete", "--ignore-not-found", "clusterrolebinding/harbor-pilot-doctor", "rolebinding/harbor-pilot-doctor",
			"clusterrole/harbor-pilot-doctor", "role/harbor-pilot-doctor")
	})
	admin.kubectl("create", "clusterrolebinding", "harbor-pilot-doctor", "--clusterrole=harbor-pilot-doctor", "--user="+user)
	admin.kubectl("create", "rolebinding", "harbor-pilot-doctor", "--role=harbor-pilot-doctor", "--user="+user)
	return doctor{lab: lab, program: pilotBinary(lab.t), kubeconfig: kubeconfig}
}

// says is what it prints, and its exit code.
func (doctor doctor) says(arguments ...string) (string, int) {
	doctor.lab.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, doctor.program, append([]string{"doctor"}, arguments...)...)
	command.Env = []string{"KUBECONFIG=" + doctor.kubeconfig}
	var said, talk bytes.Buffer
	command.Stdout, command.Stderr = &said, &talk
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		doctor.lab.t.Fatal(err)
	}
	return said.String() + talk.String(), command.ProcessState.ExitCode()
}

// content waits until nothing needs doing.
func (doctor doctor) content(arguments ...string) string {
	doctor.lab.t.Helper()
	var said string
	doctor.lab.within(time.Minute, "nothing needs doing", func() error {
		var code int
		if said, code = doctor.says(arguments...); code != 0 {
			return fmt.Errorf("exit code %d: %s", code, said)
		}
		return nil
	})
	return said
}

// finds waits until each of the parts is said, and something needs doing.
func (doctor doctor) finds(parts []string, arguments ...string) string {
	doctor.lab.t.Helper()
	var said string
	doctor.lab.within(time.Minute, fmt.Sprintf("it says %q", parts), func() error {
		var code int
		said, code = doctor.says(arguments...)
		for _, part := range parts {
			if !strings.Contains(said, part) {
				return fmt.Errorf("exit code %d: %s", code, said)
			}
		}
		if code != 1 {
			return fmt.Errorf("exit code %d: %s", code, said)
		}
		return nil
	})
	return said
}

const (
	mutatingConfiguration   = registrations + "mutatingwebhookconfigurations/harbor-pilot"
	validatingConfiguration = registrations + "validatingwebhookconfigurations/harbor-pilot"
	jsonPatch               = "application/json-patch+json"
)

// change patches an object, and returns what puts it back as it was.
func (lab *lab) change(path string, operations ...object) func() {
	lab.t.Helper()
	before := lab.stored(lab.send(http.MethodGet, path, nil))
	must(lab.t, lab.sendBytes(http.MethodPatch, path, jsonPatch, encodedJSON(operations)).Err())
	return func() { lab.putBack(path, before) }
}

// remove deletes an object, and returns what puts it back as it was.
func (lab *lab) remove(path string) func() {
	lab.t.Helper()
	before := lab.stored(lab.send(http.MethodGet, path, nil))
	must(lab.t, lab.send(http.MethodDelete, path, nil).Err())
	return func() { lab.putBack(path, before) }
}

func (lab *lab) putBack(path string, before object) {
	lab.t.Helper()
	metadata := before["metadata"].(map[string]any)
	for _, key := range []string{"resourceVersion", "uid", "creationTimestamp", "generation", "managedFields"} {
		delete(metadata, key)
	}
	delete(before, "status")
	reply := lab.send(http.MethodGet, path, nil)
	if reply.Code == http.StatusNotFound {
		must(lab.t, lab.send(http.MethodPost, path[:strings.LastIndex(path, "/")], before).Err())
		return
	}
	metadata["resourceVersion"] = lab.stored(reply).at("metadata", "resourceVersion")
	must(lab.t, lab.send(http.MethodPut, path, before).Err())
}

const pilotHost = "harbor-pilot." + plane.PilotNamespace + ".svc"

// serveCertificate has replicas serve one that ends then, for that host, and returns what has them serve
// one like the first.
func (lab *lab) serveCertificate(lasts time.Duration, host string) func() {
	lab.t.Helper()
	write := func(pair plane.KeyPair, err error) {
		must(lab.t, err)
		must(lab.t, lab.sendBytes(http.MethodPatch, "/api/v1/namespaces/"+plane.PilotNamespace+"/secrets/harbor-pilot-tls", mergePatch,
			encodedJSON(object{"data": object{"tls.crt": pair.Certificate, "tls.key": pair.Key}})).Err())
	}
	write(cluster.Authority.IssueUntil(time.Now().Add(lasts), "harbor-pilot", nil, host))
	return func() { write(cluster.Authority.Issue("harbor-pilot", nil, pilotHost)) }
}

// strayReplica is a Pod like a replica, with a policy of its own.
func (lab *lab) strayReplica(release *release) func() {
	lab.t.Helper()
	home := "/api/v1/namespaces/" + plane.PilotNamespace
	must(lab.t, lab.send(http.MethodPost, home+"/configmaps", object{
		"metadata": object{"name": "stray"}, "data": object{"policies.yaml": release.policy + "# another\n"},
	}).Err())
	spec := release.replicas(lab)[0]["spec"].(map[string]any)
	delete(spec, "nodeName")
	for _, volume := range spec["volumes"].([]any) {
		if source, ok := volume.(map[string]any)["configMap"].(map[string]any); ok {
			source["name"] = "stray"
		}
	}
	must(lab.t, lab.send(http.MethodPost, home+"/pods", object{
		"metadata": object{"name": "stray", "labels": object{"app.kubernetes.io/name": "harbor-pilot"}}, "spec": spec,
	}).Err())
	return func() {
		must(lab.t, lab.send(http.MethodDelete, home+"/pods/stray", nil).Err())
		lab.gone([]string{"stray"})
		must(lab.t, lab.send(http.MethodDelete, home+"/configmaps/stray", nil).Err())
	}
}

// scale asks for another number of replicas, and returns what asks for the usual one.
func (lab *lab) scale(replicas int) func() {
	lab.t.Helper()
	ask := func(replicas int) {
		must(lab.t, lab.sendBytes(http.MethodPatch, theDeployment, mergePatch, encodedJSON(object{"spec": object{"replicas": replicas}})).Err())
	}
	ask(replicas)
	return func() { ask(2) }
}

// serviceOfHarbor makes one as Harbor's chart makes it.
func (lab *lab) serviceOfHarbor() func() {
	lab.t.Helper()
	services := "/api/v1/namespaces/" + lab.namespace + "/services"
	must(lab.t, lab.send(http.MethodPost, services, object{
		"metadata": object{"name": "harbor-core", "labels": object{"app": "harbor"}}, "spec": object{"ports": []object{{"port": 80}}},
	}).Err())
	return func() { must(lab.t, lab.send(http.MethodDelete, services+"/harbor-core", nil).Err()) }
}

// hands is a lab where `lab` is one already.
type hands = *lab

// breakage is something that was changed by hand, and what the doctor says of it.
type breakage struct {
	name string
	// Returns what undoes it.
	by        func(hands) func()
	finds     []string
	arguments []string
}

func (doctor doctor) proves(t *testing.T, breakages []breakage) {
	for _, breakage := range breakages {
		t.Run(breakage.name, func(t *testing.T) {
			own := *doctor.lab
			own.t = t
			doctor := doctor
			doctor.lab = &own
			if breakage.arguments != nil {
				doctor.kubeconfig = cluster.Kubeconfig() // of one who may create Pods
			}
			undo := breakage.by(&own)
			undone := false
			t.Cleanup(func() {
				if !undone {
					undo()
				}
			})
			doctor.finds(breakage.finds, breakage.arguments...)
			undo()
			undone = true
			doctor.content()
		})
	}
}

// An installation with certificates of its own, looked over by one who may look and nothing else.
func TestDoctorSelfManaged(t *testing.T) {
	release := install(t, append(slices.Clone(selfManaged), "--set-json", "harborNamespaces=[]")...)
	lab := newLab(t)
	doctor := theDoctor(lab)
	lab.allowed(operatorImage, true)

	t.Run("a healthy one", func(t *testing.T) {
		said := doctor.content()
		contains(t, said, "harbor-pilot in harbor-pilot: 2 of 2 replicas ready, policy ", ", last asked about a Pod ", " s ago, certificate valid for 36", "\n0 errors, 0 warnings, ")
		report, code := doctor.says("-o", "json", "--context", "harbor-pilot", "--kubeconfig", doctor.kubeconfig)
		if code != 0 {
			t.Errorf("expected exit code 0, but found %d", code)
		}
		installation := decoded(t, []byte(report)).at("installation")
		if found := object(installation.(map[string]any)).at("replicasReady"); found != float64(2) {
			t.Errorf("expected two replicas, but found %v", found)
		}
	})

	guard, binding := registrations+"validatingadmissionpolicies/harbor-pilot", registrations+"validatingadmissionpolicybindings/harbor-pilot"
	doctor.proves(t, []breakage{
		{"the guard is gone", func(lab hands) func() { return lab.remove(guard) }, []string{"error: guard: there is no ValidatingAdmissionPolicy `harbor-pilot`", "helm upgrade harbor-pilot deploy/chart"}, nil},
		{"nobody is bound by the guard", func(lab hands) func() { return lab.remove(binding) }, []string{"error: guard: there is no ValidatingAdmissionPolicyBinding"}, nil},
		{"the guard lets everything pass", func(lab hands) func() {
			return lab.change(guard, operation("replace", "/spec/validations/0/expression", "true"))
		}, []string{"error: guard: the ValidatingAdmissionPolicy `harbor-pilot` is not what it ought to be"}, nil},
		{"the guard only warns", func(lab hands) func() {
			return lab.change(binding, operation("replace", "/spec/validationActions", []string{"Warn"}))
		}, []string{"error: guard: the ValidatingAdmissionPolicyBinding `harbor-pilot` is not what it ought to be"}, nil},
	})

	// Each rule of the manifest taken away is a finding that names the right: so none is there for nothing.
	for _, role := range []string{
		"/apis/rbac.authorization.k8s.io/v1/clusterroles/harbor-pilot-doctor",
		"/apis/rbac.authorization.k8s.io/v1/namespaces/" + plane.PilotNamespace + "/roles/harbor-pilot-doctor",
	} {
		rules := lab.stored(lab.send(http.MethodGet, role, nil))["rules"].([]any)
		for number, rule := range rules {
			rule := object(rule.(map[string]any))
			resources, _ := rule["resources"].([]any)
			if resources == nil {
				resources = []any{"the path /metrics"}
			}
			var expected []string
			for _, resource := range resources {
				expected = append(expected, fmt.Sprintf("%s %s", rule.at("verbs", 0), resource))
			}
			expected = append(expected, "warning: rights: this account may not ")
			doctor.proves(t, []breakage{{fmt.Sprintf("without the right to %v", resources), func(lab hands) func() {
				return lab.change(role, operation("remove", fmt.Sprintf("/rules/%d", number), nil))
			}, append(expected, "kubectl apply -f deploy/doctor-rbac.yaml", "--user='doctor'"), nil}})
		}
	}
	t.Run("and it may do nothing else", func(t *testing.T) {
		other := lab.as("doctor")
		for _, request := range []struct{ method, path string }{
			{http.MethodGet, theSecret},
			{http.MethodGet, "/api/v1/namespaces/" + plane.PilotNamespace + "/secrets"},
			{http.MethodGet, lab.pods()},
			{http.MethodGet, registrations + "mutatingwebhookconfigurations"},
			{http.MethodDelete, mutatingConfiguration},
			{http.MethodPatch, thePolicy},
			{http.MethodPost, "/api/v1/namespaces/default/pods"},
			{http.MethodPost, "/api/v1/namespaces/" + plane.PilotNamespace + "/pods"},
		} {
			if reply := other.send(request.method, request.path+"?dryRun=All", object{}); reply.Code != http.StatusForbidden {
				t.Errorf("%s %s: expected HTTP 403, but found %d: %s", request.method, request.path, reply.Code, reply.Message())
			}
		}
		doctor.finds([]string{"warning: rights: this account may not create pods in namespace default", "kubectl create rolebinding harbor-pilot-doctor-try -n default "}, "--try")
	})
	t.Run("a Pod that is not stored", func(t *testing.T) {
		admin := doctor
		admin.kubeconfig = cluster.Kubeconfig()
		contains(t, admin.content("--try"), "; a Pod that was tried in default would run ")
		admin.content("--try=" + lab.namespace)
		if list := lab.stored(lab.send(http.MethodGet, "/api/v1/namespaces/default/pods", nil)); len(list["items"].([]any)) != 0 {
			t.Error("expected no Pod to be stored")
		}
		contains(t, admin.content("--try=kube-system"), "note: a Pod in kube-system: none was tried: the registrations leave the namespace out, by design")
	})
	t.Run("in a Pod", func(t *testing.T) { looksFromAPod(t, release) })
	t.Run("another namespace", func(t *testing.T) {
		said := doctor.finds([]string{"error: namespace: the registrations name `harbor-pilot`, and not `default`", "fix: harbor-pilot doctor -n harbor-pilot"}, "-n", "default", "--kubeconfig", cluster.Kubeconfig())
		contains(t, said, "\n1 error, 0 warnings, 0 notes")
	})
	t.Run("no credentials", func(t *testing.T) {
		text, err := os.ReadFile(doctor.kubeconfig)
		must(t, err)
		nobody := filepath.Join(t.TempDir(), "kubeconfig")
		must(t, os.WriteFile(nobody, regexp.MustCompile(`(?s)user:\s+client-certificate-data:.*client-key-data: \S+`).ReplaceAll(text, []byte("user: {}")), 0o600))
		said, code := doctor.says("--kubeconfig", nobody)
		if code != 2 {
			t.Errorf("expected exit code 2, but found %d", code)
		}
		contains(t, said, "the kubeconfig has no credentials that the API server accepts")
		if strings.Contains(said, "clusterrolebinding") {
			t.Errorf("expected no rights for nobody, but found: %s", said)
		}
	})
	t.Run("no cluster", func(t *testing.T) {
		none := doctor
		none.kubeconfig = filepath.Join(t.TempDir(), "none")
		said, code := none.says("--kubeconfig", none.kubeconfig)
		if code != 2 {
			t.Errorf("expected exit code 2, but found %d", code)
		}
		contains(t, said, "error: the cluster could not be asked for", "help: ")
	})
}

// looksFromAPod runs it as a Pod's own account, with a token and no kubeconfig.
func looksFromAPod(t *testing.T, release *release) {
	admin := newLab(t)
	admin.namespace = plane.PilotNamespace
	account := "--serviceaccount=" + plane.PilotNamespace + ":looker"
	admin.kubectl("create", "serviceaccount", "looker")
	admin.kubectl("create", "clusterrolebinding", "looker", "--clusterrole=harbor-pilot-doctor", account)
	admin.kubectl("create", "rolebinding", "looker", "--role=harbor-pilot-doctor", account)
	t.Cleanup(func() {
		admin.kubectl("delete", "--ignore-not-found", "serviceaccount/looker", "clusterrolebinding/looker", "rolebinding/looker")
	})
	spec := release.replicas(admin)[0]["spec"].(map[string]any)
	delete(spec, "nodeName")
	spec["serviceAccountName"], spec["serviceAccount"] = "looker", "looker"
	isToken := func(one any) bool { return one.(map[string]any)["name"] == "token" }
	others := func(all any) []any {
		return slices.DeleteFunc(all.([]any), func(one any) bool { return !isToken(one) })
	}
	spec["volumes"] = others(spec["volumes"])
	container := spec["containers"].([]any)[0].(map[string]any)
	container["args"], container["volumeMounts"] = []string{"doctor"}, others(container["volumeMounts"])
	must(t, admin.send(http.MethodPost, admin.pods(), object{"metadata": object{"name": "looker"}, "spec": spec}).Err())
	t.Cleanup(func() {
		must(t, admin.send(http.MethodDelete, admin.pods()+"/looker", nil).Err())
		admin.gone([]string{"looker"})
	})
	admin.within(time.Minute, "the Pod says that nothing needs doing", func() error {
		said, err := os.ReadFile(cluster.Log("looker-harbor-pilot"))
		if err == nil && !strings.Contains(string(said), "\n0 errors, 0 warnings, ") {
			err = errors.New(string(said))
		}
		return err
	})
}

// types has Helm do what a finding says is to be typed.
func (doctor doctor) types(release *release, about string) {
	doctor.lab.t.Helper()
	_, said, found := strings.Cut(doctor.finds([]string{about}), about)
	_, said, typed := strings.Cut(said, "\n  fix: helm ")
	line, _, _ := strings.Cut(said, "\n")
	if !found || !typed {
		doctor.lab.t.Fatalf("expected a line to type, but found: %s", said)
	}
	arguments := strings.Fields(strings.ReplaceAll(strings.Replace(line, "deploy/chart", chart(), 1), "'", ""))
	_, err := release.helm(append(arguments, "--force-conflicts", "--wait", "--timeout", "60s")...)
	must(doctor.lab.t, err)
	doctor.content()
}

// One whose certificate an admin brought along: nothing puts right by itself what is broken by hand.
func TestDoctor(t *testing.T) {
	release := install(t, "--set-json", "harborNamespaces=[]")
	lab := newLab(t)
	doctor := theDoctor(lab)
	lab.allowed(operatorImage, true)
	doctor.content()
	other, err := plane.NewAuthority()
	must(t, err)

	selector := "/webhooks/0/namespaceSelector/matchExpressions/0/values"
	policyPath := "/api/v1/namespaces/" + plane.PilotNamespace + "/"
	doctor.proves(t, []breakage{
		{"the mutating registration is gone", func(lab hands) func() { return lab.remove(mutatingConfiguration) },
			[]string{"error: registration: there is no MutatingWebhookConfiguration `harbor-pilot`"}, nil},
		{"a webhook is gone", func(lab hands) func() {
			return lab.change(validatingConfiguration, operation("remove", "/webhooks/0", nil))
		},
			[]string{"error: registration: the ValidatingWebhookConfiguration has no webhook `pods.validate.harbor-pilot.io`"}, nil},
		{"a rule is another", func(lab hands) func() {
			return lab.change(mutatingConfiguration, operation("replace", "/webhooks/0/rules/0/operations", []string{"UPDATE"}))
		}, []string{"error: webhook pods.mutate.harbor-pilot.io: its `rules` is ", "helm upgrade harbor-pilot deploy/chart -n harbor-pilot --reset-then-reuse-values"}, nil},
		{"another is called", func(lab hands) func() {
			return lab.change(validatingConfiguration, operation("replace", "/webhooks/0/clientConfig/service/path", "/else"))
		}, []string{"error: webhook pods.validate.harbor-pilot.io: its `service` is "}, nil},
		{"a condition takes all Pods out", func(lab hands) func() {
			return lab.change(validatingConfiguration, operation("replace", "/webhooks/0/matchConditions/0/expression", "false"))
		}, []string{"error: webhook pods.validate.harbor-pilot.io: its `matchConditions` is "}, nil},
		{"a label takes a Pod out", func(lab hands) func() {
			return lab.change(mutatingConfiguration, operation("replace", "/webhooks/0/objectSelector", object{"matchExpressions": []object{{"key": "skip", "operator": "DoesNotExist"}}}))
		}, []string{"error: webhook pods.mutate.harbor-pilot.io: its `objectSelector` is "}, nil},
		{"the boundary is open", func(lab hands) func() {
			return lab.change(validatingConfiguration, operation("replace", "/webhooks/0/failurePolicy", ignore))
		}, []string{"warning: webhook pods.validate.harbor-pilot.io: its failurePolicy is Ignore"}, nil},
		{"a slow one holds up all", func(lab hands) func() {
			return lab.change(mutatingConfiguration, operation("replace", "/webhooks/0/timeoutSeconds", 30))
		}, []string{"warning: webhook pods.mutate.harbor-pilot.io: its `timeoutSeconds` is 30, and ought to be 5"}, nil},
		{"a namespace is left out that is not there", func(lab hands) func() {
			return lab.change(mutatingConfiguration, operation("add", selector+"/-", "nobodys"))
		}, []string{"warning: namespaces: left out are namespaces that do not exist: `nobodys`", "kubectl create namespace nobodys"}, nil},
		{"a label takes a namespace out", func(lab hands) func() {
			return lab.change(validatingConfiguration, operation("add", "/webhooks/0/namespaceSelector/matchExpressions/-", object{"key": "skip", "operator": "DoesNotExist"}))
		}, []string{"warning: webhook pods.validate.harbor-pilot.io: it asks for the labels `skip` of a namespace"}, nil},
		{"our own namespace is not left out", func(lab hands) func() {
			return lab.change(mutatingConfiguration, operation("replace", selector, []string{"kube-system", "kube-node-lease"}))
		}, []string{"error: webhook pods.mutate.harbor-pilot.io: it does not leave out our own namespace, `harbor-pilot`"}, nil},
		{"Harbor's namespace is not left out", hands.serviceOfHarbor,
			[]string{"error: Harbor: it runs in `" + lab.namespace + "`, whose Pods are looked at"}, nil},
		{"another CA is trusted", func(lab hands) func() {
			return lab.change(validatingConfiguration, operation("replace", "/webhooks/0/clientConfig/caBundle", base64.StdEncoding.EncodeToString(other.PEM())))
		}, []string{"error: the certificate of `harbor-pilot-", "`caBundle` of `pods.validate.harbor-pilot.io` does not have the CA that signed it",
			"x509: certificate signed by unknown authority", "error: a Pod in default: it can't be created: "}, []string{"--try"}},
		{"the certificate is for another", func(lab hands) func() { return lab.serveCertificate(89*24*time.Hour, "other.example.com") },
			[]string{"it is not for harbor-pilot.harbor-pilot.svc, which the API server calls"}, nil},
		{"the certificate ends soon", func(lab hands) func() { return lab.serveCertificate(5*24*time.Hour-time.Minute, pilotHost) },
			[]string{"it ends in 4 days, on ", "no Pod can be created"}, nil},
		{"the certificate has ended", func(lab hands) func() { return lab.serveCertificate(40*time.Second, pilotHost) },
			[]string{"it ended on ", "calls fail with an `x509` error"}, nil},
		{"a replica goes by another policy", func(lab hands) func() { return lab.strayReplica(release) },
			[]string{"error: policy: replicas go by different ones: ", "`stray` by "}, nil},
		{"the policy loosens a namespace that is not there", func(lab hands) func() {
			lab.configure(strings.Replace(release.policy, "match: [kube-system]", "match: [kube-system, nobodys]", 1))
			return func() { lab.configure(release.policy) }
		}, []string{"warning: namespaces: the policy loosens namespaces that do not exist: `nobodys`"}, nil},
		{"the policy is broken", func(lab hands) func() {
			asked := lab.change(validatingConfiguration, operation("replace", "/webhooks/2/matchConditions/0/expression", "false"))
			lab.eventually("a broken policy is stored", func() error {
				return lab.sendBytes(http.MethodPatch, thePolicy, mergePatch, encodedJSON(object{"data": object{"policies.yaml": broken}})).Err()
			})
			return func() {
				lab.configure(release.policy)
				asked()
			}
		}, []string{"error: policy: it is broken as it is written:", "policies.yaml:3:1", "could not take what is written: the last good policy is in force there"}, nil},
		{"one replica", func(lab hands) func() { return lab.scale(1) }, []string{"warning: replicas: the Deployment asks for one"}, nil},
		{"no replica", func(lab hands) func() { return lab.scale(0) },
			[]string{"error: replicas: none is ready", "kubectl scale deployment/harbor-pilot -n harbor-pilot --replicas=2", "no endpoints available for service",
				"error: the API server's calls: while this was looked at, "}, []string{"--try"}},
		{"no budget", func(lab hands) func() {
			return lab.remove("/apis/policy/v1/namespaces/" + plane.PilotNamespace + "/poddisruptionbudgets/harbor-pilot")
		}, []string{"warning: replicas: there is no PodDisruptionBudget `harbor-pilot`"}, nil},
		{"no Service", func(lab hands) func() { return lab.remove(policyPath + "services/harbor-pilot") },
			[]string{"error: replicas: there is no Service `harbor-pilot`", `service "harbor-pilot" not found`}, []string{"--try"}},
		{"the Service leads to another port", func(lab hands) func() {
			return lab.change(policyPath+"services/harbor-pilot", operation("replace", "/spec/ports/0/targetPort", 8444))
		}, []string{"error: the Service: its port 443 leads to 8444, and replicas listen on 8443"}, nil},
		{"the Service looks for others", func(lab hands) func() {
			return lab.change(policyPath+"services/harbor-pilot", operation("replace", "/spec/selector", object{"app.kubernetes.io/name": "harbor"}))
		}, []string{"error: the Service: its selector is ", "replicas are ready, and the Service finds none of them"}, []string{"--try"}},
		{"the API server is kept out", func(lab hands) func() {
			return lab.change("/apis/networking.k8s.io/v1/namespaces/"+plane.PilotNamespace+"/networkpolicies/harbor-pilot",
				operation("add", "/spec/ingress/0/from", []object{{"ipBlock": object{"cidr": "10.99.0.0/16"}}}))
		}, []string{"warning: network: no NetworkPolicy lets the API servers at 192.0.2.1 port 6443 in to port 8443"}, nil},
	})

	t.Run("names are written as before for a while", func(t *testing.T) {
		own, admin := *lab, doctor
		own.t, admin.lab, admin.kubeconfig = t, &own, cluster.Kubeconfig()
		other := strings.ReplaceAll(release.policy, "project: ", "project: other-")
		if other == release.policy {
			t.Fatal("expected a policy with projects")
		}
		own.configure(other)
		t.Cleanup(func() { own.configure(release.policy) })
		own.eventually("it says so, and finds no fault with the name of before", func() error {
			said, code := admin.says("--try")
			for _, part := range []string{"note: policy: names are written as before for ", "note: a Pod in default: it would run ", "/other-"} {
				if code != 0 || !strings.Contains(said, part) {
					return fmt.Errorf("exit code %d: %s", code, said)
				}
			}
			return nil
		})
	})
	t.Run("what it says to type puts things right", func(t *testing.T) {
		own, typing := *lab, doctor
		own.t, typing.lab = t, &own
		release := *release
		release.t = t
		own.remove(mutatingConfiguration)
		typing.types(&release, "error: registration: there is no MutatingWebhookConfiguration `harbor-pilot`")
		own.change(validatingConfiguration, operation("replace", "/webhooks/0/rules", []object{}))
		typing.types(&release, "error: webhook pods.validate.harbor-pilot.io: its `rules` is []")
		own.scale(1)
		typing.types(&release, "warning: replicas: the Deployment asks for one")
		own.serviceOfHarbor()
		typing.types(&release, "error: Harbor: it runs in `"+own.namespace+"`")
	})
	t.Run("the page says how to let Pods through", func(t *testing.T) {
		page, err := os.ReadFile(repository("docs", "trouble.md"))
		must(t, err)
		patch := regexp.MustCompile(`(?m)^kubectl (patch \S+ harbor-pilot --type=json) -p '(.+)'$`)
		typed := patch.FindAllStringSubmatch(string(page), -1)
		if len(typed) != 2 {
			t.Fatalf("expected two patches, but found %q", typed)
		}
		own, typing := newLab(t), doctor
		typing.lab = own
		back := own.scale(0)
		own.eventually("no Pod can be created", func() error {
			if reply := own.send(http.MethodPost, own.pods()+"?dryRun=All", pod("p", operatorImage)); !strings.Contains(reply.Message(), "no endpoints available") {
				return fmt.Errorf("HTTP %d: %s", reply.Code, reply.Message())
			}
			return nil
		})
		for _, one := range typed {
			own.kubectl(append(strings.Fields(one[1]), "-p", one[2])...)
		}
		own.eventually("Pods can be created", func() error {
			return own.send(http.MethodPost, own.pods()+"?dryRun=All", pod("p", operatorImage)).Err()
		})
		expectImage(t, own.accepts(pod("p", operatorImage)).at(mainImage...), operatorImage)
		back()
		typing.finds([]string{"warning: webhook pods.validate.harbor-pilot.io: its failurePolicy is Ignore", "note: webhook pods.mutate.harbor-pilot.io: its failurePolicy is Ignore"})
	})
}
