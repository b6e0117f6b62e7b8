package standin

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// isHealthy asks the upstream's front door. Without a name and a secret any answer but a broken one
// will do, 401 too; with them the upstream must accept them (D1).
func isHealthy(internet Internet, r *registry) bool {
	client := internet.Client(Trust{Insecure: r.insecure, PEM: r.caCertificate})
	anonymous := r.credential.AccessKey == "" && r.credential.AccessSecret == ""
	response, err := fetch(client, r, http.MethodGet, r.base()+"/v2/", "", nil)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	asked := response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden
	if response.StatusCode != http.StatusOK && !(anonymous && asked) {
		return false
	}
	if r.kind != "harbor" {
		return true
	}
	// A Harbor must say that it is one.
	response, err = fetch(client, r, http.MethodGet, r.url+"/api/v2.0/health", "", nil)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// base is where images are: Docker Hub's are not at the address that an endpoint for it has.
func (r *registry) base() string {
	if r.kind == "docker-hub" {
		return "https://registry-1.docker.io"
	}
	return r.url
}

// fetch sends a request, and once more with what a challenge asks for.
func fetch(client *http.Client, r *registry, method, address, scope string, accept []string) (*http.Response, error) {
	send := func(authorize func(*http.Request)) (*http.Response, error) {
		request, err := http.NewRequest(method, address, nil)
		if err != nil {
			return nil, err
		}
		request.Header["Accept"] = accept
		authorize(request)
		return client.Do(request)
	}
	response, err := send(func(*http.Request) {})
	if err != nil || response.StatusCode != http.StatusUnauthorized {
		return response, err
	}
	scheme, parameters := readChallenge(response.Header.Get("Www-Authenticate"))
	switch {
	case scheme == "basic" && r.credential.AccessKey != "":
		_ = response.Body.Close()
		return send(func(request *http.Request) {
			request.SetBasicAuth(r.credential.AccessKey, r.credential.AccessSecret)
		})
	case scheme == "bearer":
		_ = response.Body.Close()
		token, err := fetchToken(client, r, parameters, scope)
		if err != nil {
			return nil, err
		}
		return send(func(request *http.Request) { request.Header.Set("Authorization", "Bearer "+token) })
	}
	return response, nil
}

var challengeParameter = regexp.MustCompile(`([a-z]+)="([^"]*)"`)

func readChallenge(text string) (scheme string, parameters map[string]string) {
	scheme, rest, _ := strings.Cut(text, " ")
	parameters = map[string]string{}
	for _, match := range challengeParameter.FindAllStringSubmatch(rest, -1) {
		parameters[match[1]] = match[2]
	}
	return strings.ToLower(scheme), parameters
}

func fetchToken(client *http.Client, r *registry, parameters map[string]string, scope string) (string, error) {
	query := url.Values{"service": {parameters["service"]}}
	if scope != "" {
		query.Set("scope", scope)
	}
	request, err := http.NewRequest(http.MethodGet, parameters["realm"]+"?"+query.Encode(), nil)
	if err != nil {
		return "", err
	}
	if r.credential.AccessKey != "" {
		request.SetBasicAuth(r.credential.AccessKey, r.credential.AccessSecret)
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the token service answered %s", response.Status)
	}
	var answer struct {
		Token       string `json:"token"`
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&answer); err != nil {
		return "", err
	}
	if answer.Token == "" {
		return answer.AccessToken, nil
	}
	return answer.Token, nil
}
