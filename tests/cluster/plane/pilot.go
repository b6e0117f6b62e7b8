package plane

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
)

const (
	// PilotNamespace is where harbor-pilot is installed. Its Pods have a Kubelet.
	PilotNamespace = "harbor-pilot"
	// PilotRelease is the name of its Helm release.
	PilotRelease = "harbor-pilot"
	// PilotOpsPort is where each replica answers /healthz, /readyz and /metrics.
	PilotOpsPort = 8080
)

// Pilot is harbor-pilot as it is installed.
type Pilot struct {
	// Chart is the folder of its chart, Policy its policy file.
	Chart, Policy string
	Replicas      int
	// More arguments of helm.
	Arguments []string
}

// PreparePilot makes what an admin brings along: the namespace, and a Secret with a
// certificate.
func (plane *Plane) PreparePilot(ctx context.Context) error {
	host := "harbor-pilot." + PilotNamespace + ".svc"
	pair, err := plane.Authority.Issue("harbor-pilot", nil, host)
	if err != nil {
		return err
	}
	namespace := "/api/v1/namespaces/" + PilotNamespace
	if err := plane.Admin.Apply(ctx, namespace, fmt.Appendf(nil, `
apiVersion: v1
kind: Namespace
metadata:
  name: %s
  labels: {pod-security.kubernetes.io/enforce: restricted}
`, PilotNamespace)); err != nil {
		return err
	}
	return plane.Admin.Apply(ctx, namespace+"/secrets/harbor-pilot-tls", fmt.Appendf(nil, `
apiVersion: v1
kind: Secret
metadata: {name: harbor-pilot-tls}
type: kubernetes.io/tls
stringData:
  tls.crt: %q
  tls.key: %q
`, pair.Certificate, pair.Key))
}

// HelmArguments are those of `helm install` and `helm upgrade` for it.
func (plane *Plane) HelmArguments(pilot Pilot) []string {
	return append([]string{
		PilotRelease, pilot.Chart, "--namespace", PilotNamespace, "--wait", "--timeout", "60s",
		"--set", "tls.mode=secret", "--set-file", "tls.caBundle=" + plane.path("pki/ca.crt"),
		"--set-file", "policy=" + pilot.Policy, "--set", "replicas=" + strconv.Itoa(pilot.Replicas),
	}, pilot.Arguments...)
}

// InstallPilot installs it, and returns once its replicas are ready.
func (plane *Plane) InstallPilot(ctx context.Context, pilot Pilot) error {
	if err := plane.PreparePilot(ctx); err != nil {
		return err
	}
	output, err := plane.Helm(ctx, append([]string{"install"}, plane.HelmArguments(pilot)...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("helm install: %w: %s\n%s", err, output, tail(plane.Log("kubelet"), 15))
	}
	return nil
}

// Helm is helm with those arguments, as an admin.
func (plane *Plane) Helm(ctx context.Context, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, filepath.Join(plane.binaries, "helm"), arguments...)
	command.Env = append(command.Environ(), "KUBECONFIG="+plane.Kubeconfig(),
		// Nothing of its user's, and nothing left with its user.
		"HELM_CACHE_HOME="+plane.path("helm/cache"), "HELM_CONFIG_HOME="+plane.path("helm/config"), "HELM_DATA_HOME="+plane.path("helm/data"))
	return command
}
