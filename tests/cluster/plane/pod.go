package plane

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	core "k8s.io/api/core/v1"

	"harbor-pilot.io/tests/cluster/sandbox"
)

// podRun is the life of one Pod on the node.
type podRun struct {
	kubelet  *Kubelet
	pod      core.Pod
	address  netip.Addr
	root     string
	volumes  map[string]*volume
	going    chan struct{}
	once     sync.Once
	ended    chan struct{}
	stored   atomic.Pointer[core.PodStatus]
	reported []byte
	failures int32 // of the readiness probe, in a row
	restarts int32
	started  time.Time
	process  atomic.Pointer[Process]
	// back is when a process that was killed may start again.
	back atomic.Pointer[time.Time]
	// mounted is held by who has what is mounted stay as it is.
	mounted sync.Mutex
}

func newPodRun(kubelet *Kubelet, pod core.Pod) *podRun {
	return &podRun{
		kubelet: kubelet, pod: pod, volumes: map[string]*volume{},
		root:  filepath.Join(kubelet.image.folder, pod.Name),
		going: make(chan struct{}), ended: make(chan struct{}),
	}
}

// terminate asks it to end; it may be asked twice.
func (run *podRun) terminate() { run.once.Do(func() { close(run.going) }) }

func (run *podRun) live(ctx context.Context) {
	defer close(run.ended)
	run.address = <-run.kubelet.free
	defer func() { run.kubelet.free <- run.address }()
	defer os.RemoveAll(run.root)

	process, err := run.begin(ctx)
	if err != nil {
		return // asked to end before it began
	}
	run.process.Store(process)
	ticker := time.NewTicker(kubeletPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-run.going:
			run.end(ctx, process)
			return
		case <-process.ended:
			run.restarts++
			run.kubelet.log("%s ended by itself: %s", run.pod.Name, process.exit())
			run.away(ctx)
			if process, err = run.start(run.pod.Spec.Containers[0]); err != nil {
				run.kubelet.log("%s: %v", run.pod.Name, err)
				return
			}
			run.process.Store(process)
		case <-ticker.C:
		}
		run.refresh(ctx)
		run.report(ctx, core.PodRunning, run.ready(ctx), "")
	}
}

// away reports a Pod without a process as what it is, for as long as it has to be one.
func (run *podRun) away(ctx context.Context) {
	run.failures = run.pod.Spec.Containers[0].ReadinessProbe.FailureThreshold
	for {
		run.report(ctx, core.PodRunning, false, "")
		back := run.back.Load()
		if back == nil || time.Now().After(*back) {
			return
		}
		select {
		case <-run.going:
			return
		case <-time.After(kubeletPeriod):
		}
	}
}

// begin mounts, runs the init containers, and starts the only container.
func (run *podRun) begin(ctx context.Context) (*Process, error) {
	var process *Process
	for _, step := range []func() error{
		func() error { return run.mount(ctx) },
		func() error { return run.initialise(ctx) },
		func() (err error) {
			process, err = run.start(run.pod.Spec.Containers[0])
			return err
		},
	} {
		for wait := kubeletPeriod; ; wait = min(2*wait, 2*time.Second) {
			err := step()
			if err == nil {
				break
			}
			run.kubelet.log("%s: %v", run.pod.Name, err)
			run.report(ctx, core.PodPending, false, err.Error())
			select {
			case <-run.going:
				run.remove(ctx)
				return nil, err
			case <-time.After(wait):
			}
		}
	}
	run.started = time.Now()
	run.failures = run.pod.Spec.Containers[0].ReadinessProbe.FailureThreshold // not ready until it says so
	return process, nil
}

func (run *podRun) mount(ctx context.Context) error {
	if len(run.pod.Spec.Containers) != 1 {
		return fmt.Errorf("expected one container, but found %d", len(run.pod.Spec.Containers))
	}
	if err := os.RemoveAll(run.root); err != nil {
		return err
	}
	if err := run.kubelet.image.root(run.root); err != nil {
		return err
	}
	mounts := map[string]string{}
	for _, container := range append(run.pod.Spec.InitContainers, run.pod.Spec.Containers...) {
		for _, mount := range container.VolumeMounts {
			if mount.SubPath != "" || mounts[mount.Name] != "" && mounts[mount.Name] != mount.MountPath {
				return fmt.Errorf("expected volume %s whole, at one place", mount.Name)
			}
			mounts[mount.Name] = mount.MountPath
		}
	}
	for _, spec := range run.pod.Spec.Volumes {
		volume, err := newVolume(&run.pod, spec, filepath.Join(run.root, mounts[spec.Name]))
		if err == nil {
			err = volume.refresh(ctx, run.kubelet)
		}
		if err != nil {
			return err
		}
		run.volumes[spec.Name] = volume
	}
	return nil
}

func (run *podRun) refresh(ctx context.Context) {
	if !run.mounted.TryLock() {
		return
	}
	defer run.mounted.Unlock()
	for _, volume := range run.volumes {
		// A mounted object that is gone leaves the files as they are.
		if err := volume.refresh(ctx, run.kubelet); err != nil {
			run.kubelet.log("%s: %v", run.pod.Name, err)
		}
	}
}

func (run *podRun) initialise(ctx context.Context) error {
	run.refresh(ctx)
	for _, container := range run.pod.Spec.InitContainers {
		process, err := run.start(container)
		if err != nil {
			return err
		}
		if state := process.exit(); !state.Success() {
			return fmt.Errorf("init container %s: %s\n%s", container.Name, state, tail(process.log, 15))
		}
	}
	return nil
}

// start runs a container's command in its root, as its user, with its variables.
func (run *podRun) start(container core.Container) (*Process, error) {
	arguments := container.Command
	if len(arguments) == 0 {
		arguments = []string{run.kubelet.image.entrypoint}
	}
	for _, argument := range container.Args {
		// Its own address, where a Pod has a network of its own.
		arguments = append(arguments, strings.Replace(argument, "=0.0.0.0:", "="+run.address.String()+":", 1))
	}
	command := exec.Command(arguments[0], arguments[1:]...)
	command.Dir = "/"
	host, port, err := net.SplitHostPort(run.kubelet.plane.Address())
	if err != nil {
		return nil, err
	}
	// Every container of a cluster has these, service links or not.
	command.Env = []string{"KUBERNETES_SERVICE_HOST=" + host, "KUBERNETES_SERVICE_PORT=" + port}
	for _, variable := range container.Env {
		if variable.ValueFrom != nil {
			return nil, fmt.Errorf("variable %s: expected a value", variable.Name)
		}
		command.Env = append(command.Env, variable.Name+"="+variable.Value)
	}
	command.SysProcAttr = &syscall.SysProcAttr{Chroot: run.root}
	if security := run.pod.Spec.SecurityContext; security != nil && security.RunAsUser != nil && !sandbox.Rootless() {
		command.SysProcAttr.Credential = &syscall.Credential{
			Uid: uint32(*security.RunAsUser), Gid: uint32(*security.RunAsGroup), Groups: []uint32{uint32(*security.FSGroup)},
		}
	}
	return run.kubelet.plane.run(run.pod.Name+"-"+container.Name, command)
}

// end is SIGTERM, patience, SIGKILL. Readiness is asked for until the end, as a kubelet does.
func (run *podRun) end(ctx context.Context, process *Process) {
	patience := time.Duration(*run.pod.Spec.TerminationGracePeriodSeconds) * time.Second
	process.signal(syscall.SIGTERM)
	deadline, ticker := time.After(patience), time.NewTicker(kubeletPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-process.ended:
			run.kubelet.log("%s ended after SIGTERM: %s", run.pod.Name, process.exit())
			run.remove(ctx)
			return
		case <-deadline:
			run.kubelet.log("%s did not end in %s", run.pod.Name, patience)
			process.signal(syscall.SIGKILL)
		case <-ticker.C:
			run.report(ctx, core.PodRunning, run.ready(ctx), "")
		}
	}
}

// remove tells the API server that nothing of the Pod is left.
func (run *podRun) remove(ctx context.Context) {
	if err := run.kubelet.send(ctx, http.MethodDelete, "pods/"+run.pod.Name, "application/json", map[string]any{
		"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0, "preconditions": map[string]any{"uid": run.pod.UID},
	}); err != nil {
		run.kubelet.log("could not remove %s: %v", run.pod.Name, err)
	}
}
