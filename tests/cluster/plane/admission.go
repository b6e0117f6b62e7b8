package plane

import (
	"encoding/base64"
	"fmt"
	"os"
)

// layAdmission has the API server show a certificate to webhooks that ask who calls: the same to all.
func (plane *Plane) layAdmission() error {
	pair, err := plane.Authority.Issue("kube-apiserver", nil)
	if err != nil {
		return err
	}
	encode, users := base64.StdEncoding.EncodeToString, plane.path("webhooks.kubeconfig")
	plugin := func(name string) string {
		return fmt.Sprintf(`
- name: %s
  configuration:
    apiVersion: apiserver.config.k8s.io/v1
    kind: WebhookAdmissionConfiguration
    kubeConfigFile: %q`, name, users)
	}
	for file, content := range map[string]string{
		users: fmt.Sprintf(`apiVersion: v1
kind: Config
users:
- name: '*'
  user:
    client-certificate-data: %s
    client-key-data: %s
`, encode(pair.Certificate), encode(pair.Key)),
		plane.path("admission.yaml"): `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:` + plugin("MutatingAdmissionWebhook") + plugin("ValidatingAdmissionWebhook") + "\n",
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}
