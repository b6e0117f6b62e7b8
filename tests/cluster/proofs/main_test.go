// Package proofs holds what harbor-pilot's design expects of a real API server. Each
// proof has scripted webhooks, so that also the bad behaviour is seen to be bad.
package proofs

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"harbor-pilot.io/tests/cluster/plane"
	"harbor-pilot.io/tests/cluster/sandbox"
)

const (
	binariesVariable = "HARBOR_PILOT_CLUSTER_BINARIES"
	folderVariable   = "HARBOR_PILOT_CLUSTER_FOLDER"
)

var (
	record = flag.Bool("record", false, "write the fixtures anew, from what the API server sends now")

	// cluster is there once the tests run, unless unavailable says why not.
	cluster     *plane.Plane
	unavailable string
)

func TestMain(m *testing.M) {
	flag.Parse()
	if sandbox.Inside() {
		os.Exit(inside(m))
	}
	os.Exit(outside(m))
}

// outside finds the components, and runs this program again in namespaces.
func outside(m *testing.M) int {
	folder, err := os.MkdirTemp("", "harbor-pilot-proofs-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	binaries := os.Getenv(binariesVariable)
	if binaries == "" {
		if binaries, err = built("../build"); err != nil {
			return without(m, fmt.Sprintf("tests/cluster/build: %v", err))
		}
	}
	command := sandbox.Command(os.Args[1:]...)
	// Inside there is no network to fetch modules from.
	if standIn, err := built(repository("tests", "harbor", "build")); err == nil {
		command.Env = append(command.Env, standInVariable+"="+standIn)
	}
	command.Env = append(command.Env, binariesVariable+"="+binaries, folderVariable+"="+folder)
	code, err := sandbox.Run(command)
	if err != nil {
		return without(m, err.Error())
	}
	return code
}

// built is what a script prints: the path of what it built.
func built(script string) (string, error) {
	build := exec.Command(script)
	build.Stderr = os.Stderr
	output, err := build.Output()
	return strings.TrimSpace(string(output)), err
}

// without says, loudly, that nothing is proved. CI must not pass that way.
func without(m *testing.M, why string) int {
	fmt.Printf("NO CONTROL PLANE: EVERY PROOF IS SKIPPED: %s\n", why)
	if os.Getenv("CI") == "true" {
		return 1
	}
	unavailable = why
	return m.Run()
}

func inside(m *testing.M) int {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	started := time.Now()
	err := sandbox.Prepare()
	if err == nil {
		cluster, err = plane.Start(ctx, plane.Options{Binaries: os.Getenv(binariesVariable), Folder: os.Getenv(folderVariable)})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "the control plane did not start:", err)
		return 1
	}
	defer cluster.Stop()
	fmt.Printf("control plane ready after %.1f s\n", time.Since(started).Seconds())
	code := m.Run()
	if err := cluster.Failed(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// repository is a path from this clone's root.
func repository(path ...string) string {
	return filepath.Join(append([]string{"..", "..", ".."}, path...)...)
}
