package proofs

import (
	"slices"
	"testing"
)

// A webhook that adds a container after ours was called: only with IfNeeded is ours
// called again. The validating one is called once, and sees what is stored.
func TestReinvocation(t *testing.T) {
	for name, proof := range map[string]struct {
		policy string
		// The containers that the mutating hook sees, call by call.
		seen [][]any
	}{
		"IfNeeded": {"IfNeeded", [][]any{{"main"}, {"main", "sidecar"}}},
		"Never":    {"Never", [][]any{{"main"}}},
	} {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			hook := newHook(t, lab, allow)
			lab.register([]*webhook{hook}, fail, object{"reinvocationPolicy": proof.policy}, mutating)
			// Configurations are called in the order of their names, which this lab's is last in.
			later := newLab(t).watching(lab)
			injector := newHook(t, later, patching(operation("add", "/spec/containers/-", container("sidecar", "nginx"))))
			later.register([]*webhook{injector}, fail, nil, mutating)
			boundary := newLab(t).watching(lab)
			judge := newHook(t, boundary, allow)
			boundary.register([]*webhook{judge}, fail, nil, validating)
			hook.taken()

			lab.created(pod("p", "nginx"))
			var seen [][]any
			var uids []string
			for _, call := range hook.taken() {
				seen = append(seen, call.review.Request.Object.each([]any{"spec", "containers"}, "name"))
				uids = append(uids, call.review.Request.UID)
			}
			if !slices.EqualFunc(seen, proof.seen, sameItems) {
				t.Errorf("expected the containers %v, but found %v", proof.seen, seen)
			}
			if slices.Sort(uids); len(slices.Compact(uids)) != len(seen) {
				t.Error("expected a uid for each call, but found one twice")
			}
			final := only(t, judge.taken()).review.Request.Object
			if found := final.each([]any{"spec", "containers"}, "name"); !sameItems(found, []any{"main", "sidecar"}) {
				t.Errorf("expected the validating hook to see both containers, but found %v", found)
			}
		})
	}
}
