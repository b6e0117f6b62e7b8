package proofs

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"harbor-pilot.io/tests/cluster/plane"
)

// lab is one proof's namespace, with the webhooks that are registered for it alone.
type lab struct {
	t         *testing.T
	client    *plane.Client
	namespace string
	// watched is the namespace whose Pods its webhooks see: its own, as a rule.
	watched string
}

var labs atomic.Int32

func needCluster(t *testing.T) {
	t.Helper()
	if unavailable != "" {
		t.Skip("no control plane: " + unavailable)
	}
}

// newLab makes a namespace in which Pods can be created.
func newLab(t *testing.T) *lab {
	t.Helper()
	needCluster(t)
	name := strings.Map(func(letter rune) rune {
		if letter >= 'a' && letter <= 'z' || letter >= '0' && letter <= '9' {
			return letter
		}
		return '-'
	}, strings.ToLower(strings.TrimPrefix(t.Name(), "Test")))
	// Configurations are called in the order of their names: the later lab's last.
	name = fmt.Sprintf("%s-%03d", name[:min(len(name), 50)], labs.Add(1))
	lab := &lab{t: t, client: cluster.Admin, namespace: name, watched: name}
	must(t, lab.send(http.MethodPost, "/api/v1/namespaces", object{"metadata": object{"name": name}}).Err())
	t.Cleanup(func() { lab.send(http.MethodDelete, "/api/v1/namespaces/"+name, nil) })
	lab.eventually("the namespace has its ServiceAccount", func() error {
		return lab.send(http.MethodGet, "/api/v1/namespaces/"+name+"/serviceaccounts/default", nil).Err()
	})
	return lab
}

// as is the same lab with another user's hands.
func (lab *lab) as(user string, groups ...string) *lab {
	other := *lab
	other.client = lab.client.As(user, groups...)
	return &other
}

// sendBytes sends one request; that there is no answer fails the proof.
func (lab *lab) sendBytes(method, path, contentType string, body []byte) *plane.Reply {
	lab.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	reply, err := lab.client.Do(ctx, method, path, contentType, body)
	must(lab.t, err)
	return reply
}

func (lab *lab) send(method, path string, body object) *plane.Reply {
	lab.t.Helper()
	var text []byte
	if body != nil {
		text = encodedJSON(body)
	}
	return lab.sendBytes(method, path, "application/json", text)
}

func (lab *lab) pods() string { return "/api/v1/namespaces/" + lab.namespace + "/pods" }

func (lab *lab) create(pod object) *plane.Reply {
	lab.t.Helper()
	return lab.send(http.MethodPost, lab.pods(), pod)
}

// created is create, where anything but success fails the proof.
func (lab *lab) created(pod object) object {
	lab.t.Helper()
	return lab.stored(lab.create(pod))
}

// stored is the object in a successful reply.
func (lab *lab) stored(reply *plane.Reply) object {
	lab.t.Helper()
	var stored object
	must(lab.t, reply.Decode(&stored))
	return stored
}

const (
	mergePatch     = "application/merge-patch+json"
	strategicPatch = "application/strategic-merge-patch+json"
)

func (lab *lab) patch(pod, kind string, change object) *plane.Reply {
	lab.t.Helper()
	return lab.sendBytes(http.MethodPatch, lab.pods()+"/"+pod, kind, encodedJSON(change))
}

// patience is long: a busy machine is slow, and one that waits in vain has failed anyway.
const patience = time.Minute

func (lab *lab) eventually(what string, ask func() error) {
	lab.t.Helper()
	lab.within(patience, what, ask)
}

func (lab *lab) within(patience time.Duration, what string, ask func() error) {
	lab.t.Helper()
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err = ask(); err == nil {
			return
		}
	}
	lab.t.Fatalf("waited in vain until %s: %v", what, err)
}

// role is which of the two webhook configurations a hook stands in.
type role struct {
	resource, kind, name, path string
}

var (
	mutating   = role{"mutatingwebhookconfigurations", "MutatingWebhookConfiguration", "m.test.example.com", "/mutate"}
	validating = role{"validatingwebhookconfigurations", "ValidatingWebhookConfiguration", "v.test.example.com", "/validate"}
)

const (
	fail   = "Fail"
	ignore = "Ignore"
)

func (lab *lab) hookHost() string { return "hook." + lab.namespace + ".svc" }

// watching is the lab with its webhooks on another one's Pods.
func (lab *lab) watching(other *lab) *lab {
	changed := *lab
	changed.watched = other.namespace
	return &changed
}

// register makes the hooks the replicas of one Service, which the API server calls
// for this namespace's Pods in each of the roles, and waits until it does. Extra
// fields of the webhook win over the usual ones.
func (lab *lab) register(hooks []*webhook, failurePolicy string, extra object, roles ...role) {
	lab.t.Helper()
	if extra["clientConfig"] == nil {
		lab.expose(hooks...)
	}
	for _, role := range roles {
		lab.registration(failurePolicy, extra, role)
		lab.eventually("the API server calls "+role.path, func() error {
			for _, hook := range hooks {
				hook.probed.Store(nil)
			}
			reply := lab.send(http.MethodPost, "/api/v1/namespaces/"+lab.watched+"/pods?dryRun=All", pod(probe, "nginx"))
			for _, hook := range hooks {
				if at := hook.probed.Load(); at != nil && *at == role.path {
					return reply.Err()
				}
			}
			return fmt.Errorf("not called; the API server said: %s", reply.Message())
		})
	}
}

// expose makes the hooks the replicas of the lab's Service.
func (lab *lab) expose(hooks ...*webhook) {
	lab.t.Helper()
	lab.endpoints(hooks...)
	must(lab.t, lab.send(http.MethodPost, "/api/v1/namespaces/"+lab.namespace+"/services", object{
		"metadata": object{"name": "hook"},
		"spec":     object{"ports": []object{{"name": "https", "port": 443, "targetPort": 8443}}},
	}).Err())
}

// registration has the API server call the lab's Service in a role, some time soon.
func (lab *lab) registration(failurePolicy string, extra object, role role) {
	lab.t.Helper()
	webhook := object{
		"name": role.name,
		"clientConfig": object{
			"service":  object{"name": "hook", "namespace": lab.namespace, "path": role.path},
			"caBundle": base64.StdEncoding.EncodeToString(cluster.Authority.PEM()),
		},
		"rules": []object{
			{"operations": []string{"CREATE", "UPDATE"}, "apiGroups": []string{""}, "apiVersions": []string{"v1"}, "resources": []string{"pods"}},
			{"operations": []string{"UPDATE"}, "apiGroups": []string{""}, "apiVersions": []string{"v1"}, "resources": []string{"pods/ephemeralcontainers"}},
		},
		"admissionReviewVersions": []string{"v1"},
		"sideEffects":             "None",
		"failurePolicy":           failurePolicy,
		"timeoutSeconds":          5,
		"namespaceSelector":       object{"matchLabels": object{"kubernetes.io/metadata.name": lab.watched}},
	}
	for key, value := range extra {
		webhook[key] = value
	}
	path := "/apis/admissionregistration.k8s.io/v1/" + role.resource
	must(lab.t, lab.send(http.MethodPost, path, object{
		"apiVersion": "admissionregistration.k8s.io/v1",
		"kind":       role.kind,
		"metadata":   object{"name": lab.namespace},
		"webhooks":   []object{webhook},
	}).Err())
	lab.t.Cleanup(func() { lab.send(http.MethodDelete, path+"/"+lab.namespace, nil) })
}

// endpoints makes the hooks the addresses of the lab's Service.
func (lab *lab) endpoints(hooks ...*webhook) {
	lab.t.Helper()
	var addresses []string
	for _, hook := range hooks {
		addresses = append(addresses, hook.address.Addr().String())
	}
	must(lab.t, lab.endpointSlice(lab.namespace, "hook", "hook", addresses))
}

// endpointSlice makes these the addresses of a Service's port `https`, in the slice of that name.
func (lab *lab) endpointSlice(namespace, name, service string, addresses []string) error {
	endpoints := []object{}
	for _, address := range addresses {
		endpoints = append(endpoints, object{"addresses": []string{address}, "conditions": object{"ready": true}})
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return lab.client.Apply(ctx, endpointSlices(namespace)+"/"+name, encodedJSON(object{
		"apiVersion":  "discovery.k8s.io/v1",
		"kind":        "EndpointSlice",
		"metadata":    object{"name": name, "labels": object{"kubernetes.io/service-name": service}},
		"addressType": "IPv4",
		"ports":       []object{{"name": "https", "port": 8443, "protocol": "TCP"}},
		"endpoints":   endpoints,
	}))
}

func endpointSlices(namespace string) string {
	return "/apis/discovery.k8s.io/v1/namespaces/" + namespace + "/endpointslices"
}

// kubectl runs it on the lab's namespace, and returns what it printed.
func (lab *lab) kubectl(arguments ...string) string {
	lab.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(os.Getenv(binariesVariable), "kubectl"),
		append([]string{"--kubeconfig", cluster.Kubeconfig(), "--namespace", lab.namespace}, arguments...)...)
	output, err := command.CombinedOutput()
	if err != nil {
		lab.t.Fatalf("kubectl %s: %v: %s", strings.Join(arguments, " "), err, output)
	}
	return string(output)
}

// decoded is a JSON object as it stands in a text.
func decoded(t *testing.T, text []byte) object {
	t.Helper()
	var value object
	must(t, json.Unmarshal(text, &value))
	return value
}

// decode makes of a value written in a proof what a reader of its JSON gets.
func decode(value, into any) error {
	return json.Unmarshal(encodedJSON(value), into)
}

// only is the one call that there was.
func only(t *testing.T, calls []call) call {
	t.Helper()
	if len(calls) != 1 {
		t.Fatalf("expected one call, but found %d: %s", len(calls), paths(calls))
	}
	return calls[0]
}

func paths(calls []call) string {
	var all []string
	for _, call := range calls {
		all = append(all, call.path)
	}
	return strings.Join(all, " ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func encodedJSON(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // a proof's own literal
	}
	return text
}
