package proofs

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// workload is an object of a kind that makes Pods, with those containers.
func workload(apiVersion, kind string, containers []object) object {
	labels := object{"app": strings.ToLower(kind)}
	template := object{"metadata": object{"labels": labels}, "spec": object{"containers": containers}}
	spec := object{"selector": object{"matchLabels": labels}, "template": template}
	switch kind {
	case "StatefulSet":
		spec["serviceName"] = "none"
	case "Job":
		delete(spec, "selector")
	case "CronJob":
		spec = object{"schedule": "* * * * *", "jobTemplate": object{"spec": object{"template": template}}}
	}
	if kind == "Job" || kind == "CronJob" {
		template["spec"].(object)["restartPolicy"] = "Never"
	}
	return object{"apiVersion": apiVersion, "kind": kind, "metadata": object{"name": strings.ToLower(kind)}, "spec": spec}
}

func (lab *lab) workloads(one object) string {
	return fmt.Sprintf("/apis/%s/namespaces/%s/%ss", one["apiVersion"], lab.namespace, strings.ToLower(one["kind"].(string)))
}

// templateImages are those in a workload's Pod template.
func (from object) templateImages() []any {
	way := []any{"spec", "template", "spec", "containers"}
	if from["kind"] == "CronJob" {
		way = append([]any{"spec", "jobTemplate"}, way...)
	}
	return from.each(way, "image")
}

// runs creates a workload, and waits until its controller's Pod has run, with Harbor's images,
// while the workload still says what its author wrote.
func (lab *lab) runs(one object, images int) {
	lab.t.Helper()
	must(lab.t, lab.send(http.MethodPost, lab.workloads(one), one).Err())
	lab.ran(one, images, patience)
}

func (lab *lab) ran(one object, images int, patience time.Duration) {
	lab.t.Helper()
	kind := one["kind"].(string)
	var found object
	lab.within(patience, "a Pod of the "+kind+" has run", func() error {
		list := lab.stored(lab.send(http.MethodGet, lab.pods(), nil))
		items, _ := list["items"].([]any)
		for _, item := range items {
			pod := object(item.(map[string]any))
			name, _ := pod.at("metadata", "name").(string)
			phase := pod.at("status", "phase")
			if strings.HasPrefix(name, strings.ToLower(kind)) && (phase == "Running" || phase == "Succeeded") {
				found = pod
				return nil
			}
		}
		return errors.New("there is none")
	})
	containers := found.each([]any{"spec", "containers"}, "image")
	if len(containers) != images {
		lab.t.Errorf("%s: expected %d images, but found %d", kind, images, len(containers))
	}
	for _, image := range containers {
		if !strings.HasPrefix(image.(string), "harbor.potus.local/") {
			lab.t.Errorf("%s: expected Harbor's image, but found %v", kind, image)
		}
	}
	stored := lab.stored(lab.send(http.MethodGet, lab.workloads(one)+"/"+strings.ToLower(kind), nil))
	var written object
	must(lab.t, decode(one, &written))
	if found, expected := stored.templateImages(), written.templateImages(); !sameItems(found, expected) || len(found) != images {
		lab.t.Errorf("%s: expected its template to say %v still, but found %v", kind, expected, found)
	}
}

func servesControllers(t *testing.T) {
	lab := newLab(t)
	containers := []object{container("main", operatorImage)}
	for kind, apiVersion := range map[string]string{
		"Deployment": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1", "Job": "batch/v1",
	} {
		lab.runs(workload(apiVersion, kind, containers), 1)
	}
	// The developer hears of it from kubectl, not from a ReplicaSet's events.
	file := filepath.Join(t.TempDir(), "deployment.yaml")
	refused := workload("apps/v1", "Deployment", []object{container("main", forbidden)})
	refused["metadata"].(object)["name"] = "refused"
	must(t, os.WriteFile(file, encodedJSON(refused), 0o600))
	contains(t, lab.kubectl("apply", "-f", file), "Warning: harbor-pilot: ", forbidden, "deployment.apps/refused created")
	lab.eventually("the ReplicaSet's Pod is rejected", func() error {
		if events := lab.kubectl("get", "events", "-o", "jsonpath={.items[*].message}"); !strings.Contains(events, forbidden) {
			return errors.New(events)
		}
		return nil
	})
}

// scheduled creates a CronJob now, and returns the proof that its Pod ran, for later: it takes up
// to a minute to come.
func scheduled(lab *lab) func(*testing.T) {
	one := workload("batch/v1", "CronJob", []object{container("main", operatorImage)})
	must(lab.t, lab.send(http.MethodPost, lab.workloads(one), one).Err())
	return func(t *testing.T) {
		later := *lab
		later.t = t
		later.ran(one, 1, 90*time.Second)
	}
}
