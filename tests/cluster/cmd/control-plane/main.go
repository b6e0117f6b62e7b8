// Command control-plane is a whole Kubernetes control plane in one file: each
// component is a sub-command, so that each can run, and be killed, as a process
// of its own. Linking them together costs one link instead of five.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// Only the chosen component is constructed: they share global flag and
// feature-gate registries, and would trip over one another.
var components = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllers.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kubectl":                 kubectl.NewDefaultKubectlCommand,
}

func main() {
	args := os.Args
	// A link named after a component is that component, as with busybox.
	if name := filepath.Base(args[0]); name != "etcd" && components[name] == nil {
		args = args[1:]
	}
	if len(args) == 0 {
		fail("expected a component, but found no argument")
	}
	os.Args = args
	name := filepath.Base(args[0])
	if name == "etcd" {
		etcdmain.Main(args)
		return
	}
	component, known := components[name]
	if !known {
		fail(fmt.Sprintf("expected a component, but found `%s`", name))
	}
	os.Exit(cli.Run(component()))
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message+"; name one of etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl")
	os.Exit(2)
}
