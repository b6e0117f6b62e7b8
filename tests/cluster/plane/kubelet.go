package plane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
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
	pods      map[types.UID]*podRun
	cancel    context.CancelFunc
	ended     chan struct{}
}

// Where the Pods of a kubelet have their addresses. A Pod would have a network of its own;
// here, an address of its own must do.
const (
	firstPodAddress = 11
	lastPodAddress  = 31
)

// StartKubelet starts one for a namespace that kwok leaves alone.
func (plane *Plane) StartKubelet(program string) (*Kubelet, error) {
	image, err := newImage(plane.path("kubelet"), program)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	kubelet := &Kubelet{
		plane:     plane,
		node:      plane.Admin.As("system:node:"+FakeNode, "system:nodes"),
		namespace: PilotNamespace,
		image:     image,
		free:      make(chan netip.Addr, lastPodAddress-firstPodAddress+1),
		pods:      map[types.UID]*podRun{},
		cancel:    cancel,
		ended:     make(chan struct{}),
	}
	for host := firstPodAddress; host <= lastPodAddress; host++ {
		kubelet.free <- sandbox.Address(byte(host))
	}
	go kubelet.watch(ctx)
	return kubelet, nil
}

// Stop ends it, and every process that it started.
func (kubelet *Kubelet) Stop() {
	kubelet.cancel()
	<-kubelet.ended
}

func (kubelet *Kubelet) watch(ctx context.Context) {
	defer close(kubelet.ended)
	ticker := time.NewTicker(kubeletPeriod)
	defer ticker.Stop()
	for {
		// What fails is tried again: the API server may be busy.
		if err := kubelet.look(ctx); err != nil && ctx.Err() == nil {
			kubelet.log("could not look at the Pods: %v", err)
		}
		select {
		case <-ctx.Done():
			for _, run := range kubelet.pods {
				<-run.ended
			}
			return
		case <-ticker.C:
		}
	}
}

func (kubelet *Kubelet) look(ctx context.Context) error {
	var list core.PodList
	if err := kubelet.get(ctx, "pods?fieldSelector=spec.nodeName="+FakeNode, &list); err != nil {
		return err
	}
	seen := map[types.UID]bool{}
	for _, pod := range list.Items {
		seen[pod.UID] = true
		run := kubelet.pods[pod.UID]
		if run == nil {
			run = newPodRun(kubelet, pod)
			kubelet.pods[pod.UID] = run
			go run.live(ctx)
		}
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

// volume is one mounted folder, in the way in which a kubelet keeps it: `..data` is a link
// to a folder with a state of the files, and is replaced whole.
type volume struct {
	folder  string
	version string
	mode    os.FileMode
	source  string // the path of the ConfigMap or Secret
	group   int
}

var errUnknownVolume = errors.New("expected a configMap or a secret")

func newVolume(pod *core.Pod, spec core.Volume, folder string) (*volume, error) {
	made := &volume{folder: folder, group: -1}
	mode := int32(core.ConfigMapVolumeSourceDefaultMode)
	switch {
	case spec.ConfigMap != nil && len(spec.ConfigMap.Items) == 0:
		made.source = "configmaps/" + spec.ConfigMap.Name
		mode = *spec.ConfigMap.DefaultMode
	case spec.Secret != nil && len(spec.Secret.Items) == 0:
		made.source = "secrets/" + spec.Secret.SecretName
		mode = *spec.Secret.DefaultMode
	default:
		return nil, fmt.Errorf("volume %s: %w", spec.Name, errUnknownVolume)
	}
	made.mode = os.FileMode(mode)
	if security := pod.Spec.SecurityContext; security != nil && security.FSGroup != nil {
		made.group = int(*security.FSGroup)
	}
	return made, os.MkdirAll(folder, 0o755)
}

// refresh brings the files up to date with their object.
func (volume *volume) refresh(ctx context.Context, kubelet *Kubelet) error {
	var object struct {
		Metadata   struct{ ResourceVersion string }
		Data       map[string]json.RawMessage
		BinaryData map[string][]byte
		Kind       string
	}
	if err := kubelet.get(ctx, volume.source, &object); err != nil {
		return err
	}
	if object.Metadata.ResourceVersion == volume.version {
		return nil
	}
	files := object.BinaryData
	if files == nil {
		files = map[string][]byte{}
	}
	for name, raw := range object.Data {
		var err error
		if object.Kind == "Secret" {
			var content []byte
			err = json.Unmarshal(raw, &content)
			files[name] = content
		} else {
			var content string
			err = json.Unmarshal(raw, &content)
			files[name] = []byte(content)
		}
		if err != nil {
			return err
		}
	}
	if err := volume.write(files); err != nil {
		return err
	}
	volume.version = object.Metadata.ResourceVersion
	return nil
}

func (volume *volume) write(files map[string][]byte) error {
	state, err := os.MkdirTemp(volume.folder, "..state-")
	if err == nil {
		err = os.Chmod(state, 0o755)
	}
	if err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(state, name)
		if err := os.WriteFile(path, content, volume.mode); err != nil {
			return err
		}
		if volume.group >= 0 && !sandbox.Rootless() {
			if err := os.Chown(path, 0, volume.group); err != nil {
				return err
			}
		}
		link := filepath.Join(volume.folder, name)
		if err := os.Symlink(filepath.Join("..data", name), link); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	data := filepath.Join(volume.folder, "..data")
	before, _ := os.Readlink(data) // none at first
	next := filepath.Join(volume.folder, "..data_tmp")
	if err := os.Symlink(filepath.Base(state), next); err != nil {
		return err
	}
	if err := os.Rename(next, data); err != nil {
		return err
	}
	if before != "" {
		return os.RemoveAll(filepath.Join(volume.folder, before))
	}
	return nil
}
