package plane

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
)

// WriteKubeconfig writes a kubeconfig for that server and client certificate. It
// appears whole or not at all.
func (plane *Plane) WriteKubeconfig(file, server string, pair KeyPair) error {
	encode := base64.StdEncoding.EncodeToString
	content := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: harbor-pilot
contexts:
- name: harbor-pilot
  context: {cluster: harbor-pilot, user: harbor-pilot}
clusters:
- name: harbor-pilot
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: harbor-pilot
  user:
    client-certificate-data: %s
    client-key-data: %s
`, server, encode(plane.Authority.PEM()), encode(pair.Certificate), encode(pair.Key))
	partial := filepath.Join(filepath.Dir(file), "."+filepath.Base(file))
	if err := os.WriteFile(partial, []byte(content), 0o600); err != nil {
		return fmt.Errorf("could not write a kubeconfig: %w", err)
	}
	return os.Rename(partial, file)
}
