package proofs

import (
	"net/http"
	"strings"
	"testing"
)

// both is the calls of one request. An UPDATE is judged again, as a whole, where the API server's cache
// was behind its store; what counts is the last time.
func both(t *testing.T, calls []call) (mutate, validate call) {
	t.Helper()
	for len(calls) > 2 && calls[0].review.Request.Operation == "UPDATE" && paths(calls[:2]) == "/mutate /validate" {
		calls = calls[2:]
	}
	if found := paths(calls); found != "/mutate /validate" {
		t.Fatalf("expected /mutate /validate, but found %s", found)
	}
	return calls[0], calls[1]
}

// recorder is a lab with one hook that allows everything, in both roles.
func recorder(t *testing.T) (*lab, *webhook) {
	t.Helper()
	lab := newLab(t)
	hook := newHook(t, lab, allow)
	lab.register([]*webhook{hook}, fail, nil, mutating, validating)
	return lab, hook
}

func TestCreate(t *testing.T) {
	lab, hook := recorder(t)
	lab.created(pod("p", "nginx"))
	mutate, validate := both(t, hook.taken())
	if mutate.review.Request.UID == validate.review.Request.UID {
		t.Error("expected a uid for each call, but found one for both")
	}
	request := object(decoded(t, mutate.body)["request"].(map[string]any))
	if !request.has("oldObject") || request["oldObject"] != nil {
		t.Errorf("expected oldObject to be null, but found %v", request["oldObject"])
	}
	fixture(t, "create", mutate)
	fixture(t, "create-validate", validate)
}

// The name is made between the two hooks.
func TestCreateWithGenerateName(t *testing.T) {
	lab, hook := recorder(t)
	unnamed := pod("", "nginx")
	unnamed["metadata"] = object{"generateName": "gen-"}
	stored := lab.created(unnamed)
	mutate, validate := both(t, hook.taken())
	if object(decoded(t, mutate.body)).has("request", "name") {
		t.Error("expected the mutating hook to get no name, but found one")
	}
	if metadata := mutate.review.Request.Object; metadata.has("metadata", "name") || metadata.has("metadata", "uid") {
		t.Error("expected the mutating hook's object without name and uid, but found one")
	}
	name := stored.at("metadata", "name")
	if found := validate.review.Request.Name; found != name || !strings.HasPrefix(found, "gen-") {
		t.Errorf("expected the validating hook to get the name %v, but found `%s`", name, found)
	}
	fixture(t, "create-generate-name", mutate)
	fixture(t, "create-generate-name-validate", validate)
}

func TestCreateInADryRun(t *testing.T) {
	lab, hook := recorder(t)
	must(t, lab.send(http.MethodPost, lab.pods()+"?dryRun=All", pod("p", "nginx")).Err())
	mutate, _ := both(t, hook.taken())
	if !mutate.review.Request.DryRun {
		t.Error("expected dryRun, but found none")
	}
	fixture(t, "create-dry-run", mutate)
}

// The mutating hook comes before validation: it must take lists that are null and
// containers without an image.
func TestCreateOfWhatIsNotValid(t *testing.T) {
	for name, proof := range map[string]struct {
		spec    object
		fixture string
		check   func(object) bool
	}{
		"no containers at all": {object{}, "create-containers-null", func(seen object) bool {
			return seen.has("spec", "containers") && seen.at("spec", "containers") == nil
		}},
		"containers null": {object{"containers": nil}, "create-containers-null", func(seen object) bool {
			return seen.has("spec", "containers") && seen.at("spec", "containers") == nil
		}},
		"no image": {object{"containers": []object{{"name": "main"}}}, "create-image-absent", func(seen object) bool {
			return seen.has("spec", "containers") && !seen.has("spec", "containers", 0, "image")
		}},
		"an empty image": {object{"containers": []object{container("main", "")}}, "create-image-absent", func(seen object) bool {
			return !seen.has("spec", "containers", 0, "image")
		}},
		"a name twice": {object{"containers": []object{container("main", "a"), container("main", "b")}}, "create-name-twice", func(seen object) bool {
			return sameItems(seen.each([]any{"spec", "containers"}, "image"), []any{"a", "b"})
		}},
		"ephemeral containers": {
			object{"containers": []object{container("main", "a")}, "ephemeralContainers": []object{container("debug", "b")}},
			"create-ephemeral", func(seen object) bool {
				return seen.at("spec", "ephemeralContainers", 0, "image") == "b"
			},
		},
		"space around an image": {object{"containers": []object{container("main", " nginx\n")}}, "create-image-with-space", func(seen object) bool {
			return seen.at("spec", "containers", 0, "image") == " nginx\n"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			lab, hook := recorder(t)
			invalid := pod("p", "")
			invalid["spec"] = proof.spec
			if reply := lab.create(invalid); reply.Code != http.StatusUnprocessableEntity {
				t.Errorf("expected HTTP 422, but found %d: %s", reply.Code, reply.Message())
			}
			call := only(t, hook.taken())
			if call.path != mutating.path || !proof.check(call.review.Request.Object) {
				t.Errorf("expected another review than %s %s", call.path, call.body)
			}
			fixture(t, proof.fixture, call)
		})
	}
}

// Validation takes any characters inside an image's name, and megabytes of them.
func TestCreateWithOddImages(t *testing.T) {
	lab, hook := recorder(t)
	const odd = "a b\nc\x00\x1b[31m\u202e:::///@@ÄÖ\"\\"
	lab.created(pod("odd", odd))
	mutate, _ := both(t, hook.taken())
	if found := mutate.review.Request.Object.at("spec", "containers", 0, "image"); found != odd {
		t.Errorf("expected %q, but found %q", odd, found)
	}
	fixture(t, "create-image-odd", mutate)

	megabyte := strings.Repeat("x", 1_000_000)
	lab.created(pod("megabyte", megabyte))
	mutate, _ = both(t, hook.taken())
	if found := mutate.review.Request.Object.at("spec", "containers", 0, "image"); found != megabyte {
		t.Error("expected the whole image, but found another")
	}
}
