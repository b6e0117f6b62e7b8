package proofs

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
)

// How a Deployment comes to the validating hook, and the ReplicaSet that its
// controller makes of it.
func TestWorkloads(t *testing.T) {
	lab := newLab(t)
	hook := newHook(t, lab, allow)
	lab.register([]*webhook{hook}, fail, object{"rules": []object{
		{"operations": []string{"CREATE"}, "apiGroups": []string{""}, "apiVersions": []string{"v1"}, "resources": []string{"pods"}},
		{"operations": []string{"CREATE", "UPDATE"}, "apiGroups": []string{"apps", "batch"}, "apiVersions": []string{"v1"}, "resources": []string{"deployments", "replicasets", "cronjobs"}},
	}}, validating)
	template := object{
		"metadata": object{"labels": object{"app": "a"}},
		"spec":     object{"schedulerName": "none", "containers": []object{container("main", "nginx:1")}},
	}
	deployments := "/apis/apps/v1/namespaces/" + lab.namespace + "/deployments"
	// Those that nobody asked for yet: one may come together with another.
	var calls []call
	seen := func(kind, operation string) call {
		t.Helper()
		var found call
		lab.eventually("the "+kind+" is seen", func() error {
			calls = append(calls, hook.taken()...)
			at := slices.IndexFunc(calls, func(call call) bool {
				request := call.review.Request
				return request.Kind.Kind == kind && request.Operation == operation
			})
			if at < 0 {
				return errors.New("not yet")
			}
			found = calls[at]
			calls = slices.Delete(calls, at, at+1)
			return nil
		})
		return found
	}

	must(t, lab.send(http.MethodPost, deployments, object{
		"metadata": object{"name": "d"},
		"spec":     object{"replicas": 0, "selector": object{"matchLabels": object{"app": "a"}}, "template": template},
	}).Err())
	fixture(t, "create-deployment", seen("Deployment", "CREATE"))
	replicaSet := seen("ReplicaSet", "CREATE")
	if found := replicaSet.review.Request.Object.at("metadata", "ownerReferences", 0, "controller"); found != true {
		t.Errorf("expected the ReplicaSet to have a controller, but found %v", found)
	}
	fixture(t, "create-replicaset", replicaSet)

	// Whatever its controller writes of it stands in the old object: all of it, or the fixture's
	// shape would be chance.
	lab.eventually("the Deployment's controller has nothing more to say", func() error {
		reasons := lab.stored(lab.send(http.MethodGet, deployments+"/d", nil)).each([]any{"status", "conditions"}, "reason")
		if !slices.Contains(reasons, any("NewReplicaSetAvailable")) {
			return fmt.Errorf("its conditions are %v", reasons)
		}
		return nil
	})
	must(t, lab.sendBytes(http.MethodPatch, deployments+"/d", strategicPatch, encodedJSON(object{
		"spec": object{"template": object{"spec": object{"containers": []object{container("main", "nginx:2")}}}},
	})).Err())
	// The controller updates it too, with nothing new in its template.
	var update call
	for update.body == nil || update.review.Request.UserInfo.Username != "admin" {
		update = seen("Deployment", "UPDATE")
	}
	if old := update.review.Request.OldObject.at("spec", "template", "spec", "containers", 0, "image"); old != "nginx:1" {
		t.Errorf("expected the old image, but found %v", old)
	}
	fixture(t, "update-deployment", update)

	must(t, lab.send(http.MethodPost, "/apis/batch/v1/namespaces/"+lab.namespace+"/cronjobs", object{
		"metadata": object{"name": "c"},
		"spec": object{"schedule": "0 0 1 1 *", "jobTemplate": object{"spec": object{"template": object{"spec": object{
			"restartPolicy": "Never", "containers": []object{container("main", "busybox:1")},
		}}}}},
	}).Err())
	fixture(t, "create-cronjob", seen("CronJob", "CREATE"))
}
