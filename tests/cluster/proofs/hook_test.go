package proofs

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"harbor-pilot.io/tests/cluster/sandbox"
)

// probe is the name of the Pod by which a lab finds out that its registration is in
// force. It is allowed by every hook, and not counted.
const probe = "registration-probe"

// call is one request that a hook had from the API server.
type call struct {
	path     string
	timeout  string
	protocol string
	header   http.Header
	host     string
	sni      string
	at       time.Time
	// body is the review to the byte.
	body   []byte
	review review
}

// review is what the proofs read of an AdmissionReview.
type review struct {
	Request struct {
		UID                string
		Kind               struct{ Kind string }
		Resource           struct{ Resource string }
		SubResource        string
		RequestSubResource string
		Name               string
		Namespace          string
		Operation          string
		UserInfo           struct{ Username string }
		Object             object
		OldObject          object
		DryRun             bool
		Options            object
	}
}

// answer is how a hook replies to a call.
type answer func(http.ResponseWriter, call)

// webhook is a process that serves one: a TLS server on an address of its own.
type webhook struct {
	address netip.AddrPort
	http    *http.Server
	probed  atomic.Pointer[string] // the path of the last probe

	lock   sync.Mutex
	answer answer
	early  answer
	calls  []call
}

// firstHook is past the addresses of the control plane and of harbor-pilot.
const firstHook = 32

var nextHost atomic.Int32

// newHook starts one on an address that no other has. It offers h2 as well as
// http/1.1: which of them is used is the API server's choice.
func newHook(t *testing.T, lab *lab, reply answer) *webhook {
	t.Helper()
	return newHookAt(t, lab, newAddress(t), reply)
}

func newAddress(t *testing.T) netip.Addr {
	t.Helper()
	host := firstHook + nextHost.Add(1)
	if host > 254 {
		t.Fatal("expected an address for each hook, but found that all are given away")
	}
	return sandbox.Address(byte(host))
}

func newHookAt(t *testing.T, lab *lab, address netip.Addr, reply answer) *webhook {
	t.Helper()
	hook := &webhook{address: netip.AddrPortFrom(address, 8443), answer: reply}
	pair, err := cluster.Authority.Issue("hook", nil, lab.hookHost(), "127.0.0.1")
	must(t, err)
	certificate, err := pair.TLS()
	must(t, err)
	hook.http = &http.Server{
		Handler:   hook,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}},
		// Connections that break are what some proofs are about.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	hook.listen(t)
	t.Cleanup(func() { _ = hook.http.Close() })
	return hook
}

func (hook *webhook) listen(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", hook.address.String())
	must(t, err)
	go func() { _ = hook.http.ServeTLS(listener, "", "") }()
}

func (hook *webhook) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	call := call{
		path:     request.URL.Path,
		timeout:  request.URL.Query().Get("timeout"),
		protocol: request.Proto,
		header:   request.Header,
		host:     request.Host,
		sni:      request.TLS.ServerName,
		at:       time.Now(),
	}
	reply, early := hook.current()
	if early != nil {
		hook.record(call)
		early(response, call)
		return
	}
	var err error
	if call.body, err = io.ReadAll(request.Body); err != nil {
		return // the API server gave up
	}
	if err := json.Unmarshal(call.body, &call.review); err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	if call.review.Request.Object.at("metadata", "name") == probe {
		hook.probed.Store(&call.path)
		allow(response, call)
		return
	}
	hook.record(call)
	reply(response, call)
}

func (hook *webhook) record(call call) {
	hook.lock.Lock()
	defer hook.lock.Unlock()
	hook.calls = append(hook.calls, call)
}

func (hook *webhook) current() (reply, early answer) {
	hook.lock.Lock()
	defer hook.lock.Unlock()
	return hook.answer, hook.early
}

// answers changes how it replies from now on.
func (hook *webhook) answers(reply answer) {
	hook.lock.Lock()
	defer hook.lock.Unlock()
	hook.answer = reply
}

// answersEarly makes it reply before it has read the request's body.
func (hook *webhook) answersEarly(reply answer) {
	hook.lock.Lock()
	defer hook.lock.Unlock()
	hook.early = reply
}

// taken is the calls since the last time that one asked.
func (hook *webhook) taken() []call {
	hook.lock.Lock()
	defer hook.lock.Unlock()
	calls := hook.calls
	hook.calls = nil
	return calls
}

// respond makes an answer of a review's response, which gets the call's uid.
func respond(response object) answer {
	return func(writer http.ResponseWriter, call call) {
		filled := object{"uid": call.review.Request.UID}
		for key, value := range response {
			filled[key] = value
		}
		send(writer, object{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": filled})
	}
}

func send(writer http.ResponseWriter, body object) {
	writer.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(writer).Encode(body) // a client that is gone is the client's affair
}

var uids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

var allow = respond(object{"allowed": true})

// patching allows, and changes the object by a JSON Patch.
func patching(operations ...object) answer {
	return respond(object{"allowed": true, "patchType": "JSONPatch", "patch": encoded(operations)})
}

// mutatingOnly gives that answer as a mutating webhook, and allows as a validating one.
func mutatingOnly(reply answer) answer {
	return func(writer http.ResponseWriter, call call) {
		if call.path == mutating.path {
			reply(writer, call)
		} else {
			allow(writer, call)
		}
	}
}

func encoded(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // a proof's own literal
	}
	return base64.StdEncoding.EncodeToString(text)
}

// inTurn replies with each answer once, and with the last one from then on.
func inTurn(answers ...answer) answer {
	var lock sync.Mutex
	return func(writer http.ResponseWriter, call call) {
		lock.Lock()
		reply := answers[0]
		if len(answers) > 1 {
			answers = answers[1:]
		}
		lock.Unlock()
		reply(writer, call)
	}
}

// unavailableFor is a 503 that asks for another try.
func unavailableFor(retryAfter string) answer {
	return func(writer http.ResponseWriter, _ call) {
		if retryAfter != "" {
			writer.Header().Set("Retry-After", retryAfter)
		}
		writer.Header().Set("Connection", "close")
		writer.WriteHeader(http.StatusServiceUnavailable)
	}
}
