package plane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	core "k8s.io/api/core/v1"

	"harbor-pilot.io/tests/cluster/sandbox"
)

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
