package proofs

import (
	"encoding/base64"
	"net/http"
	"testing"

	"harbor-pilot.io/tests/cluster/sandbox"
)

// A Service is called over http/1.1 even by an API server that is offered h2.
func TestServicesAreCalledOverHTTP1(t *testing.T) {
	lab := newLab(t)
	hook := newHook(t, lab, allow)
	lab.register([]*webhook{hook}, fail, nil, mutating)
	lab.created(pod("p", "nginx"))

	call := only(t, hook.taken())
	for what, pair := range map[string][2]string{
		"protocol":        {call.protocol, "HTTP/1.1"},
		"host":            {call.host, lab.hookHost() + ":443"},
		"server name":     {call.sni, lab.hookHost()},
		"path":            {call.path, "/mutate"},
		"timeout":         {call.timeout, "5s"},
		"user agent":      {call.header.Get("User-Agent"), "kube-apiserver-admission"},
		"content type":    {call.header.Get("Content-Type"), "application/json"},
		"accept":          {call.header.Get("Accept"), "application/json, */*"},
		"accept encoding": {call.header.Get("Accept-Encoding"), "gzip"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: expected `%s`, but found `%s`", what, pair[1], pair[0])
		}
	}
}

// The same hook, called at a loopback URL, speaks h2: tests that register one that
// way would take another path than production does.
func TestLoopbackURLsAreCalledOverHTTP2(t *testing.T) {
	lab := newLab(t)
	hook := newHookAt(t, lab, sandbox.Loopback, allow)
	lab.register([]*webhook{hook}, fail, object{"clientConfig": object{
		"url":      "https://" + hook.address.String() + "/mutate",
		"caBundle": base64.StdEncoding.EncodeToString(cluster.Authority.PEM()),
	}}, mutating)
	lab.created(pod("p", "nginx"))
	if call := only(t, hook.taken()); call.protocol != "HTTP/2.0" {
		t.Errorf("expected `HTTP/2.0`, but found `%s`", call.protocol)
	}
}

// What a Service's EndpointSlice may not hold: the reason why the control plane has
// addresses beside 127.0.0.1.
func TestEndpointSlicesRefuseLoopback(t *testing.T) {
	lab := newLab(t)
	reply := lab.send(http.MethodPost, "/apis/discovery.k8s.io/v1/namespaces/"+lab.namespace+"/endpointslices", object{
		"metadata":    object{"name": "loopback"},
		"addressType": "IPv4",
		"endpoints":   []object{{"addresses": []string{"127.0.0.1"}}},
	})
	if reply.Code != http.StatusUnprocessableEntity {
		t.Errorf("expected HTTP 422, but found %d: %s", reply.Code, reply.Message())
	}
}
