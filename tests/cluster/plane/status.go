package plane

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"harbor-pilot.io/tests/cluster/sandbox"
)

// ready asks the readiness probe once, and says what it makes of its answers.
func (run *podRun) ready(ctx context.Context) bool {
	run.failures++
	if run.probe(ctx) {
		run.failures = 0
	}
	return run.failures < run.pod.Spec.Containers[0].ReadinessProbe.FailureThreshold
}

func (run *podRun) probe(ctx context.Context) bool {
	container := run.pod.Spec.Containers[0]
	ask := container.ReadinessProbe.HTTPGet
	port := ask.Port.IntValue()
	for _, named := range container.Ports {
		if named.Name == ask.Port.StrVal {
			port = int(named.ContainerPort)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	url := "http://" + net.JoinHostPort(run.address.String(), strconv.Itoa(port)) + ask.Path
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode/100 == 2
}

// isReady says what a stored status says.
func isReady(status *core.PodStatus) bool {
	for _, condition := range status.Conditions {
		if condition.Type == core.PodReady {
			return condition.Status == core.ConditionTrue
		}
	}
	return false
}

// report writes the Pod's status, where it is another than the last one, or somebody changed it.
func (run *podRun) report(ctx context.Context, phase core.PodPhase, ready bool, waiting string) {
	truth := map[bool]core.ConditionStatus{true: core.ConditionTrue, false: core.ConditionFalse}
	container := run.pod.Spec.Containers[0]
	state := core.ContainerState{Running: &core.ContainerStateRunning{StartedAt: meta.NewTime(run.started)}}
	if waiting != "" {
		state = core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: "PodInitializing", Message: waiting}}
	}
	started := waiting == ""
	status := core.PodStatus{
		Phase:  phase,
		HostIP: sandbox.Address(2).String(),
		PodIP:  run.address.String(),
		PodIPs: []core.PodIP{{IP: run.address.String()}},
		Conditions: []core.PodCondition{
			{Type: core.PodInitialized, Status: truth[started]},
			{Type: core.ContainersReady, Status: truth[ready]},
			{Type: core.PodReady, Status: truth[ready]},
		},
		ContainerStatuses: []core.ContainerStatus{{
			Name: container.Name, Image: container.Image, Ready: ready, Started: &started, RestartCount: run.restarts, State: state,
		}},
	}
	text, err := json.Marshal(status)
	if err != nil || bytes.Equal(text, run.reported) && isReady(run.stored.Load()) == ready {
		return
	}
	if err := run.kubelet.send(ctx, http.MethodPatch, "pods/"+run.pod.Name+"/status",
		"application/strategic-merge-patch+json", map[string]any{"status": status}); err != nil {
		run.kubelet.log("could not report on %s: %v", run.pod.Name, err)
		return
	}
	run.reported = text
}
