package proofs

import (
	"net/http"
	"testing"

	"harbor-pilot.io/tests/cluster/plane"
)

const nodeUser = "system:node:" + plane.FakeNode

// mirrorPod is what a kubelet makes of a static Pod.
func (lab *lab) mirrorPod(name string) object {
	lab.t.Helper()
	node := lab.stored(lab.send(http.MethodGet, "/api/v1/nodes/"+plane.FakeNode, nil))
	return object{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": object{
			"name":        name,
			"annotations": object{"kubernetes.io/config.mirror": "hash", "kubernetes.io/config.hash": "hash", "kubernetes.io/config.source": "file"},
			"ownerReferences": []object{{
				"apiVersion": "v1", "kind": "Node", "name": plane.FakeNode, "uid": node.at("metadata", "uid"), "controller": true,
			}},
		},
		"spec": object{"nodeName": plane.FakeNode, "containers": []object{container("main", "registry.k8s.io/etcd:3")}},
	}
}

// user is someone who may create Pods in the lab's namespace, and nothing more.
func (lab *lab) user(name string) *lab {
	lab.t.Helper()
	must(lab.t, lab.send(http.MethodPost, "/apis/rbac.authorization.k8s.io/v1/namespaces/"+lab.namespace+"/rolebindings", object{
		"metadata": object{"name": name},
		"roleRef":  object{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
		"subjects": []object{{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}},
	}).Err())
	// RBAC hears of it from a watch.
	user := lab.as(name)
	lab.eventually("the user may create Pods", func() error {
		return user.send(http.MethodGet, lab.pods(), nil).Err()
	})
	return user
}

// Both a node and anybody who may create Pods can create mirror Pods: the annotation
// alone is no reason to leave one alone.
func TestMirrorPodsByANodeAndByAUser(t *testing.T) {
	lab, hook := recorder(t)
	must(t, lab.as(nodeUser, "system:nodes").create(lab.mirrorPod("by-node")).Err())
	mutate, _ := both(t, hook.taken())
	fixture(t, "create-mirror-by-node", mutate)

	must(t, lab.user("somebody").create(lab.mirrorPod("by-user")).Err())
	mutate, _ = both(t, hook.taken())
	fixture(t, "create-mirror-by-user", mutate)

	// NodeRestriction: a node makes nothing but mirror Pods, and none for another node.
	if reply := lab.as(nodeUser, "system:nodes").create(pod("p", "nginx")); reply.Code != http.StatusForbidden {
		t.Errorf("expected HTTP 403 for a node's ordinary Pod, but found %d: %s", reply.Code, reply.Message())
	}
	if reply := lab.as("system:node:other", "system:nodes").create(lab.mirrorPod("by-other")); reply.Code != http.StatusForbidden {
		t.Errorf("expected HTTP 403 for another node's mirror Pod, but found %d: %s", reply.Code, reply.Message())
	}
}

// The three parts of the exemption, as a match condition: only the node's own is not
// sent to the webhook.
func TestTheMirrorPodConditionExemptsTheNodeAlone(t *testing.T) {
	lab := newLab(t)
	hook := newHook(t, lab, allow)
	conditions := of(t, rendered(t), "MutatingWebhookConfiguration").at("webhooks", 0, "matchConditions")
	lab.register([]*webhook{hook}, fail, object{"matchConditions": conditions}, mutating, validating)

	must(t, lab.as(nodeUser, "system:nodes").create(lab.mirrorPod("by-node")).Err())
	if calls := hook.taken(); len(calls) != 0 {
		t.Errorf("expected no call for a node's mirror Pod, but found %s", paths(calls))
	}
	must(t, lab.user("somebody").create(lab.mirrorPod("by-user")).Err())
	both(t, hook.taken())
	must(t, lab.create(lab.mirrorPod("by-admin")).Err())
	both(t, hook.taken())
	// No annotations, and no nodeName, are no error to the expression.
	must(t, lab.create(pod("ordinary", "nginx")).Err())
	both(t, hook.taken())
}

// Why a mirror Pod gets no pull secret: with one, the API server refuses it, and the
// control plane's Pods vanish from sight.
func TestMirrorPodsRefusePullSecrets(t *testing.T) {
	lab := newLab(t)
	hook := newHook(t, lab, patching(operation("add", "/spec/imagePullSecrets", []object{{"name": "s"}})))
	lab.register([]*webhook{hook}, fail, nil, mutating)
	reply := lab.as(nodeUser, "system:nodes").create(lab.mirrorPod("p"))
	refused(t, reply, http.StatusForbidden, `pods "p" is forbidden: a mirror pod may not reference secrets`)
	hook.answers(patching(operation("replace", "/spec/containers/0/image", "harbor.example.com/etcd:3")))
	must(t, lab.as(nodeUser, "system:nodes").create(lab.mirrorPod("p")).Err())
}
