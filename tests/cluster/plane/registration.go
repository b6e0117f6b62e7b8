package plane

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed registration.yaml.tmpl
var registrationText string

var registration = template.Must(template.New("registration").Parse(registrationText))

const (
	// PilotNamespace is where harbor-pilot's Service is.
	PilotNamespace = "harbor-pilot"
	pilotService   = "harbor-pilot"
	// PilotPort is where each replica listens for the API server.
	PilotPort = 8443
	// PilotOpsPort is where each replica answers /healthz, /readyz and /metrics.
	PilotOpsPort = 8080
)

// NotAMirrorPod is a match condition that is false for a mirror Pod by the kubelet
// that runs it already, and for nothing else: the annotation alone is anyone's.
const NotAMirrorPod = "!('kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({})" +
	" && 'system:nodes' in request.userInfo.groups" +
	" && request.userInfo.username == 'system:node:' + object.spec.?nodeName.orValue(''))"

// Pilot is a program that serves as harbor-pilot does.
type Pilot struct {
	Binary string
	Policy string
	// Replicas are the addresses of its processes, one each.
	Replicas []netip.Addr
}

// StartPilot starts the replicas, waits until each can decide, and registers them.
func (plane *Plane) StartPilot(ctx context.Context, pilot Pilot) ([]*Process, error) {
	host := pilotService + "." + PilotNamespace + ".svc"
	pair, err := plane.Authority.Issue("harbor-pilot", nil, host)
	if err == nil {
		err = pair.write(plane.path("pki"), "harbor-pilot")
	}
	if err != nil {
		return nil, err
	}
	var processes []*Process
	for number, address := range pilot.Replicas {
		process, err := plane.StartReplica(ctx, pilot, number, address)
		if err != nil {
			return nil, err
		}
		processes = append(processes, process)
	}
	return processes, plane.Register(ctx, pilot.Replicas)
}

// StartReplica starts one more process of a pilot that was started before, and
// waits until it can decide. It is in no EndpointSlice until Register names it.
func (plane *Plane) StartReplica(ctx context.Context, pilot Pilot, number int, address netip.Addr) (*Process, error) {
	for _, file := range []string{pilot.Binary, pilot.Policy} {
		if !filepath.IsAbs(file) {
			return nil, fmt.Errorf("expected an absolute path, but found `%s`", file)
		}
	}
	ops := netip.AddrPortFrom(address, PilotOpsPort)
	process, err := plane.Launch(fmt.Sprintf("harbor-pilot-%d", number), pilot.Binary, "serve",
		"--policy", pilot.Policy,
		"--listen", netip.AddrPortFrom(address, PilotPort).String(), "--ops-listen", ops.String(),
		"--tls-cert", plane.path("pki/harbor-pilot.crt"), "--tls-key", plane.path("pki/harbor-pilot.key"))
	if err != nil {
		return nil, err
	}
	return process, plane.await(ctx, "harbor-pilot is ready", func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+ops.String()+"/readyz", nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("/readyz: %s", response.Status)
		}
		return nil
	})
}

// registered is what Register writes, in the order of the template's documents.
var registered = []string{
	"/api/v1/namespaces/" + PilotNamespace,
	"/api/v1/namespaces/" + PilotNamespace + "/services/" + pilotService,
	"/apis/discovery.k8s.io/v1/namespaces/" + PilotNamespace + "/endpointslices/" + pilotService,
	mutatingConfiguration,
	validatingConfiguration,
}

const (
	mutatingConfiguration   = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/harbor-pilot"
	validatingConfiguration = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/harbor-pilot"
)

// Register writes harbor-pilot's Service, its EndpointSlice with those replicas,
// and its webhook configurations, or brings them up to date.
func (plane *Plane) Register(ctx context.Context, replicas []netip.Addr) error {
	var text bytes.Buffer
	if err := registration.Execute(&text, map[string]any{
		"Namespace":     PilotNamespace,
		"Service":       pilotService,
		"Port":          PilotPort,
		"Addresses":     replicas,
		"NotAMirrorPod": NotAMirrorPod,
		"CABundle":      base64.StdEncoding.EncodeToString(plane.Authority.PEM()),
	}); err != nil {
		return err
	}
	// Kept beside the other files for whoever wants to see what was registered.
	if err := os.WriteFile(plane.path("registration.yaml"), text.Bytes(), 0o600); err != nil {
		return err
	}
	documents := strings.Split(text.String(), "\n---\n")
	if len(documents) != len(registered) {
		return fmt.Errorf("expected %d documents in the registration, but found %d", len(registered), len(documents))
	}
	for index, path := range registered {
		if err := plane.Admin.Apply(ctx, path, []byte(documents[index])); err != nil {
			return fmt.Errorf("could not register: %s: %w", path, err)
		}
	}
	return nil
}

// Unregister removes the webhook configurations.
func (plane *Plane) Unregister(ctx context.Context) error {
	for _, path := range []string{mutatingConfiguration, validatingConfiguration} {
		reply, err := plane.Admin.Do(ctx, http.MethodDelete, path, "", nil)
		if err == nil {
			err = reply.Err()
		}
		if err != nil {
			return fmt.Errorf("could not unregister: %s: %w", path, err)
		}
	}
	return nil
}
