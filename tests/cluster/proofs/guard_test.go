package proofs

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// No webhook is asked about a change of a webhook configuration, but a ValidatingAdmissionPolicy is: so
// one can hold an account to `caBundle`.
func TestPoliciesSeeRegistrations(t *testing.T) {
	lab := newLab(t)
	lab.register([]*webhook{newHook(t, lab, unavailableFor(""))}, ignore, nil, validating)
	for kind, made := range map[string]object{
		"validatingadmissionpolicies": {
			"kind": "ValidatingAdmissionPolicy",
			"spec": object{
				"matchConstraints": object{"resourceRules": []object{{
					"apiGroups": []string{"admissionregistration.k8s.io"}, "apiVersions": []string{"*"},
					"operations": []string{"UPDATE"}, "resources": []string{"validatingwebhookconfigurations"},
				}}},
				"matchConditions": []object{{"name": "this-one", "expression": "object.metadata.name == '" + lab.namespace + "'"}},
				"validations":     []object{{"expression": "false", "message": "seen"}},
			},
		},
		"validatingadmissionpolicybindings": {
			"kind": "ValidatingAdmissionPolicyBinding",
			"spec": object{"policyName": lab.namespace, "validationActions": []string{"Deny"}},
		},
	} {
		made["apiVersion"], made["metadata"] = "admissionregistration.k8s.io/v1", object{"name": lab.namespace}
		must(t, lab.send(http.MethodPost, registrations+kind, made).Err())
		t.Cleanup(func() { lab.send(http.MethodDelete, registrations+kind+"/"+lab.namespace, nil) })
	}
	lab.eventually("the policy refuses a change", func() error {
		reply := lab.sendBytes(http.MethodPatch, registrations+"validatingwebhookconfigurations/"+lab.namespace+"?dryRun=All",
			"application/json-patch+json", encodedJSON([]object{operation("replace", "/webhooks/0/failurePolicy", fail)}))
		if reply.Code != http.StatusUnprocessableEntity || !strings.Contains(reply.Message(), "denied request: seen") {
			return fmt.Errorf("HTTP %d: %s", reply.Code, reply.Message())
		}
		return nil
	})
}
