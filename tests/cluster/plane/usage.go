package plane

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Usage is what the kernel counts of a program's processes in this sandbox, together.
type Usage struct {
	// CPU is their time on processors, user and system.
	CPU time.Duration
	// Bytes resident now, and at most since [ForgetPeak].
	Resident, Peak int64
	Files, Threads int
	// MostFiles may be open in one of them.
	MostFiles string
}

// Linux counts processor time in ticks of a hundredth of a second, whatever it really ticks by.
const tick = 10 * time.Millisecond

// UsageOf is that of the program of a name: kube-apiserver, etcd, harbor-pilot.
func UsageOf(program string) (Usage, error) {
	var sum Usage
	folders, err := foldersOf(program)
	for _, folder := range folders {
		if err = sum.add(folder); err != nil {
			break
		}
	}
	return sum, err
}

// ForgetPeak begins a new measurement of [Usage.Peak].
func ForgetPeak(program string) error {
	folders, err := foldersOf(program)
	for _, folder := range folders {
		if err = os.WriteFile(filepath.Join(folder, "clear_refs"), []byte("5"), 0); err != nil {
			break
		}
	}
	return err
}

// foldersOf are those in /proc of the program's processes. /proc may show more than this sandbox.
func foldersOf(program string) ([]string, error) {
	own, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return nil, err
	}
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	var found []string
	for _, folder := range all {
		command, err := os.ReadFile(filepath.Join(folder, "cmdline"))
		if err != nil {
			continue // it has ended
		}
		name, _, _ := strings.Cut(string(command), "\x00")
		if namespace, err := os.Readlink(filepath.Join(folder, "ns/pid")); err == nil && namespace == own && filepath.Base(name) == program {
			found = append(found, folder)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("expected a process of %s, but found none", program)
	}
	return found, nil
}

func (sum *Usage) add(folder string) error {
	stat, err := os.ReadFile(filepath.Join(folder, "stat"))
	if err != nil {
		return err
	}
	// The name, in brackets, may hold anything. utime and stime are the 14th and 15th field.
	after := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	for _, field := range after[11:13] {
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return err
		}
		sum.CPU += time.Duration(ticks) * tick
	}
	status, err := os.ReadFile(filepath.Join(folder, "status"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(status)) {
		key, value, _ := strings.Cut(line, ":")
		number, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch key {
		case "VmRSS":
			sum.Resident += number << 10
		case "VmHWM":
			sum.Peak += number << 10
		case "Threads":
			sum.Threads += int(number)
		}
	}
	files, err := os.ReadDir(filepath.Join(folder, "fd"))
	if err != nil {
		return err
	}
	sum.Files += len(files)
	limits, err := os.ReadFile(filepath.Join(folder, "limits"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(limits)) {
		if values, ours := strings.CutPrefix(line, "Max open files"); ours {
			sum.MostFiles = strings.Fields(values)[0]
		}
	}
	return nil
}
