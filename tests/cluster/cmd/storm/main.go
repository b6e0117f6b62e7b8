// Command storm creates Pods by the thousand on a real control plane, with the webhook and without it
// in turn, and says what that cost whom. tests/cluster/storm builds and calls it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"harbor-pilot.io/tests/cluster/plane"
	"harbor-pilot.io/tests/cluster/sandbox"
)

type options struct {
	binaries, folder, pilot, chart, policy string
	pods, clients, rounds                  int
}

// The kinds of namespaces: the chart's registration leaves the first alone, so that the API server
// calls nobody for its Pods.
const (
	without = "storm-without"
	with    = "storm-with"
)

// Bounds of one run.
const (
	startTimeout = 3 * time.Minute
	runTimeout   = time.Hour
)

func main() {
	var chosen options
	flag.StringVar(&chosen.binaries, "binaries", "", "the `folder` with the components")
	flag.StringVar(&chosen.folder, "folder", "", "the empty `folder` for everything that is written")
	flag.StringVar(&chosen.pilot, "pilot", "", "the harbor-pilot `program`")
	flag.StringVar(&chosen.chart, "chart", "", "the `folder` of the chart by which it is installed")
	flag.StringVar(&chosen.policy, "policy", "", "its policy `file`")
	flag.IntVar(&chosen.pods, "pods", 10_000, "how `many` Pods are created with the webhook, and as many without")
	flag.IntVar(&chosen.clients, "clients", 16, "how `many` clients create them at a time")
	flag.IntVar(&chosen.rounds, "rounds", 5, "in how `many` rounds")
	flag.Parse()
	if err := run(chosen); err != nil {
		fmt.Fprintln(os.Stderr, "storm:", err)
		os.Exit(1)
	}
}

func run(chosen options) error {
	if chosen.binaries == "" || chosen.folder == "" || chosen.pilot == "" {
		return errors.New("expected --binaries, --folder and --pilot; tests/cluster/storm gives them")
	}
	if chosen.rounds < 1 || chosen.clients < 1 || chosen.pods < chosen.rounds*chosen.clients {
		return errors.New("expected at least one Pod for each client in each round")
	}
	if !sandbox.Inside() {
		code, err := sandbox.Run(sandbox.Command(os.Args[1:]...))
		if err == nil && code != 0 {
			os.Exit(code)
		}
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), runTimeout)
	defer cancel()
	cluster, err := start(ctx, chosen)
	if err != nil {
		return err
	}
	defer cluster.Stop()
	fmt.Printf("%d Pods with the webhook and %d without, by %d clients, in %d rounds\n", chosen.pods, chosen.pods, chosen.clients, chosen.rounds)
	storm := storm{client: cluster.Admin, clients: chosen.clients}
	costs := map[string]*cost{without: {}, with: {}}
	for round := range chosen.rounds {
		for _, namespace := range []string{without, with} {
			if err := storm.blow(ctx, namespace, round, chosen.pods/chosen.rounds, costs[namespace]); err != nil {
				return err
			}
			fmt.Printf("round %d, %s: done\n", round+1, namespace)
		}
	}
	report(costs[without], costs[with])
	return cluster.Failed()
}

func start(ctx context.Context, chosen options) (*plane.Plane, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := sandbox.Prepare(); err != nil {
		return nil, err
	}
	cluster, err := plane.Start(ctx, plane.Options{Binaries: chosen.binaries, Folder: chosen.folder})
	if err != nil {
		return nil, err
	}
	for _, namespace := range []string{without, with} {
		if err := cluster.Admin.Apply(ctx, "/api/v1/namespaces/"+namespace,
			fmt.Appendf(nil, `{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": %q}}`, namespace)); err != nil {
			return nil, err
		}
	}
	if _, err := cluster.StartKubelet(chosen.pilot); err != nil {
		return nil, err
	}
	if err := cluster.InstallPilot(ctx, plane.Pilot{
		Chart: chosen.chart, Policy: chosen.policy, Replicas: 1, Arguments: []string{"--set", "exemptNamespaces={" + without + "}"},
	}); err != nil {
		return nil, err
	}
	return cluster, await(ctx, "the webhook is called for one namespace and not for the other", func() error {
		for namespace, expected := range map[string]string{without: image, with: inHarbor} {
			if found, err := create(ctx, cluster.Admin, namespace, "probe", "?dryRun=All"); err != nil {
				return err
			} else if found != expected {
				return fmt.Errorf("%s: expected the image %s, but found %s", namespace, expected, found)
			}
		}
		return nil
	})
}

func await(ctx context.Context, what string, ask func() error) error {
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain until %s: %w", what, err)
		case <-time.After(time.Second):
		}
	}
}

const (
	image    = "nvcr.io/nvaie/gpu-operator-1-3:v1.11.1"
	inHarbor = "harbor.potus.local/nvidiaio/nvaie/gpu-operator-1-3:v1.11.1"
)

// create makes a Pod, and returns the image that it is stored with.
func create(ctx context.Context, client *plane.Client, namespace, name, query string) (string, error) {
	body := fmt.Appendf(nil, `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": %q, "labels": {"app": "storm"}}, "spec": {
		"initContainers": [{"name": "first", "image": "busybox:1.36"}],
		"containers": [{"name": "main", "image": %q}, {"name": "side", "image": "nginx:1.27"}]}}`, name, image)
	reply, err := client.Do(ctx, http.MethodPost, "/api/v1/namespaces/"+namespace+"/pods"+query, "application/json", body)
	if err != nil {
		return "", err
	}
	var stored struct {
		Spec struct {
			Containers []struct{ Image string }
		}
	}
	if err := reply.Decode(&stored); err != nil {
		return "", err
	}
	return stored.Spec.Containers[0].Image, nil
}
