// Package plane starts a real Kubernetes control plane, each component a process
// of its own, in the sandbox that the calling process is in.
package plane

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	node "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	nodelease "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat-with-lease"
	pod "sigs.k8s.io/kwok/kustomize/stage/pod/fast"

	"harbor-pilot.io/tests/cluster/sandbox"
)

const (
	apiServerPort = 6443
	// TEST-NET-2 of RFC 5737. With aggregator routing, nothing ever dials a Service's address.
	serviceNetwork = "198.51.100.0/24"
	// FakeNode is the node that kwok plays: Pods bound to it become Running.
	FakeNode = "node-1"
)

//go:embed audit-policy.yaml
var auditPolicy []byte

// Options of a control plane.
type Options struct {
	// Binaries holds the components, each under its own name.
	Binaries string
	// Folder takes everything that is written. It must exist and be empty.
	Folder string
	// Extra names and addresses that the API server's certificate is valid for.
	Hosts []string
}

// Plane is a running control plane.
type Plane struct {
	// Authority signs its certificates, and those of webhooks.
	Authority *Authority
	// Admin is in system:masters.
	Admin *Client

	folder    string
	binaries  string
	processes []*Process
}

// Start returns once Pods can be created and scheduled. The processes end with the
// sandbox, or by Stop.
func Start(ctx context.Context, options Options) (*Plane, error) {
	authority, err := NewAuthority()
	if err != nil {
		return nil, fmt.Errorf("could not make a certificate authority: %w", err)
	}
	plane := &Plane{Authority: authority, folder: options.Folder, binaries: options.Binaries}
	if err := plane.lay(options.Hosts); err != nil {
		return nil, err
	}
	if err := plane.startAll(ctx); err != nil {
		plane.Stop()
		return nil, err
	}
	return plane, nil
}

func (plane *Plane) startAll(ctx context.Context) error {
	if err := plane.component("etcd",
		"--name=etcd", "--data-dir="+plane.path("etcd"), "--log-level=warn",
		// Throw-away data need not survive a power cut.
		"--unsafe-no-fsync",
		"--listen-client-urls=http://127.0.0.1:2379", "--advertise-client-urls=http://127.0.0.1:2379",
		"--listen-peer-urls=http://127.0.0.1:2380", "--initial-advertise-peer-urls=http://127.0.0.1:2380",
		"--initial-cluster=etcd=http://127.0.0.1:2380",
	); err != nil {
		return err
	}
	if err := plane.await(ctx, "etcd listens", func(context.Context) error {
		connection, err := net.Dial("tcp", "127.0.0.1:2379")
		if err == nil {
			err = connection.Close()
		}
		return err
	}); err != nil {
		return err
	}
	gates, err := plane.featureGates()
	if err != nil {
		return err
	}
	address := sandbox.Address(1).String()
	if err := plane.component("kube-apiserver", append(gates,
		"--etcd-servers=http://127.0.0.1:2379",
		"--bind-address="+address, "--advertise-address="+address, "--secure-port="+strconv.Itoa(apiServerPort),
		"--tls-cert-file="+plane.path("pki/apiserver.crt"), "--tls-private-key-file="+plane.path("pki/apiserver.key"),
		"--client-ca-file="+plane.path("pki/ca.crt"),
		// Nothing proxies requests here, but the other components wait for these to be set.
		"--requestheader-client-ca-file="+plane.path("pki/ca.crt"), "--requestheader-allowed-names=front-proxy",
		"--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
		"--admission-control-config-file="+plane.path("admission.yaml"),
		"--service-cluster-ip-range="+serviceNetwork,
		// Webhooks that are named by a Service are dialled at their EndpointSlices' addresses.
		"--enable-aggregator-routing=true",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file="+plane.path("pki/service-accounts.crt"),
		"--service-account-signing-key-file="+plane.path("pki/service-accounts.key"),
		"--audit-policy-file="+plane.path("audit-policy.yaml"), "--audit-log-path="+plane.path("audit.log"),
		"--audit-log-mode=blocking",
		"--profiling=false",
	)...); err != nil {
		return err
	}
	if err := plane.await(ctx, "the API server is ready", plane.ready); err != nil {
		return err
	}
	if err := plane.component("kube-controller-manager",
		"--kubeconfig="+plane.path("controller-manager.kubeconfig"),
		"--authentication-kubeconfig="+plane.path("controller-manager.kubeconfig"),
		"--authorization-kubeconfig="+plane.path("controller-manager.kubeconfig"),
		"--bind-address=127.0.0.1", "--cert-dir="+plane.path("controller-manager"),
		"--root-ca-file="+plane.path("pki/ca.crt"),
		"--service-account-private-key-file="+plane.path("pki/service-accounts.key"),
		"--use-service-account-credentials=true", "--leader-elect=false",
	); err != nil {
		return err
	}
	if err := plane.component("kube-scheduler",
		"--kubeconfig="+plane.path("scheduler.kubeconfig"),
		"--authentication-kubeconfig="+plane.path("scheduler.kubeconfig"),
		"--authorization-kubeconfig="+plane.path("scheduler.kubeconfig"),
		"--bind-address=127.0.0.1", "--cert-dir="+plane.path("scheduler"),
		"--leader-elect=false",
	); err != nil {
		return err
	}
	if err := plane.component("kwok",
		"--kubeconfig="+plane.path("admin-inside.kubeconfig"), "--config="+plane.path("stages.yaml"), "--manage-all-nodes=true",
		// Without a lease, the node is taken for dead between two heartbeats, and its Pods for unready.
		"--node-lease-duration-seconds=40",
		"--node-ip="+sandbox.Address(2).String(), "--cidr=203.0.113.0/24",
	); err != nil {
		return err
	}
	if err := plane.Admin.Apply(ctx, "/api/v1/nodes/"+FakeNode, []byte(
		`{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "`+FakeNode+`"}}`)); err != nil {
		return fmt.Errorf("could not make a node: %w", err)
	}
	return plane.await(ctx, "Pods can be created", plane.reads)
}

// reads asks for what no Pod can be created without.
func (plane *Plane) reads(ctx context.Context) error {
	reply, err := plane.Admin.Do(ctx, http.MethodGet, "/api/v1/namespaces/default/serviceaccounts/default", "", nil)
	if err != nil {
		return err
	}
	return reply.Err()
}

// featureGates turn on what newer versions have by default: image volumes, since 1.35.
func (plane *Plane) featureGates() ([]string, error) {
	version, err := exec.Command(filepath.Join(plane.binaries, "kube-apiserver"), "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("could not ask kube-apiserver for its version: %w", err)
	}
	if strings.Contains(string(version), " v1.34.") {
		return []string{"--feature-gates=ImageVolume=true"}, nil
	}
	return nil, nil
}

func (plane *Plane) component(name string, arguments ...string) error {
	process, err := plane.start(name, filepath.Join(plane.binaries, name), arguments...)
	if err == nil {
		plane.processes = append(plane.processes, process)
	}
	return err
}

// Restart kills a component, as a machine does that loses its power, and starts it again. It returns
// once the API server is ready, and reads what is stored.
func (plane *Plane) Restart(ctx context.Context, name string) error {
	for number, process := range plane.processes {
		if process.name != name {
			continue
		}
		process.signal(syscall.SIGKILL)
		process.exit()
		again, err := plane.start(name, process.command.Path, process.command.Args[1:]...)
		if err != nil {
			return err
		}
		plane.processes[number] = again
		return plane.await(ctx, "the API server answers again", func(ctx context.Context) error {
			if err := plane.ready(ctx); err != nil {
				return err
			}
			return plane.reads(ctx)
		})
	}
	return fmt.Errorf("expected a component %s, but found none", name)
}

// Failed says which processes have ended by themselves; nil if none has.
func (plane *Plane) Failed() error { return errEnded(plane.processes) }

// Stop ends every process, the youngest first.
func (plane *Plane) Stop() {
	for last := len(plane.processes) - 1; last >= 0; last-- {
		_ = plane.processes[last].command.Process.Kill() // throw-away: nothing to put in order
		<-plane.processes[last].ended
	}
	plane.processes = nil
}

// AuditLog is the file with the API server's audit events, one JSON object a line.
func (plane *Plane) AuditLog() string { return plane.path("audit.log") }

// Kubeconfig is the file with which a client inside the sandbox is in system:masters.
func (plane *Plane) Kubeconfig() string { return plane.path("admin-inside.kubeconfig") }

// Log is the file with a process' output.
func (plane *Plane) Log(name string) string { return plane.path("logs/" + name + ".log") }

func (plane *Plane) path(name string) string { return filepath.Join(plane.folder, name) }

func (plane *Plane) ready(ctx context.Context) error {
	reply, err := plane.Admin.Do(ctx, http.MethodGet, "/readyz", "", nil)
	if err != nil {
		return err
	}
	return reply.Err()
}

// await asks until the answer is nil, a process ends, or the context does.
func (plane *Plane) await(ctx context.Context, what string, ask func(context.Context) error) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		if failed := plane.Failed(); failed != nil {
			return failed
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain until %s: %w", what, err)
		case <-ticker.C:
		}
	}
}

// lay writes certificates, kubeconfigs and folders.
func (plane *Plane) lay(hosts []string) error {
	for _, folder := range []string{"pki", "logs"} {
		if err := os.MkdirAll(plane.path(folder), 0o700); err != nil {
			return err
		}
	}
	// How kwok's nodes and Pods live: ready at once, and Pods of Jobs complete.
	stages := strings.Join([]string{
		node.DefaultNodeInit, nodelease.DefaultNodeHeartbeatWithLease,
		pod.DefaultPodReady, pod.DefaultPodComplete, pod.DefaultPodDelete,
	}, "\n---\n")
	// Those of one namespace have a Kubelet.
	const selector = "kind: Pod\n  selector:\n    matchExpressions:\n"
	stages = strings.ReplaceAll(stages, selector, selector+
		"    - {key: .metadata.namespace, operator: NotIn, values: ["+PilotNamespace+"]}\n")
	for file, content := range map[string][]byte{
		"audit-policy.yaml": auditPolicy,
		"stages.yaml":       []byte(stages),
		"pki/ca.crt":        plane.Authority.PEM(),
	} {
		if err := os.WriteFile(plane.path(file), content, 0o600); err != nil {
			return err
		}
	}
	hosts = append([]string{sandbox.Address(1).String(), "127.0.0.1", "localhost", "kubernetes.default.svc", "198.51.100.1"}, hosts...)
	server, err := plane.Authority.Issue("kube-apiserver", nil, hosts...)
	if err == nil {
		err = server.write(plane.path("pki"), "apiserver")
	}
	if err != nil {
		return err
	}
	accounts, err := plane.Authority.Issue("service-accounts", nil)
	if err == nil {
		err = accounts.write(plane.path("pki"), "service-accounts")
	}
	if err != nil {
		return err
	}
	if err := plane.layAdmission(); err != nil {
		return err
	}
	for file, identity := range map[string]struct{ name, group string }{
		"controller-manager": {"system:kube-controller-manager", ""},
		"scheduler":          {"system:kube-scheduler", ""},
		"admin-inside":       {"admin", "system:masters"},
	} {
		pair, err := plane.Authority.Issue(identity.name, strings.Fields(identity.group))
		if err != nil {
			return err
		}
		if err := plane.WriteKubeconfig(plane.path(file+".kubeconfig"), inside(), pair); err != nil {
			return err
		}
		if file != "admin-inside" {
			continue
		}
		if plane.Admin, err = newClient(inside(), plane.Authority, pair); err != nil {
			return err
		}
	}
	return nil
}

// Address is where the API server listens, as host:port.
func (plane *Plane) Address() string { return address() }

func address() string {
	return net.JoinHostPort(sandbox.Address(1).String(), strconv.Itoa(apiServerPort))
}

func inside() string { return "https://" + address() }
