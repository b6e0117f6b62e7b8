package proofs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"harbor-pilot.io/tests/cluster/plane"
)

const (
	theSecret     = "/api/v1/namespaces/" + plane.PilotNamespace + "/secrets/harbor-pilot-certificates"
	registrations = "/apis/admissionregistration.k8s.io/v1/"
	theAccount    = "system:serviceaccount:" + plane.PilotNamespace + ":harbor-pilot"
)

var selfManaged = []string{"--set", "tls.mode=selfManaged", "--set-literal", "tls.caBundle="}

// harbor-pilot with certificates that look after themselves.
func TestInstalledSelfManaged(t *testing.T) {
	installed := install(t, append(slices.Clone(selfManaged), "--set", "registration.enabled=false")...)
	lab := newLab(t)
	expectImage(t, lab.accepts(pod("before", forbidden)).at(mainImage...), forbidden)
	installed.pilot.Arguments = append(installed.pilot.Arguments, "--set", "registration.enabled=true")
	must(t, installed.upgrade(installed.policy))
	lab.allowed(operatorImage, true)
	for _, proof := range []struct {
		name string
		run  func(*testing.T, *release)
	}{
		{"two that started at once serve one certificate", servesOneCertificate},
		{"its account may change caBundle alone", mayChangeTheBundleAlone},
		{"a bundle that is taken away comes back", bundleComesBack},
		{"ready while every registration trusts it", readyWhileTrusted},
		{"a right to the Secret that is taken away is named", saysWhichRightIsMissing},
		{"rubbish in the Secret costs nothing", rubbishInTheSecret},
		{"a deleted Secret costs nothing", deletedSecret},
		{"upgrades leave the Secret alone", upgradesLeaveTheSecretAlone},
		{"a replica that starts on a broken policy goes by the last good one", startsFromTheLastGood},
		{"to a Secret of the admin's and back", switchesModes},
	} {
		t.Run(proof.name, func(t *testing.T) {
			own := *installed
			own.t = t
			proof.run(t, &own)
		})
	}
}

// secret is the data of the Secret that the replicas share.
func (lab *lab) secret() map[string]string {
	lab.t.Helper()
	data := map[string]string{}
	stored, _ := lab.stored(lab.send(http.MethodGet, theSecret, nil))["data"].(map[string]any)
	for key, value := range stored {
		text, err := base64.StdEncoding.DecodeString(value.(string))
		must(lab.t, err)
		data[key] = string(text)
	}
	return data
}

// writeSecret changes keys of it; nil removes one.
func (lab *lab) writeSecret(change object) {
	lab.t.Helper()
	for key, value := range change {
		if text, ok := value.(string); ok {
			change[key] = base64.StdEncoding.EncodeToString([]byte(text))
		}
	}
	must(lab.t, lab.sendBytes(http.MethodPatch, theSecret, mergePatch, encodedJSON(object{"data": change})).Err())
}

// hurry waits until a new CA is everywhere, and has its minute be over.
func (lab *lab) hurry(lasts func() bool) {
	for lasts() {
		time.Sleep(100 * time.Millisecond)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		reply, err := lab.client.Do(ctx, http.MethodGet, theSecret, "", nil)
		cancel()
		var secret struct{ Data map[string][]byte }
		if err != nil || reply.Decode(&secret) != nil {
			continue
		}
		var times map[string]any
		if json.Unmarshal(secret.Data["times.json"], &times) != nil {
			continue
		}
		since, ok := times["nextTrustedSince"].(float64)
		if !ok || int64(since) < time.Now().Unix()-60 {
			continue
		}
		times["nextTrustedSince"] = int64(since) - 61
		lab.writeSecret(object{"times.json": string(encodedJSON(times))})
	}
}

// whileHurried does something that needs a new CA to be in use soon.
func (lab *lab) whileHurried(do func()) {
	done := make(chan struct{})
	var hurrying sync.WaitGroup
	hurrying.Go(func() {
		lab.hurry(func() bool {
			select {
			case <-done:
				return false
			default:
				return true
			}
		})
	})
	do()
	close(done)
	hurrying.Wait()
}

func certificates(t *testing.T, text string) []*x509.Certificate {
	t.Helper()
	var all []*x509.Certificate
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return all
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		must(t, err)
		all = append(all, certificate)
	}
}

// registeredBundles is `caBundle` of each webhook that is registered.
func (lab *lab) registeredBundles() []string {
	lab.t.Helper()
	var all []string
	for _, kind := range []string{"mutatingwebhookconfigurations", "validatingwebhookconfigurations"} {
		stored := lab.stored(lab.send(http.MethodGet, registrations+kind+"/harbor-pilot", nil))
		for _, webhook := range stored["webhooks"].([]any) {
			bundle, _ := object(webhook.(map[string]any)).at("clientConfig", "caBundle").(string)
			text, err := base64.StdEncoding.DecodeString(bundle)
			must(lab.t, err)
			all = append(all, string(text))
		}
	}
	return all
}

// onlyTheCurrentInBundles fails where a webhook trusts anything but the CA that signs.
func (lab *lab) onlyTheCurrentInBundles() error {
	for _, bundle := range lab.registeredBundles() {
		if bundle != lab.secret()["ca.crt"] {
			return errors.New("not yet")
		}
	}
	return nil
}

// serves is the certificate that a replica serves, verified as the API server does it, by each bundle.
func (lab *lab) serves(replica object) (*x509.Certificate, error) {
	lab.t.Helper()
	var served *x509.Certificate
	for _, bundle := range lab.registeredBundles() {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM([]byte(bundle))
		for _, name := range []string{".svc", ".svc.cluster.local"} {
			connection, err := tls.Dial("tcp", fmt.Sprintf("%s:8443", replica.at("status", "podIP")), &tls.Config{
				RootCAs: pool, ServerName: "harbor-pilot." + plane.PilotNamespace + name, MinVersion: tls.VersionTLS12,
			})
			if err != nil {
				return nil, err
			}
			served = connection.ConnectionState().PeerCertificates[0]
			connection.Close()
		}
	}
	return served, nil
}

// allServe waits until every replica serves what the Secret has, and it is another than before.
func (lab *lab) allServe(release *release, before string) {
	lab.t.Helper()
	for _, replica := range release.replicas(lab) {
		lab.within(patience, "a replica serves the new certificate", func() error {
			has := lab.secret()["tls.crt"]
			if has == "" || has == before {
				return errors.New("there is none yet")
			}
			served, err := lab.serves(replica)
			if err == nil && !served.Equal(certificates(lab.t, has)[0]) {
				err = errors.New("it serves another")
			}
			return err
		})
	}
}

func servesOneCertificate(t *testing.T, release *release) {
	lab := newLab(t)
	lab.allServe(release, "")
	leaf, authority := certificates(t, lab.secret()["tls.crt"])[0], certificates(t, lab.secret()["ca.crt"])[0]
	day := 24 * time.Hour
	if lasts := leaf.NotAfter.Sub(leaf.NotBefore); lasts != 366*day {
		t.Errorf("expected a year and the day before, but found %s", lasts)
	}
	if lasts := authority.NotAfter.Sub(authority.NotBefore); lasts != 3651*day {
		t.Errorf("expected ten years and the day before, but found %s", lasts)
	}
	for _, bundle := range lab.registeredBundles() {
		if found := certificates(t, bundle); len(found) != 1 || !found[0].Equal(authority) {
			t.Errorf("expected the CA and nothing else, but found %d", len(found))
		}
	}
	for _, replica := range release.replicas(lab) {
		contains(t, lab.asks(replica, "/readyz?verbose"), "[+] certificate: valid until", "\nready\n")
		if names := replica.each([]any{"spec", "volumes"}, "name"); !sameItems(names, []any{"policy", "token"}) {
			t.Errorf("expected the policy and the token to be mounted, but found %v", names)
		}
	}
}

// RBAC alone would let it do more; the policy does not.
func mayChangeTheBundleAlone(t *testing.T, _ *release) {
	lab := newLab(t)
	account := lab.as(theAccount, "system:serviceaccounts", "system:authenticated")
	patch := func(kind, name string, operations ...object) *plane.Reply {
		return account.sendBytes(http.MethodPatch, registrations+kind+"/"+name+"?dryRun=All", "application/json-patch+json", encodedJSON(operations))
	}
	for _, kind := range []string{"mutatingwebhookconfigurations", "validatingwebhookconfigurations"} {
		must(t, patch(kind, "harbor-pilot", operation("replace", "/webhooks/0/clientConfig/caBundle", "")).Err())
		for _, change := range []object{
			operation("replace", "/webhooks/0/failurePolicy", ignore),
			operation("replace", "/webhooks/0/rules", []object{}),
			operation("replace", "/webhooks/0/clientConfig/service/namespace", "default"),
			operation("replace", "/webhooks/0/clientConfig/service/path", "/else"),
			operation("replace", "/webhooks/0/namespaceSelector", object{}),
			operation("replace", "/webhooks/0/objectSelector", object{"matchLabels": object{"a": "b"}}),
			operation("replace", "/webhooks/0/matchConditions", []object{{"name": "never", "expression": "false"}}),
			operation("replace", "/webhooks/0/matchPolicy", "Exact"),
			operation("replace", "/webhooks/0/timeoutSeconds", 1),
			operation("replace", "/webhooks/0/sideEffects", "NoneOnDryRun"),
			operation("replace", "/webhooks/0/name", "other.harbor-pilot.io"),
			operation("replace", "/webhooks", []object{}),
			operation("add", "/metadata/annotations/a", "b"),
			operation("replace", "/metadata/labels", object{}),
			operation("add", "/metadata/finalizers", []string{"example.com/hold"}),
		} {
			reply := patch(kind, "harbor-pilot", change)
			if reply.Code != http.StatusUnprocessableEntity || !strings.Contains(reply.Message(), "harbor-pilot may change nothing but caBundle") {
				t.Errorf("%s %v: expected the policy to refuse it, but found HTTP %d: %s", kind, change["path"], reply.Code, reply.Message())
			}
		}
	}
	if reply := patch("mutatingwebhookconfigurations", "harbor-pilot", operation("replace", "/webhooks/0/reinvocationPolicy", "Never")); reply.Code != http.StatusUnprocessableEntity {
		t.Errorf("expected the policy to refuse it, but found HTTP %d: %s", reply.Code, reply.Message())
	}
	secrets := "/api/v1/namespaces/" + plane.PilotNamespace + "/secrets"
	for _, request := range []struct{ method, path string }{
		{http.MethodDelete, registrations + "mutatingwebhookconfigurations/harbor-pilot"},
		{http.MethodGet, registrations + "mutatingwebhookconfigurations"},
		{http.MethodGet, registrations + "mutatingwebhookconfigurations/other"},
		{http.MethodGet, secrets},
		{http.MethodGet, secrets + "/harbor-pilot-tls"},
		{http.MethodDelete, theSecret},
		{http.MethodGet, lab.pods()},
		{http.MethodGet, "/api/v1/namespaces/kube-system/secrets/harbor-pilot-certificates"},
	} {
		if reply := account.send(request.method, request.path+"?dryRun=All", nil); reply.Code != http.StatusForbidden {
			t.Errorf("%s %s: expected HTTP 403, but found %d: %s", request.method, request.path, reply.Code, reply.Message())
		}
	}
	for path, created := range map[string]object{
		secrets: {"metadata": object{"name": "harbor-pilot-certificates-2"}},
		registrations + "mutatingwebhookconfigurations": {"metadata": object{"name": "harbor-pilot"}},
	} {
		if reply := account.send(http.MethodPost, path+"?dryRun=All", created); reply.Code != http.StatusForbidden {
			t.Errorf("%s: expected HTTP 403, but found %d: %s", path, reply.Code, reply.Message())
		}
	}
	// The type checker of the API server has no objections to what the policy asks.
	stored := lab.stored(lab.send(http.MethodGet, registrations+"validatingadmissionpolicies/harbor-pilot", nil))
	if warnings := stored.at("status", "typeChecking", "expressionWarnings"); warnings != nil {
		t.Errorf("expected no warnings, but found %v", warnings)
	}
}

func bundleComesBack(t *testing.T, _ *release) {
	lab := newLab(t)
	for _, kind := range []string{"mutatingwebhookconfigurations", "validatingwebhookconfigurations"} {
		must(t, lab.sendBytes(http.MethodPatch, registrations+kind+"/harbor-pilot", "application/json-patch+json", encodedJSON([]object{
			operation("remove", "/webhooks/0/clientConfig/caBundle", nil),
		})).Err())
	}
	lab.eventually("the bundles are back", lab.onlyTheCurrentInBundles)
	lab.allowed(operatorImage, true)
}

// Without the right to write `caBundle`, a replica can only say what it waits for.
func readyWhileTrusted(t *testing.T, release *release) {
	lab := newLab(t)
	binding := "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/harbor-pilot"
	stored := lab.stored(lab.send(http.MethodGet, binding, nil))
	subjects := stored["subjects"]
	bind := func(subjects any) {
		must(t, lab.sendBytes(http.MethodPatch, binding, mergePatch, encodedJSON(object{"subjects": subjects})).Err())
	}
	bind([]object{})
	for _, replica := range release.replicas(lab) {
		lab.eventually("a replica has lost its rights, and serves on", func() error {
			page := lab.asks(replica, "/readyz?verbose")
			if !strings.Contains(page, "the API server says 403") || !strings.HasSuffix(page, "\nready\n") {
				return errors.New(page)
			}
			return nil
		})
	}
	// It may look, and not write.
	role := "/apis/rbac.authorization.k8s.io/v1/clusterroles/harbor-pilot"
	verbs := func(verbs ...string) {
		must(t, lab.sendBytes(http.MethodPatch, role, "application/json-patch+json", encodedJSON([]object{operation("replace", "/rules/0/verbs", verbs)})).Err())
	}
	verbs("get")
	bind(subjects)
	must(t, lab.sendBytes(http.MethodPatch, registrations+"mutatingwebhookconfigurations/harbor-pilot", "application/json-patch+json", encodedJSON([]object{
		operation("replace", "/webhooks/0/clientConfig/caBundle", base64.StdEncoding.EncodeToString(cluster.Authority.PEM())),
	})).Err())
	for _, replica := range release.replicas(lab) {
		lab.eventually("a replica is not ready, and says why", func() error {
			page := lab.asks(replica, "/readyz")
			if page != "not ready: the certificate: 1 of 4 webhooks do not have its CA in `caBundle` yet\n" {
				return errors.New(page)
			}
			return nil
		})
	}
	verbs("get", "patch")
	for _, replica := range release.replicas(lab) {
		lab.eventually("a replica is ready again", func() error {
			if page := lab.asks(replica, "/readyz"); page != "ready\n" {
				return errors.New(page)
			}
			return nil
		})
	}
	lab.allowed(operatorImage, true)
	lab.forgetOthers()
}

// What it can't do without the rights to its Secret, and that what is served stays meanwhile.
func saysWhichRightIsMissing(t *testing.T, release *release) {
	lab := newLab(t)
	role := "/apis/rbac.authorization.k8s.io/v1/namespaces/" + plane.PilotNamespace + "/roles/harbor-pilot"
	verbs := func(verbs ...string) {
		must(t, lab.sendBytes(http.MethodPatch, role, "application/json-patch+json", encodedJSON([]object{operation("replace", "/rules/0/verbs", verbs)})).Err())
	}
	says := func(verb string) {
		refused := "Secret `harbor-pilot-certificates`: the API server says 403: secrets \"harbor-pilot-certificates\" is forbidden: " +
			"User \"" + theAccount + "\" cannot " + verb + " resource"
		for _, replica := range release.replicas(lab) {
			lab.eventually("a replica names the right to "+verb+", and serves on", func() error {
				page := lab.asks(replica, "/readyz?verbose")
				if !strings.Contains(page, refused) || !strings.HasSuffix(page, "\nready\n") {
					return errors.New(page)
				}
				return nil
			})
		}
		lab.allowed(operatorImage, true)
	}
	verbs("update")
	says("get")
	verbs("get")
	lab.writeSecret(object{"tls.crt": nil, "tls.key": nil}) // due to be made anew
	says("update")
	verbs("get", "update")
	lab.eventually("there is a new certificate", func() error {
		if lab.secret()["tls.crt"] == "" {
			return errors.New("not yet")
		}
		return nil
	})
}

func leafRotates(t *testing.T, release *release) {
	lab := newLab(t)
	before := lab.secret()
	stream := newStream(lab, samples...)
	lab.writeSecret(object{"tls.crt": nil, "tls.key": nil})
	lab.allServe(release, before["tls.crt"])
	time.Sleep(time.Second)
	stream.lostNothing(t)
	if after := lab.secret(); after["ca.crt"] != before["ca.crt"] {
		t.Error("expected the same CA, but found another")
	}
}

// Without its key a CA signs no more: another takes its place, and it stays trusted for as long as
// its last leaf is valid.
func authorityRotates(t *testing.T, release *release) {
	lab := newLab(t)
	before := lab.secret()
	stream := newStream(lab, samples...)
	lab.writeSecret(object{"ca.key": nil})
	lab.eventually("both CAs are trusted", func() error {
		for _, bundle := range lab.registeredBundles() {
			if len(certificates(t, bundle)) != 2 || !strings.Contains(bundle, before["ca.crt"]) {
				return errors.New("not yet")
			}
		}
		return nil
	})
	lab.eventually("the time of trust stands in the Secret", func() error {
		if !strings.Contains(lab.secret()["times.json"], "nextTrustedSince") {
			return errors.New("not yet")
		}
		return nil
	})
	// A replica that starts anew goes on where the others are; and nobody serves it too early.
	time.Sleep(3 * time.Second)
	if lab.secret()["tls.crt"] != before["tls.crt"] {
		t.Error("expected the old leaf for a minute, but found another")
	}
	lab.whileHurried(func() { lab.allServe(release, before["tls.crt"]) })
	time.Sleep(time.Second)
	stream.lostNothing(t)
	for _, bundle := range lab.registeredBundles() {
		contains(t, bundle, before["ca.crt"], lab.secret()["ca.crt"])
	}
	// Its last leaf's end comes.
	var times struct {
		Retired []map[string]any `json:"retired"`
	}
	must(t, json.Unmarshal([]byte(lab.secret()["times.json"]), &times))
	if len(times.Retired) != 1 || int64(times.Retired[0]["until"].(float64)) != certificates(t, before["tls.crt"])[0].NotAfter.Unix() {
		t.Fatalf("expected the old CA until the end of its leaf, but found %v", times.Retired)
	}
	times.Retired[0]["until"] = time.Now().Unix()
	lab.writeSecret(object{"times.json": string(encodedJSON(times))})
	lab.onlyTheCurrentIsTrusted()
}

func (lab *lab) onlyTheCurrentIsTrusted() {
	lab.t.Helper()
	lab.eventually("the old CA is trusted no more", lab.onlyTheCurrentInBundles)
}

func rubbishInTheSecret(t *testing.T, release *release) {
	lab := newLab(t)
	before := lab.secret()
	stream := newStream(lab, samples...)
	lab.writeSecret(object{"ca.crt": "rubbish", "ca.key": "rubbish", "tls.crt": "rubbish", "tls.key": "", "times.json": "[", "other": "x"})
	lab.whileHurried(func() { lab.allServe(release, "rubbish") })
	time.Sleep(time.Second)
	stream.lostNothing(t)
	after := lab.secret()
	if after["ca.crt"] == before["ca.crt"] || after["other"] != "" {
		t.Error("expected a new CA, and nothing of the rubbish")
	}
	lab.forgetOthers()
}

// forgetOthers has the day be over for which certificates that nobody knows stay trusted.
func (lab *lab) forgetOthers() {
	lab.t.Helper()
	lab.eventually("the others' time is over", func() error {
		var times map[string]any
		must(lab.t, json.Unmarshal([]byte(lab.secret()["times.json"]), &times))
		retired, _ := times["retired"].([]any)
		for _, one := range retired {
			one.(map[string]any)["until"] = time.Now().Unix()
		}
		if len(retired) > 0 {
			lab.writeSecret(object{"times.json": string(encodedJSON(times))})
		}
		return lab.onlyTheCurrentInBundles()
	})
}

func deletedSecret(t *testing.T, release *release) {
	lab := newLab(t)
	before := lab.secret()
	stream := newStream(lab, samples...)
	must(t, lab.send(http.MethodDelete, theSecret, nil).Err())
	for _, replica := range release.replicas(lab) {
		lab.eventually("a replica complains", func() error {
			page := lab.asks(replica, "/readyz?verbose")
			if !strings.Contains(page, "there is no Secret `harbor-pilot-certificates`") || !strings.HasSuffix(page, "\nready\n") {
				return errors.New(page)
			}
			return nil
		})
	}
	lab.whileHurried(func() {
		if err := release.upgrade(release.policy); err != nil {
			for _, replica := range release.replicas(lab) {
				t.Log(lab.asks(replica, "/readyz?verbose"), replica.at("status", "conditions"))
			}
			t.Fatal(err)
		}
		lab.allServe(release, before["tls.crt"])
	})
	time.Sleep(time.Second)
	stream.lostNothing(t)
	lab.forgetOthers()
}

// Also one that replaces all replicas; the new ones take what is there.
func upgradesLeaveTheSecretAlone(t *testing.T, release *release) {
	lab := newLab(t)
	before := lab.secret()
	stream := newStream(lab, samples...)
	must(t, release.upgrade(release.policy+"# changed\n"))
	lab.restart()
	lab.rolledOut()
	stream.lostNothing(t)
	same(t, "the Secret", lab.secret(), before)
	for _, bundle := range lab.registeredBundles() {
		if bundle != before["ca.crt"] {
			t.Error("expected the bundles to stay as they are")
		}
	}
}

// The policy is broken, nobody was asked about it, and every replica is replaced.
func startsFromTheLastGood(t *testing.T, release *release) {
	lab := newLab(t)
	lastGood := "/api/v1/namespaces/" + plane.PilotNamespace + "/configmaps/harbor-pilot-last-good-policy"
	inForce := lab.stored(lab.send(http.MethodGet, thePolicy, nil)).at("data", "policies.yaml")
	lab.eventually("the policy in force is kept", func() error {
		if lab.stored(lab.send(http.MethodGet, lastGood, nil)).at("data", "policies.yaml") != inForce {
			return errors.New("not yet")
		}
		return nil
	})
	lab.unasked()
	lab.configure(broken)
	stream := newStream(lab, samples...)
	before := names(release.replicas(lab))
	lab.restart()
	lab.rolledOut()
	lab.gone(before)
	stream.lostNothing(t)
	lab.rejects(pod("q", forbidden))
	for _, replica := range release.replicas(lab) {
		contains(t, lab.asks(replica, "/readyz?verbose"), "[!] policy: ", "harbour", "\nready\n")
		contains(t, lab.asks(replica, "/metrics"), `harbor_pilot_reload_successful{file="policy"} 0`)
	}
	if kept := lab.stored(lab.send(http.MethodGet, lastGood, nil)).at("data", "policies.yaml"); kept != inForce {
		t.Errorf("expected the good policy to be kept, but found %v", kept)
	}

	// Where there is none, a replica is not ready; those that run stay.
	must(t, lab.sendBytes(http.MethodPatch, lastGood, mergePatch, encodedJSON(object{"data": nil})).Err())
	before = names(release.replicas(lab))
	lab.restart()
	time.Sleep(4 * time.Second)
	for _, replica := range release.replicas(lab) {
		old := slices.Contains(before, replica.at("metadata", "name").(string))
		ready := replica.at("status", "containerStatuses", 0, "ready")
		if old != (ready == true) {
			t.Errorf("expected the old replicas to be ready, and no other, but found %v", replica.at("metadata", "name"))
		}
	}
	expectImage(t, lab.accepts(pod("p", operatorImage)).at(mainImage...), inHarbor)
	must(t, release.upgrade(release.policy, "--force-conflicts"))
	release.areContent(lab)
}

// As docs/install.md says it: to `secret` with the old CA beside the new one, and back with the CA of
// before given once more.
func switchesModes(t *testing.T, release *release) {
	lab := newLab(t)
	arguments := release.pilot.Arguments
	stream := newStream(lab, samples...)
	both := t.TempDir() + "/both.crt"
	must(t, os.WriteFile(both, []byte(lab.secret()["ca.crt"]+string(cluster.Authority.PEM())), 0o600))
	release.pilot.Arguments = append(withoutLiteral(arguments), "--set", "tls.mode=secret", "--set-file", "tls.caBundle="+both)
	must(t, release.upgrade(release.policy, "--force-conflicts"))
	stream.lostNothing(t)
	if reply := lab.send(http.MethodGet, theSecret, nil); reply.Code != http.StatusNotFound {
		t.Errorf("expected no Secret of ours in that mode, but found HTTP %d", reply.Code)
	}

	stream = newStream(lab, samples...)
	release.pilot.Arguments = append(withoutLiteral(arguments), "--set-file", "tls.caBundle="+both)
	lab.whileHurried(func() { must(t, release.upgrade(release.policy, "--timeout", "90s")) })
	lab.allServe(release, "")
	for _, bundle := range lab.registeredBundles() {
		contains(t, bundle, string(cluster.Authority.PEM()), lab.secret()["ca.crt"])
	}
	release.pilot.Arguments = arguments
	must(t, release.upgrade(release.policy))
	time.Sleep(time.Second)
	stream.lostNothing(t)
	lab.forgetOthers()
}

// withoutLiteral is arguments that leave `tls.caBundle` to those after them.
func withoutLiteral(arguments []string) []string {
	return slices.DeleteFunc(slices.Clone(arguments), func(argument string) bool {
		return argument == "--set-literal" || argument == "tls.caBundle="
	})
}
