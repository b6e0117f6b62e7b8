package plane

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"time"

	authentication "k8s.io/api/authentication/v1"
	core "k8s.io/api/core/v1"

	"harbor-pilot.io/tests/cluster/sandbox"
)

// volume is one mounted folder, in the way in which a kubelet keeps it: `..data` is a link
// to a folder with a state of the files, and is replaced whole.
type volume struct {
	folder string
	// written is the files of the present state.
	written map[string][]byte
	mode    os.FileMode
	sources []source
	group   int
}

// source brings some of a volume's files.
type source func(ctx context.Context, kubelet *Kubelet) (map[string][]byte, error)

var errUnknownVolume = errors.New("expected a configMap, a secret, or the three sources of a token")

func newVolume(pod *core.Pod, spec core.Volume, folder string) (*volume, error) {
	made := &volume{folder: folder, group: -1}
	var mode *int32
	switch {
	case spec.ConfigMap != nil && len(spec.ConfigMap.Items) == 0:
		made.sources = []source{object("configmaps/"+spec.ConfigMap.Name, nil)}
		mode = spec.ConfigMap.DefaultMode
	case spec.Secret != nil && len(spec.Secret.Items) == 0:
		made.sources = []source{object("secrets/"+spec.Secret.SecretName, nil)}
		mode = spec.Secret.DefaultMode
	case spec.Projected != nil:
		for _, projection := range spec.Projected.Sources {
			projected, err := projected(pod, projection)
			if err != nil {
				return nil, fmt.Errorf("volume %s: %w", spec.Name, err)
			}
			made.sources = append(made.sources, projected)
		}
		mode = spec.Projected.DefaultMode
	default:
		return nil, fmt.Errorf("volume %s: %w", spec.Name, errUnknownVolume)
	}
	made.mode = os.FileMode(*mode)
	if security := pod.Spec.SecurityContext; security != nil && security.FSGroup != nil {
		made.group = int(*security.FSGroup)
	}
	return made, os.MkdirAll(folder, 0o755)
}

func projected(pod *core.Pod, projection core.VolumeProjection) (source, error) {
	switch {
	case projection.ServiceAccountToken != nil:
		return token(pod, projection.ServiceAccountToken), nil
	case projection.ConfigMap != nil:
		names := map[string]string{}
		for _, item := range projection.ConfigMap.Items {
			names[item.Key] = item.Path
		}
		return object("configmaps/"+projection.ConfigMap.Name, names), nil
	case projection.DownwardAPI != nil && len(projection.DownwardAPI.Items) == 1 &&
		projection.DownwardAPI.Items[0].FieldRef.FieldPath == "metadata.namespace":
		path := projection.DownwardAPI.Items[0].Path
		return func(context.Context, *Kubelet) (map[string][]byte, error) {
			return map[string][]byte{path: []byte(pod.Namespace)}, nil
		}, nil
	default:
		return nil, errUnknownVolume
	}
}

// token asks for one as a node does, for the Pod alone, and keeps it while four fifths of its time
// are not over.
func token(pod *core.Pod, projection *core.ServiceAccountTokenProjection) source {
	var (
		have  []byte
		renew time.Time
	)
	return func(ctx context.Context, kubelet *Kubelet) (map[string][]byte, error) {
		if time.Now().After(renew) {
			request := authentication.TokenRequest{Spec: authentication.TokenRequestSpec{
				ExpirationSeconds: projection.ExpirationSeconds,
				BoundObjectRef:    &authentication.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: pod.Name, UID: pod.UID},
			}}
			body, err := json.Marshal(request)
			if err != nil {
				return nil, err
			}
			reply, err := kubelet.node.Do(ctx, http.MethodPost, kubelet.url("serviceaccounts/"+pod.Spec.ServiceAccountName+"/token"), "application/json", body)
			if err == nil {
				err = reply.Decode(&request)
			}
			if err != nil {
				return nil, err
			}
			have = []byte(request.Status.Token)
			renew = time.Now().Add(time.Until(request.Status.ExpirationTimestamp.Time) * 4 / 5)
		}
		return map[string][]byte{projection.Path: have}, nil
	}
}

// object is the files of a ConfigMap or a Secret: all, or those of names, called as it says.
func object(path string, names map[string]string) source {
	return func(ctx context.Context, kubelet *Kubelet) (map[string][]byte, error) {
		var found struct {
			Data       map[string]json.RawMessage
			BinaryData map[string][]byte
			Kind       string
		}
		if err := kubelet.get(ctx, path, &found); err != nil {
			return nil, err
		}
		files := map[string][]byte{}
		for name, content := range found.BinaryData {
			files[name] = content
		}
		for name, raw := range found.Data {
			var err error
			if found.Kind == "Secret" {
				var content []byte
				err = json.Unmarshal(raw, &content)
				files[name] = content
			} else {
				var content string
				err = json.Unmarshal(raw, &content)
				files[name] = []byte(content)
			}
			if err != nil {
				return nil, err
			}
		}
		if names == nil {
			return files, nil
		}
		chosen := map[string][]byte{}
		for name, called := range names {
			chosen[called] = files[name]
		}
		return chosen, nil
	}
}

// refresh brings the files up to date with their sources.
func (volume *volume) refresh(ctx context.Context, kubelet *Kubelet) error {
	files := map[string][]byte{}
	for _, source := range volume.sources {
		some, err := source(ctx, kubelet)
		if err != nil {
			return err
		}
		maps.Copy(files, some)
	}
	if volume.written != nil && maps.EqualFunc(files, volume.written, bytes.Equal) {
		return nil
	}
	if err := volume.write(files); err != nil {
		return err
	}
	volume.written = files
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
