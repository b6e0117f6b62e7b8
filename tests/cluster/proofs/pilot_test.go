package proofs

import (
	"context"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"harbor-pilot.io/tests/cluster/plane"
	"harbor-pilot.io/tests/cluster/sandbox"
)

const policy = `apiVersion: harbor-pilot.io/v1
kind: Policy
harbor: harbor.example.com
proxies:
  - {registry: nvcr.io, project: nvidiaio}
  - {registry: docker.io, project: dockerhub}
allow: ["nvcr.io/nvidia/**", "docker.io/library/*"]
`

// pilotBinary is HARBOR_PILOT_BIN, or else what this clone was built to.
func pilotBinary(t *testing.T) string {
	t.Helper()
	given := os.Getenv("HARBOR_PILOT_BIN")
	candidates := []string{repository("target", "release", "harbor-pilot"), repository("target", "debug", "harbor-pilot")}
	if given != "" {
		candidates = []string{given}
	}
	for _, candidate := range candidates {
		if path, err := filepath.Abs(candidate); err == nil {
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
	}
	message := "NO HARBOR-PILOT BINARY: expected one of " + strings.Join(candidates, ", ") + "; build it, or set HARBOR_PILOT_BIN"
	if given != "" || os.Getenv("CI") == "true" {
		t.Fatal(message)
	}
	t.Skip(message)
	return ""
}

// startPilot registers harbor-pilot, with two replicas, until the proof ends.
func startPilot(t *testing.T) (plane.Pilot, []*plane.Process) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "policies.yaml")
	must(t, os.WriteFile(file, []byte(policy), 0o600))
	pilot := plane.Pilot{
		Binary: pilotBinary(t), Policy: file,
		Replicas: []netip.Addr{sandbox.Address(11), sandbox.Address(12)},
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	processes, err := cluster.StartPilot(ctx, pilot)
	must(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		must(t, cluster.Unregister(ctx))
		for _, process := range processes {
			cluster.Retire(process)
		}
	})
	return pilot, processes
}

// governed waits until harbor-pilot answers for the lab's namespace.
func (lab *lab) governed() {
	lab.t.Helper()
	lab.eventually("harbor-pilot is asked", func() error {
		reply := lab.send(http.MethodPost, lab.pods()+"?dryRun=All", pod("p", "nvcr.io/nvidia/cuda"))
		must(lab.t, reply.Err())
		if image := lab.stored(reply).at("spec", "containers", 0, "image"); image != "harbor.example.com/nvidiaio/nvidia/cuda" {
			return os.ErrNotExist
		}
		return nil
	})
}

// harbor-pilot itself, as production reaches it.
func TestHarborPilot(t *testing.T) {
	pilotBinary(t)
	lab := newLab(t)
	lab.created(pod("legacy", "quay.io/old/tool:1"))
	startPilot(t)
	lab.governed()

	image := []any{"spec", "containers", 0, "image"}
	t.Run("rewrites", func(t *testing.T) {
		lab.kubectl("run", "x", "--image=nvcr.io/nvidia/driver:550")
		stored := lab.stored(lab.send(http.MethodGet, lab.pods()+"/x", nil))
		if found := stored.at(image...); found != "harbor.example.com/nvidiaio/nvidia/driver:550" {
			t.Errorf("expected Harbor's image, but found %v", found)
		}
	})
	t.Run("rejects", func(t *testing.T) {
		reply := lab.create(pod("bad", "quay.io/new/tool:1"))
		const prefix = `admission webhook "pods.mutate.harbor-pilot.io" denied the request: `
		if message := reply.Message(); reply.Code != http.StatusForbidden || !strings.HasPrefix(message, prefix) || !strings.Contains(message, "quay.io/new/tool:1") {
			t.Errorf("expected a denial, but found HTTP %d: %s", reply.Code, message)
		}
	})
	t.Run("debugs", func(t *testing.T) {
		lab.kubectl("debug", "legacy", "--image=busybox:1", "--container=one", "--profile=general")
		stored := lab.stored(lab.send(http.MethodGet, lab.pods()+"/legacy", nil))
		if found := stored.at("spec", "ephemeralContainers", 0, "image"); found != "harbor.example.com/dockerhub/library/busybox:1" {
			t.Errorf("expected Harbor's image, but found %v", found)
		}
	})
	t.Run("leaves what runs alone", func(t *testing.T) {
		stored := lab.stored(lab.patch("legacy", mergePatch, object{"metadata": object{"labels": object{"a": "b"}}}))
		if found := stored.at(image...); found != "quay.io/old/tool:1" {
			t.Errorf("expected the image as it was, but found %v", found)
		}
		reply := lab.patch("legacy", strategicPatch, object{"spec": object{"containers": []object{container("main", "quay.io/new/tool:1")}}})
		if reply.Code != http.StatusForbidden {
			t.Errorf("expected HTTP 403 for a new image, but found %d: %s", reply.Code, reply.Message())
		}
	})
	t.Run("leaves a node's mirror Pods alone", func(t *testing.T) {
		stored := lab.stored(lab.as(nodeUser, "system:nodes").create(lab.mirrorPod("static")))
		if found := stored.at(image...); found != "registry.k8s.io/etcd:3" {
			t.Errorf("expected the image as it was, but found %v", found)
		}
		if reply := lab.create(lab.mirrorPod("pretended")); reply.Code != http.StatusForbidden {
			t.Errorf("expected HTTP 403 for a user's mirror Pod, but found %d: %s", reply.Code, reply.Message())
		}
	})
}

// Each replica is replaced in turn, under load, as a rolling update does it: first
// SIGTERM and the loss of readiness, then a new process at the same address.
func TestHarborPilotRollsOverWithoutALostRequest(t *testing.T) {
	pilotBinary(t)
	lab := newLab(t)
	pilot, processes := startPilot(t)
	lab.governed()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	load := newLoad(lab, pod("p", "nvcr.io/nvidia/cuda"))
	for number, address := range pilot.Replicas {
		time.Sleep(300 * time.Millisecond)
		must(t, processes[number].Signal(syscall.SIGTERM))
		must(t, cluster.Register(ctx, []netip.Addr{pilot.Replicas[1-number]}))
		if code := processes[number].ExitCode(); code != 0 {
			t.Errorf("expected exit code 0, but found %d", code)
		}
		cluster.Retire(processes[number])
		replacement, err := cluster.StartReplica(ctx, pilot, number+len(pilot.Replicas), address)
		must(t, err)
		t.Cleanup(func() { cluster.Retire(replacement) })
		must(t, cluster.Register(ctx, pilot.Replicas))
	}
	time.Sleep(300 * time.Millisecond)
	load.end()
	t.Logf("%d creates, %d failed, the slowest took %v", load.sent, len(load.failed), load.worst.Round(time.Millisecond))
	if len(load.failed) > 0 {
		t.Errorf("expected no failure, but found %d: %q", len(load.failed), load.failed[:min(3, len(load.failed))])
	}
}
