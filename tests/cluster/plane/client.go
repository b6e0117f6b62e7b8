package plane

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Client speaks to the API server in plain HTTP terms, so that a test decides each
// byte that it sends and sees each byte of the answer.
type Client struct {
	base string
	http *http.Client
	user string
	// The groups of user, beside system:authenticated.
	groups []string
}

// Reply is what the API server answered.
type Reply struct {
	Code   int
	Header http.Header
	Body   []byte
}

// Status is the part of a failed request's answer that people read.
type Status struct {
	Message string
	Reason  string
	Code    int
}

func newClient(base string, authority *Authority, pair KeyPair) (*Client, error) {
	certificate, err := pair.TLS()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{
			RootCAs:      authority.Pool(),
			Certificates: []tls.Certificate{certificate},
			MinVersion:   tls.VersionTLS13,
		},
		ForceAttemptHTTP2: true,
	}
	return &Client{base: base, http: &http.Client{Transport: transport, Timeout: 40 * time.Second}}, nil
}

// As is the same client acting for another user.
func (client *Client) As(user string, groups ...string) *Client {
	other := *client
	other.user, other.groups = user, groups
	return &other
}

// Do sends one request. An error means that there was no answer.
func (client *Client) Do(ctx context.Context, method, path, contentType string, body []byte) (*Reply, error) {
	request, err := http.NewRequestWithContext(ctx, method, client.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "harbor-pilot-tests")
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if client.user != "" {
		request.Header.Set("Impersonate-User", client.user)
		for _, group := range append([]string{"system:authenticated"}, client.groups...) {
			request.Header.Add("Impersonate-Group", group)
		}
	}
	response, err := client.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return &Reply{Code: response.StatusCode, Header: response.Header, Body: content}, nil
}

// Apply writes an object, given in YAML or JSON, by server-side apply.
func (client *Client) Apply(ctx context.Context, path string, object []byte) error {
	reply, err := client.Do(ctx, http.MethodPatch, path+"?fieldManager=harbor-pilot-tests&force=true",
		"application/apply-patch+yaml", object)
	if err != nil {
		return err
	}
	return reply.Err()
}

// Err is nil for a 2xx answer.
func (reply *Reply) Err() error {
	if reply.Code/100 == 2 {
		return nil
	}
	return fmt.Errorf("HTTP %d: %s", reply.Code, reply.Message())
}

// Status reads the answer as a failed request's; its fields are empty for another.
func (reply *Reply) Status() Status {
	var status Status
	// What is no JSON is no Status either, and the empty one says so.
	_ = json.Unmarshal(reply.Body, &status)
	return status
}

// Message is the answer's text: a Status' message, or else the body.
func (reply *Reply) Message() string {
	if message := reply.Status().Message; message != "" {
		return message
	}
	return strings.TrimSpace(string(reply.Body))
}

// Decode reads the answer's JSON into a value.
func (reply *Reply) Decode(into any) error {
	if err := reply.Err(); err != nil {
		return err
	}
	return json.Unmarshal(reply.Body, into)
}
