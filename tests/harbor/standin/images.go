package standin

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// Harbor asks upstream for every kind of manifest, whatever its own client accepts.
var manifestTypes = []string{
	"application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
	"application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.docker.distribution.manifest.v2+json",
}

// /v2/<repository>/manifests/<tag or digest>, /v2/<repository>/blobs/<digest>
var imagePath = regexp.MustCompile(`^/v2/((?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*/?)+)/(manifests|blobs)/([^/]+)$`)

// serveImages is what nodes pull from. A project is the first component of a repository, the rest is
// what upstream is asked for (D2).
func (h *Harbor) serveImages(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.URL.Path == "/v2/" {
		if !h.loggedIn(r) {
			h.challenge(w, r, "", "unauthorized")
			return
		}
		w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
		w.WriteHeader(http.StatusOK)
		return
	}
	match := imagePath.FindStringSubmatch(r.URL.Path)
	if match == nil {
		send(w, notFound("path %s was not found", r.URL.Path))
		return
	}
	repository, kind, reference := match[1], match[2], match[3]
	p := h.projectOf(repository)
	switch {
	case p == nil:
		// Harbor looks for the project while it asks who may pull, so even an admin hears 401.
		h.challenge(w, r, repository, "project not found")
		return
	case r.Method == http.MethodHead && r.Header.Get("Authorization") == "":
		h.challenge(w, r, repository, "authorize header needed to send HEAD to repository")
		return
	case !h.mayPull(r, p, repository):
		h.challenge(w, r, repository, "unauthorized to access repository: "+repository+", action: pull")
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		send(w, denied("can not push artifact to a proxy project: %v", p.name)) // D4
		return
	}
	_, path, _ := strings.Cut(repository, "/")
	if err := h.proxy(w, r, p, path, kind, reference); err != nil {
		send(w, err)
	}
}

// proxy answers with what upstream has. Nothing is kept here: what upstream does not give is not there.
func (h *Harbor) proxy(w http.ResponseWriter, r *http.Request, p *project, path, kind, reference string) error {
	missing := notFound("artifact %s/%s:%s not found", p.name, path, reference)
	if p.registry == nil || !p.registry.healthy { // D1: an unhealthy registry is not asked
		return missing
	}
	if p.registry.kind == "docker-hub" && !strings.Contains(path, "/") { // D4: this type alone
		target := url.URL{Path: fmt.Sprintf("/v2/%s/library/%s/%s/%s", p.name, path, kind, reference)}
		w.Header().Set("Location", target.String())
		w.WriteHeader(http.StatusMovedPermanently)
		return nil
	}
	if p.registry.kind == "docker-hub" && h.config.Version == (Version{2, 15, 0}) {
		return missing // D4: that release lost its way to Docker Hub (harbor#23025)
	}
	passes, err := passesFilter(path, p.metadata["proxy_cache_filter_pattern"], p.metadata["proxy_cache_filter_kind"])
	if err != nil || !passes { // D2
		return missing
	}
	from := *p.registry
	var response *http.Response
	h.outside(func() {
		client := h.config.Internet.Client(Trust{Insecure: from.insecure, PEM: from.caCertificate})
		address := fmt.Sprintf("%s/v2/%s/%s/%s", from.base(), path, kind, reference)
		response, err = fetch(client, &from, r.Method, address, "repository:"+path+":pull", manifestTypes)
	})
	if err != nil {
		return missing // whatever goes wrong up there, Harbor falls back to what it has (D4)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return missing
	}
	for _, name := range []string{"Content-Type", "Content-Length", "Docker-Content-Digest", "Etag"} {
		if value := response.Header.Get(name); value != "" {
			w.Header().Set(name, value)
		}
	}
	w.WriteHeader(http.StatusOK)
	_, _ = io.Copy(w, response.Body)
	return nil
}
