package plane

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"harbor-pilot.io/tests/cluster/sandbox"
)

// How often a kubelet looks at its Pods, at what they mount, and at their probes. A real
// one does so less often: nothing here depends on that.
const kubeletPeriod = 100 * time.Millisecond

// Kubelet does for the Pods of one namespace on FakeNode what a kubelet does, as far as
// harbor-pilot's Pods need it: it starts their processes as the API server stored them,
// with what they mount, keeps mounted files up to date, asks their probes, reports their
// status, and ends them as they ask for. It has the rights of a node and no more. Every
// image is taken to hold one program, its entry point.
type Kubelet struct {
	plane     *Plane
	node      *Client
	namespace string
	image     *image
	free      chan netip.Addr

	lock sync.Mutex
	pods map[types.UID]*podRun
}

// Where the Pods of a kubelet have their addresses. A Pod would have a network of its own;
// here, an address of its own must do.
const (
	firstPodAddress = 11
	lastPodAddress  = 31
)

// StartKubelet starts one for the namespace that kwok leaves alone. It ends with the
// sandbox, as its Pods' processes do.
func (plane *Plane) StartKubelet(program string) (*Kubelet, error) {
	image, err := newImage(plane.path("kubelet"), program)
	if err != nil {
		return nil, err
	}
	kubelet := &Kubelet{
		plane:     plane,
		node:      plane.Admin.As("system:node:"+FakeNode, "system:nodes"),
		namespace: PilotNamespace,
		image:     image,
		free:      make(chan netip.Addr, lastPodAddress-firstPodAddress+1),
		pods:      map[types.UID]*podRun{},
	}
	for host := firstPodAddress; host <= lastPodAddress; host++ {
		kubelet.free <- sandbox.Address(byte(host))
	}
	go kubelet.watch(context.Background())
	return kubelet, nil
}

// Kill ends a Pod's process without warning, and has it stay away for a while, as if its node had
// to come back first.
func (kubelet *Kubelet) Kill(pod string, away time.Duration) error {
	run, err := kubelet.run(pod)
	if err != nil {
		return err
	}
	process := run.process.Load()
	if process == nil {
		return fmt.Errorf("expected %s to run, but it has not begun", pod)
	}
	back := time.Now().Add(away)
	run.back.Store(&back)
	process.signal(syscall.SIGKILL)
	process.exit()
	return nil
}

// Hold leaves what a Pod mounts as it is, until the function is called that it returns: kubelets
// hear of a change at different times.
func (kubelet *Kubelet) Hold(pod string) (release func(), err error) {
	run, err := kubelet.run(pod)
	if err != nil {
		return nil, err
	}
	// Once it has the lock, no look at the sources is under way.
	run.mounted.Lock()
	return sync.OnceFunc(run.mounted.Unlock), nil
}

func (kubelet *Kubelet) run(pod string) (*podRun, error) {
	kubelet.lock.Lock()
	defer kubelet.lock.Unlock()
	for _, run := range kubelet.pods {
		if run.pod.Name == pod {
			return run, nil
		}
	}
	return nil, fmt.Errorf("expected a Pod %s on the node, but found none", pod)
}

func (kubelet *Kubelet) watch(ctx context.Context) {
	for range time.Tick(kubeletPeriod) {
		// What fails is tried again: the API server may be busy.
		if err := kubelet.look(ctx); err != nil {
			kubelet.log("could not look at the Pods: %v", err)
		}
	}
}

func (kubelet *Kubelet) look(ctx context.Context) error {
	var list core.PodList
	if err := kubelet.get(ctx, "pods?fieldSelector=spec.nodeName="+FakeNode, &list); err != nil {
		return err
	}
	kubelet.lock.Lock()
	defer kubelet.lock.Unlock()
	seen := map[types.UID]bool{}
	for _, pod := range list.Items {
		seen[pod.UID] = true
		run := kubelet.pods[pod.UID]
		if run == nil {
			run = newPodRun(kubelet, pod)
			kubelet.pods[pod.UID] = run
			go run.live(ctx)
		}
		run.stored.Store(&pod.Status)
		if pod.DeletionTimestamp != nil {
			run.terminate()
		}
	}
	for uid, run := range kubelet.pods {
		if !seen[uid] {
			run.terminate()
			<-run.ended
			delete(kubelet.pods, uid)
		}
	}
	return nil
}

func (kubelet *Kubelet) url(path string) string {
	return "/api/v1/namespaces/" + kubelet.namespace + "/" + path
}

func (kubelet *Kubelet) get(ctx context.Context, path string, into any) error {
	reply, err := kubelet.node.Do(ctx, http.MethodGet, kubelet.url(path), "", nil)
	if err != nil {
		return err
	}
	return reply.Decode(into)
}

func (kubelet *Kubelet) send(ctx context.Context, method, path, contentType string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	reply, err := kubelet.node.Do(ctx, method, kubelet.url(path), contentType, text)
	if err != nil {
		return err
	}
	if reply.Code == http.StatusNotFound {
		return nil // the Pod is gone already
	}
	return reply.Err()
}

func (kubelet *Kubelet) log(format string, values ...any) {
	file, err := os.OpenFile(kubelet.plane.Log("kubelet"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return // nobody to tell
	}
	defer file.Close()
	fmt.Fprintf(file, time.Now().Format(time.StampMilli)+" "+format+"\n", values...)
}
