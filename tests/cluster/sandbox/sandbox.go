// Package sandbox gives a program namespaces of its own: a network with nothing
// in it but a loopback interface, and a process tree that the kernel ends, whole,
// with its first process. Neither needs cleaning up, however the program ends.
package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
)

// marker tells the second run of a program that it is the one inside.
const marker = "HARBOR_PILOT_SANDBOX"

// Network is where every server of a sandbox has its address: TEST-NET-1 of
// RFC 5737, which no router forwards should a packet ever get out. The API server
// refuses 127.0.0.0/8 in EndpointSlices, but not these.
var Network = netip.MustParsePrefix("192.0.2.0/24")

// Loopback is 127.0.0.1.
var Loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// Address is the host of that number in Network.
func Address(host byte) netip.Addr {
	bytes := Network.Addr().As4()
	bytes[3] = host
	return netip.AddrFrom4(bytes)
}

// Inside says whether this process is the first of a sandbox.
func Inside() bool {
	return os.Getenv(marker) != "" && os.Getpid() == 1
}

// Rootless says whether the sandbox has a user namespace, because the program that
// made it was not root.
func Rootless() bool {
	mapping, err := os.ReadFile("/proc/self/uid_map")
	return err == nil && len(strings.Fields(string(mapping))) == 3 && strings.Fields(string(mapping))[2] == "1"
}

// Command is this program once more, with the same arguments, in new namespaces.
// Without root, it is root of a user namespace. It dies with the calling thread,
// which must therefore be locked, unless detached is asked for by the caller.
func Command(arguments ...string) *exec.Cmd {
	command := exec.Command("/proc/self/exe", arguments...)
	command.Env = append(os.Environ(), marker+"=1")
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWPID,
		Pdeathsig:  syscall.SIGKILL,
	}
	if os.Geteuid() != 0 {
		command.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		command.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		command.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	return command
}

// Start starts a sandbox's command.
func Start(command *exec.Cmd) error {
	if err := command.Start(); err != nil {
		return refused("could not make namespaces", err)
	}
	return nil
}

// refused says what a user can do, where the kernel gives namespaces to root alone.
func refused(what string, err error) error {
	if os.Geteuid() == 0 && !Rootless() {
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: %w; run it as root, or let users make user namespaces "+
		"(sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)", what, err)
}

// Run starts a sandbox's command, passes signals on to it, and waits. The exit
// code is the command's. An error means that it could not be started.
func Run(command *exec.Cmd) (int, error) {
	runtime.LockOSThread() // Pdeathsig watches the thread that forks
	defer runtime.UnlockOSThread()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT)
	defer signal.Stop(signals)
	if err := Start(command); err != nil {
		return 0, err
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case signal := <-signals:
				// It may have ended, or had the signal from the terminal already.
				_ = command.Process.Signal(signal)
			case <-ended:
				return
			}
		}
	}()
	err := command.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("could not wait for the sandbox: %w", err)
	}
	if status, ok := command.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return command.ProcessState.ExitCode(), nil
}

// Prepare brings the loopback interface up and gives it Network, every address of
// which can then be listened on. To be called once, inside.
func Prepare() error {
	for _, arguments := range [][]string{
		{"link", "set", "lo", "up"},
		{"address", "add", Address(1).String() + "/24", "dev", "lo"},
	} {
		if output, err := exec.Command("ip", arguments...).CombinedOutput(); err != nil {
			return refused("could not set up a network of its own", fmt.Errorf("ip %v: %w: %s", arguments, err, bytes.TrimSpace(output)))
		}
	}
	return nil
}
