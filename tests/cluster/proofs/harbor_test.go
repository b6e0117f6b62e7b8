package proofs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// standInVariable names the program of tests/harbor, which is built outside.
const standInVariable = "HARBOR_PILOT_STAND_IN"

// harbor is the stand-in for Harbor in the network of the control plane, and who asks it.
type harbor struct {
	t          *testing.T
	folder     string
	kubeconfig string
	said       struct {
		URL      string `json:"url"`
		CAFile   string `json:"ca_file"`
		Username string `json:"username"`
		Password string `json:"password"`
		Upstream struct {
			Password string `json:"password"`
		} `json:"upstream"`
	}
}

const throughHarbor = `apiVersion: harbor-pilot.io/v1
kind: Policy
harbor: harbor.example.com
proxies:
  - registry: nvcr.io
    project: nvidiaio
    pullSecret: harbor-nvidiaio
    setup: {endpoint: {accessId: $oauthtoken, accessSecret: {env: NGC_API_KEY}}}
  - {registry: quay.io, project: quay, setup: {public: true, endpoint: {accessId: $oauthtoken, accessSecret: {env: NGC_API_KEY}}}}
`

// newHarbor starts one that has what the policy needs.
func newHarbor(t *testing.T) *harbor {
	t.Helper()
	needCluster(t)
	program := os.Getenv(standInVariable)
	if program == "" {
		const message = "NO STAND-IN FOR HARBOR: tests/harbor/build could not build it"
		if os.Getenv("CI") == "true" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	harbor := &harbor{t: t, folder: t.TempDir(), kubeconfig: cluster.Kubeconfig()}
	command := exec.Command(program, "--folder", harbor.folder)
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	must(t, err)
	output, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	t.Cleanup(func() {
		input.Close()
		_ = command.Wait() // It ends with its input.
	})
	line, err := bufio.NewReader(output).ReadBytes('\n')
	must(t, err)
	must(t, json.Unmarshal(line, &harbor.said))
	must(t, os.WriteFile(filepath.Join(harbor.folder, "policies.yaml"), []byte(throughHarbor), 0o600))
	if said, code := harbor.run("apply", "--yes"); code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	return harbor
}

// run is `harbor-pilot harbor` as Harbor's admin: what it prints, or says where it fails, and its exit code.
func (harbor *harbor) run(arguments ...string) (string, int) {
	harbor.t.Helper()
	command := exec.Command(pilotBinary(harbor.t), append([]string{"harbor"}, arguments...)...)
	command.Dir = harbor.folder
	command.Env = []string{
		"HARBOR_PILOT_HARBOR_URL=" + harbor.said.URL, "HARBOR_PILOT_CA_FILE=" + harbor.said.CAFile,
		"HARBOR_USERNAME=" + harbor.said.Username, "HARBOR_PASSWORD=" + harbor.said.Password,
		"NGC_API_KEY=" + harbor.said.Upstream.Password, "KUBECONFIG=" + harbor.kubeconfig,
	}
	var talk bytes.Buffer
	command.Stderr = &talk
	data, err := command.Output()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		harbor.t.Fatal(err)
	}
	if code := command.ProcessState.ExitCode(); len(data) == 0 {
		return talk.String(), code
	} else {
		return string(data), code
	}
}

type finding struct{ Level, About, What, Why, Fix string }

// doctor is what it finds in a lab's namespace. Others have Pods too.
func (harbor *harbor) doctor(lab *lab, arguments ...string) []finding {
	harbor.t.Helper()
	printed, code := harbor.run(append([]string{"doctor", "--cluster", "-o", "json"}, arguments...)...)
	if code != 0 && code != 1 {
		harbor.t.Fatalf("exit code %d: %s", code, printed)
	}
	var report struct{ Findings []finding }
	must(harbor.t, json.Unmarshal([]byte(printed), &report))
	var own []finding
	for _, found := range report.Findings {
		if found.About == "namespace "+lab.namespace {
			own = append(own, found)
		}
	}
	return own
}

// kubeconfigWith is a kubeconfig of one with these rights in the whole cluster, and a context of that name.
func (lab *lab) kubeconfigWith(rules ...object) string {
	lab.t.Helper()
	name := lab.namespace
	pair, err := cluster.Authority.Issue(name, nil)
	must(lab.t, err)
	file := filepath.Join(lab.t.TempDir(), "kubeconfig")
	must(lab.t, cluster.WriteKubeconfig(file, "https://"+cluster.Address(), pair))
	const group = "rbac.authorization.k8s.io"
	for kind, made := range map[string]object{
		"clusterroles":        {"metadata": object{"name": name}, "rules": rules},
		"clusterrolebindings": {"metadata": object{"name": name}, "roleRef": object{"apiGroup": group, "kind": "ClusterRole", "name": name}, "subjects": []object{{"apiGroup": group, "kind": "User", "name": name}}},
	} {
		path := "/apis/" + group + "/v1/" + kind
		must(lab.t, lab.send(http.MethodPost, path, made).Err())
		lab.t.Cleanup(func() { lab.send(http.MethodDelete, path+"/"+name, nil) })
	}
	return file
}

// `harbor doctor --cluster` says which namespaces lack the Secrets that their Pods need, and what it says
// to do helps.
func TestHarborDoctorOnACluster(t *testing.T) {
	pilotBinary(t)
	harbor := newHarbor(t)
	for _, test := range []struct {
		name   string
		pod    object
		misses bool
	}{
		{"as it is written", pod("p", "nvcr.io/nvidia/driver:550"), true},
		{"as it is rewritten", pod("p", "harbor.example.com/nvidiaio/nvidia/driver:550"), true},
		{"in an init container", pod("p", "quay.io/a/b:1").with("spec", "initContainers", []object{container("init", "nvcr.io/nvidia/init:1")}), true},
		{"in a volume", pod("p", "quay.io/a/b:1").with("spec", "volumes", []object{{"name": "model", "image": object{"reference": "nvcr.io/nim/model:1"}}}), true},
		{"of a public project", pod("p", "quay.io/a/b:1"), false},
		{"of another registry", pod("p", "gcr.io/a/b:1"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			lab, own := newLab(t), *harbor
			own.t = t
			lab.created(test.pod)
			found := own.doctor(lab)
			if !test.misses {
				if len(found) > 0 {
					t.Errorf("expected nothing, but found %+v", found)
				}
				return
			}
			own.lacks(lab, found)
		})
	}

	lab := newLab(t)
	lab.created(pod("p", "quay.io/a/b:1"))
	must(t, lab.debug(adding(container("late", "nvcr.io/nvidia/debug:1"))).Err())
	found := harbor.doctor(lab)
	harbor.lacks(lab, found)
	// To the letter: a shell would cut it at the same places.
	_, command, _ := strings.Cut(found[0].Fix, "`harbor-pilot harbor ")
	command, _, _ = strings.Cut(command, " | kubectl apply -f -`")
	secret, code := harbor.run(strings.Fields(command)...)
	if code != 0 {
		t.Fatalf("%s: exit code %d: %s", command, code, secret)
	}
	file := filepath.Join(t.TempDir(), "secret.yaml")
	must(t, os.WriteFile(file, []byte(secret), 0o600))
	lab.kubectl("apply", "-f", file)
	if found := harbor.doctor(lab); len(found) > 0 {
		t.Errorf("expected nothing once the Secret is there, but found %+v", found)
	}
}

// lacks is about a namespace without the Secret of the one private project.
func (harbor *harbor) lacks(lab *lab, found []finding) {
	harbor.t.Helper()
	if len(found) != 1 {
		harbor.t.Fatalf("expected one finding, but found %+v", found)
	}
	if found[0].Level != "error" {
		harbor.t.Errorf("expected an error, but found %+v", found[0])
	}
	contains(harbor.t, found[0].What, "project nvidiaio", "`harbor-nvidiaio` is missing")
	contains(harbor.t, found[0].Fix, "robot pull --project nvidiaio -n "+lab.namespace)
}

// The rights that its help asks for are enough, and without one of them it says which.
func TestHarborDoctorNeedsFewRights(t *testing.T) {
	pilotBinary(t)
	harbor := newHarbor(t)
	pods := object{"apiGroups": []string{""}, "resources": []string{"pods"}, "verbs": []string{"list"}}
	secrets := object{"apiGroups": []string{""}, "resources": []string{"secrets"}, "verbs": []string{"get"}}
	lab := newLab(t)
	lab.created(pod("p", "nvcr.io/nvidia/driver:550"))
	harbor.kubeconfig = lab.kubeconfigWith(pods, secrets)
	lab.eventually("the rights are known", func() error {
		if said, code := harbor.run("doctor", "--cluster"); code == 2 {
			return errors.New(said)
		}
		return nil
	})
	harbor.lacks(lab, harbor.doctor(lab, "--context", "harbor-pilot"))

	for _, test := range []struct {
		rule     object
		expected string
	}{
		{secrets, "could not be asked for its Pods"},
		{pods, "could not be asked for Secret harbor-nvidiaio in "},
	} {
		harbor.kubeconfig = newLab(t).kubeconfigWith(test.rule)
		lab.eventually("it says what it lacks", func() error {
			if said, code := harbor.run("doctor", "--cluster"); code != 2 || !strings.Contains(said, test.expected) ||
				!strings.Contains(said, "it needs the right to list Pods and to get Secrets") {
				return fmt.Errorf("exit code %d: %s", code, said)
			}
			return nil
		})
	}
	for kubeconfig, expected := range map[string]string{
		cluster.Kubeconfig():               "other",
		filepath.Join(t.TempDir(), "none"): "could not be asked for a connection",
	} {
		harbor.kubeconfig = kubeconfig
		said, code := harbor.run("doctor", "--cluster", "--context", "other")
		if code != 2 {
			t.Errorf("expected exit code 2, but found %d", code)
		}
		contains(t, said, expected, "KUBECONFIG or `--context` says which cluster")
	}
}
