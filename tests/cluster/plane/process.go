package plane

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Process is a started component. Its output goes to a file of its name.
type Process struct {
	name    string
	command *exec.Cmd
	log     string
	ended   chan struct{}
}

func (plane *Plane) start(name, binary string, arguments ...string) (*Process, error) {
	command := exec.Command(binary, arguments...)
	command.Dir = plane.folder
	command.SysProcAttr = &syscall.SysProcAttr{}
	return plane.run(name, command)
}

func (plane *Plane) run(name string, command *exec.Cmd) (*Process, error) {
	log := filepath.Join(plane.folder, "logs", name+".log")
	output, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	command.Stdout, command.Stderr = output, output
	// A Ctrl-C is for the supervisor: it decides what ends, and when.
	command.SysProcAttr.Setpgid = true
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("could not start %s: %w", name, err)
	}
	process := &Process{name: name, command: command, log: log, ended: make(chan struct{})}
	go func() {
		_ = command.Wait() // how it ended is kept in ProcessState
		close(process.ended)
	}()
	return process, nil
}

func (process *Process) signal(signal os.Signal) {
	_ = process.command.Process.Signal(signal) // it may be gone
}

// exit waits until it is gone, and says how it ended.
func (process *Process) exit() *os.ProcessState {
	<-process.ended
	return process.command.ProcessState
}

// failure says how a process ended that should not have, with the end of its log.
func (process *Process) failure() error {
	return fmt.Errorf("%s ended: %s\n%s", process.name, process.command.ProcessState, tail(process.log, 15))
}

func tail(file string, lines int) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// errEnded joins what is known of the processes that are gone; nil if all run.
func errEnded(processes []*Process) error {
	var gone []error
	for _, process := range processes {
		select {
		case <-process.ended:
			gone = append(gone, process.failure())
		default:
		}
	}
	return errors.Join(gone...)
}
