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
	log := filepath.Join(plane.folder, "logs", name+".log")
	output, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	command := exec.Command(binary, arguments...)
	command.Stdout, command.Stderr = output, output
	command.Dir = plane.folder
	// A Ctrl-C is for the supervisor: it decides what ends, and when.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
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

// Ended is closed once the process is gone.
func (process *Process) Ended() <-chan struct{} { return process.ended }

// Signal sends one.
func (process *Process) Signal(signal os.Signal) error {
	return process.command.Process.Signal(signal)
}

// ExitCode is that of a process that has ended.
func (process *Process) ExitCode() int {
	<-process.ended
	return process.command.ProcessState.ExitCode()
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
