// Command cluster starts a control plane with harbor-pilot installed in it, in
// namespaces of its own, and ends it. tests/cluster/up builds and calls it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"harbor-pilot.io/tests/cluster/plane"
	"harbor-pilot.io/tests/cluster/sandbox"
)

const (
	startTimeout = 2 * time.Minute
	// What the first process of the sandbox inherits from the one that starts it.
	lockFile     = 3
	listenerFile = 4
	readyFile    = 5
)

type options struct {
	binaries, folder, pilot, chart, policy string
	replicas                               int
	detach                                 bool
}

func main() {
	var chosen options
	flags := flag.NewFlagSet("cluster", flag.ExitOnError)
	flags.StringVar(&chosen.binaries, "binaries", "", "the `folder` with the components")
	flags.StringVar(&chosen.folder, "folder", "", "the `folder` for everything that is written")
	flags.StringVar(&chosen.pilot, "pilot", "", "the harbor-pilot `program`; without it, no webhook is installed")
	flags.StringVar(&chosen.chart, "chart", "", "the `folder` of the chart by which it is installed")
	flags.StringVar(&chosen.policy, "policy", "", "its policy `file`")
	flags.IntVar(&chosen.replicas, "replicas", 1, "how `many` replicas it has")
	flags.BoolVar(&chosen.detach, "detach", false, "return once all is ready")
	_ = flags.Parse(os.Args[1:]) // ends the program by itself
	if chosen.binaries == "" || chosen.folder == "" {
		fmt.Fprintln(os.Stderr, "expected --binaries and --folder; tests/cluster/up gives them")
		os.Exit(2)
	}
	run := outside
	if sandbox.Inside() {
		run = inside
	}
	if err := run(chosen); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

// outside holds what must be made before the namespaces are entered: the lock that
// says who uses the folder, and the socket by which this machine reaches the API
// server. A socket stays in the network that it was made in.
func outside(chosen options) error {
	if err := os.MkdirAll(chosen.folder, 0o700); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(chosen.folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("a cluster is up already in %s: end it with tests/cluster/down", chosen.folder)
	}
	if err := empty(chosen.folder, "lock"); err != nil {
		return err
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer socket.Close()
	listener, err := socket.(*net.TCPListener).File()
	if err != nil {
		return err
	}
	defer listener.Close()
	ready, tellReady, err := os.Pipe()
	if err != nil {
		return err
	}
	command := sandbox.Command(os.Args[1:]...)
	command.ExtraFiles = []*os.File{lock, listener, tellReady}
	if chosen.detach {
		command.SysProcAttr.Pdeathsig = 0
		command.SysProcAttr.Setsid = true
		runtime.LockOSThread()
		if err := sandbox.Start(command); err != nil {
			return errors.Join(err, os.RemoveAll(chosen.folder))
		}
		_ = tellReady.Close() // now the sandbox holds the only other end
		if count, _ := ready.Read(make([]byte, 1)); count == 1 {
			return nil
		}
		return errors.Join(errors.New("could not start"), command.Wait())
	}
	code, err := sandbox.Run(command)
	if err != nil {
		return errors.Join(err, os.RemoveAll(chosen.folder))
	}
	if code != 0 {
		os.Exit(code)
	}
	return os.RemoveAll(chosen.folder)
}

func inside(chosen options) error {
	for _, file := range []int{lockFile, listenerFile, readyFile} {
		syscall.CloseOnExec(file)
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	listener, err := net.FileListener(os.NewFile(listenerFile, "listener"))
	if err != nil {
		return err
	}
	pid, err := hostPID()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(chosen.folder, "pid"), []byte(strconv.Itoa(pid)+"\n"), 0o600); err != nil {
		return err
	}
	if err := sandbox.Prepare(); err != nil {
		return err
	}
	started := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	failed := make(chan error, 1)
	var cluster *plane.Plane
	go func() {
		var err error
		cluster, err = start(ctx, chosen, listener.Addr().String())
		failed <- err
	}()
	select {
	case <-ended: // the first process ends, and the kernel ends the others
		return nil
	case err := <-failed:
		if err != nil {
			return err
		}
	}
	go forward(listener, cluster.Address())
	announce(chosen, pid, time.Since(started))
	if chosen.detach {
		if err := letGo(); err != nil {
			return err
		}
	}
	watch := time.NewTicker(time.Second)
	defer watch.Stop()
	for {
		select {
		case <-ended:
			return nil
		case <-watch.C:
			if err := cluster.Failed(); err != nil {
				return err
			}
		}
	}
}

func start(ctx context.Context, chosen options, address string) (*plane.Plane, error) {
	cluster, err := plane.Start(ctx, plane.Options{Binaries: chosen.binaries, Folder: chosen.folder})
	if err != nil {
		return nil, err
	}
	if chosen.pilot != "" {
		if _, err := cluster.StartKubelet(chosen.pilot); err != nil {
			return nil, err
		}
		pilot := plane.Pilot{Chart: chosen.chart, Policy: chosen.policy, Replicas: chosen.replicas}
		if err := cluster.InstallPilot(ctx, pilot); err != nil {
			return nil, err
		}
	}
	admin, err := cluster.Authority.Issue("admin", []string{"system:masters"})
	if err != nil {
		return nil, err
	}
	return cluster, cluster.WriteKubeconfig(filepath.Join(chosen.folder, "kubeconfig"), "https://"+address, admin)
}

func announce(chosen options, pid int, took time.Duration) {
	fmt.Printf("The control plane is ready after %.1f s.", took.Seconds())
	if chosen.pilot != "" {
		fmt.Printf(" harbor-pilot is installed, with the policy %s.", chosen.policy)
	}
	fmt.Printf("\n\n  export KUBECONFIG=%s\n\n", filepath.Join(chosen.folder, "kubeconfig"))
	fmt.Printf("kubectl, helm and the rest are in %s, logs in %s.\n", chosen.binaries, filepath.Join(chosen.folder, "logs"))
	enter := fmt.Sprintf("nsenter --net --target %d", pid)
	if sandbox.Rootless() {
		enter = fmt.Sprintf("nsenter --user --preserve-credentials --net --target %d", pid)
	}
	fmt.Printf("Its network has no way out or in but that API server. To enter it: %s\n", enter)
	if chosen.pilot != "" {
		fmt.Printf("From within, for example: curl http://REPLICA:%d/metrics; kubectl get pods -n %s -o wide shows the replicas.\n",
			plane.PilotOpsPort, plane.PilotNamespace)
	}
	if chosen.detach {
		fmt.Println("tests/cluster/down ends it.")
	} else {
		fmt.Println("Ctrl-C or tests/cluster/down ends it.")
	}
}

// letGo frees the terminal, and tells the process that waits outside.
func letGo() error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	for _, file := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		if err := syscall.Dup3(int(null.Fd()), int(file.Fd()), 0); err != nil {
			return err
		}
	}
	ready := os.NewFile(readyFile, "ready")
	defer ready.Close()
	_, err = ready.Write([]byte{1})
	return err
}

// hostPID is this process' number outside, which /proc shows as long as it is the
// outside's.
func hostPID() (int, error) {
	self, err := os.Readlink("/proc/self")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(self)
}

func empty(folder string, except string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() == except {
			continue
		}
		if err := os.RemoveAll(filepath.Join(folder, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}
