package standin

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A registry is an endpoint: where images come from.
type registry struct {
	id                    int64
	name, description     string
	kind, url             string
	insecure              bool
	credential            credential
	caCertificate         string
	healthy               bool
	created, lastModified time.Time
}

type credential struct {
	Type         string `json:"type,omitempty"`
	AccessKey    string `json:"access_key,omitempty"`
	AccessSecret string `json:"access_secret,omitempty"`
}

const mask = "*****" // D1

type registryJSON struct {
	ID            int64       `json:"id,omitempty"`
	Name          string      `json:"name,omitempty"`
	Description   string      `json:"description,omitempty"`
	Type          string      `json:"type,omitempty"`
	URL           string      `json:"url,omitempty"`
	Insecure      bool        `json:"insecure"`
	Credential    *credential `json:"credential,omitempty"`
	CACertificate string      `json:"ca_certificate,omitempty"`
	Status        string      `json:"status,omitempty"`
	CreationTime  string      `json:"creation_time,omitempty"`
	UpdateTime    string      `json:"update_time,omitempty"`
}

// json is what a GET shows: never the secret, and an empty credential where there is none.
func (r *registry) json() registryJSON {
	shown := r.credential
	if shown.AccessSecret != "" {
		shown.AccessSecret = mask // D1
	}
	return registryJSON{
		ID: r.id, Name: r.name, Description: r.description, Type: r.kind, URL: r.url, Insecure: r.insecure,
		Credential: &shown, CACertificate: r.caCertificate, Status: status(r.healthy),
		CreationTime: stamp(r.created), UpdateTime: stamp(r.lastModified),
	}
}

func status(healthy bool) string {
	if healthy {
		return "healthy"
	}
	return "unhealthy"
}

// normalURL: no scheme becomes http, trailing slashes go, the path stays, the query is dropped (D1). On main
// the host becomes lower case too; in which release is not known [inf].
func (v Version) normalURL(text string) (string, error) {
	text = strings.TrimRight(strings.TrimSpace(text), "/")
	if text == "" {
		return "", badRequest("empty url")
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	parsed, err := url.Parse(text)
	if err != nil {
		return "", badRequest("invalid URL: %s", text)
	}
	if parsed.Scheme != "http" && parsed.Scheme != "https" {
		return "", badRequest("invalid HTTP scheme: %s", parsed.Scheme)
	}
	if v.Since(16, 0) {
		parsed.Host = strings.ToLower(parsed.Host)
	}
	return parsed.Scheme + "://" + parsed.Host + parsed.Path, nil
}

// validate is what creating and changing an endpoint have in common. The upstream is really asked (D1).
func (c *call) validate(r *registry) error {
	switch {
	case r.name == "":
		return badRequest("name cannot be empty")
	case len(r.name) > 64:
		return badRequest("the max length of name is 64") // D1
	}
	normal, err := c.config.Version.normalURL(r.url)
	if err != nil {
		return err
	}
	r.url = normal
	if r.credential.AccessKey == "" {
		r.credential = credential{} // a secret without a name is not stored
	} else if r.credential.Type == "" {
		r.credential.Type = "basic"
	}
	if err := c.checkHealth(r); err != nil {
		return err
	}
	for _, other := range c.registries.all() {
		if other.name == r.name && other.id != r.id {
			return conflict("registry %s already exists", r.name)
		}
	}
	r.healthy = true
	r.lastModified = time.Now()
	return nil
}

// checkHealth: a type without code is an error that has no code, so a masked 500.
func (c *call) checkHealth(r *registry) error {
	if !c.config.Version.knowsAdapter(r.kind) {
		return fmt.Errorf("adapter factory for %s not found", r.kind)
	}
	healthy := false
	c.outside(func() { healthy = isHealthy(c.config.Internet, r) })
	if !healthy {
		return badRequest("the registry is unhealthy") // D1
	}
	return nil
}

func createRegistry(c *call) error {
	var body registryJSON
	if err := c.read("registry", &body); err != nil {
		return err
	}
	if err := c.require("registry", "create"); err != nil {
		return err
	}
	made := registry{name: body.Name, description: body.Description, kind: body.Type, url: body.URL,
		insecure: body.Insecure, created: time.Now()}
	if body.Credential != nil {
		made.credential = *body.Credential
	}
	if c.config.Version.hasCACertificate() {
		made.caCertificate = body.CACertificate
	}
	if err := c.validate(&made); err != nil {
		return err
	}
	stored := c.registries.add(func(id int64) *registry { made.id = id; return &made })
	return c.created(stored.id)
}

func listRegistries(c *call) error {
	if err := c.require("registry", "list"); err != nil {
		return err
	}
	query := c.r.URL.Query()
	conditions, err := readQuery(query.Get("q"))
	if err != nil {
		return err
	}
	var found []registryJSON
	for _, r := range c.registries.all() {
		fields := map[string]string{"name": r.name, "type": r.kind, "url": r.url, "id": strconv.FormatInt(r.id, 10)}
		// The older ?name= is fuzzy (D1).
		if meets(conditions, fields) && strings.Contains(r.name, query.Get("name")) {
			found = append(found, r.json())
		}
	}
	found, err = cut(c.w, c.r, found)
	if err != nil {
		return err
	}
	return c.answer(found)
}

// registry finds the endpoint that the path names.
func (c *call) registry() (*registry, error) {
	id, err := strconv.ParseInt(c.r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, unprocessable("id in path must be of type int64: %q", c.r.PathValue("id"))
	}
	r, ok := c.registries.rows[id]
	if !ok {
		return nil, notFound("registry %d not found", id)
	}
	return r, nil
}

func getRegistry(c *call) error {
	if err := c.require("registry", "read"); err != nil {
		return err
	}
	r, err := c.registry()
	if err != nil {
		return err
	}
	return c.answer(r.json())
}

// A registryChange is the body of PUT, and with id and type that of a ping: flat, unlike POST (D1).
type registryChange struct {
	ID             *int64  `json:"id"`
	Type           *string `json:"type"`
	Name           *string `json:"name"`
	Description    *string `json:"description"`
	URL            *string `json:"url"`
	CredentialType *string `json:"credential_type"`
	AccessKey      *string `json:"access_key"`
	AccessSecret   *string `json:"access_secret"`
	Insecure       *bool   `json:"insecure"`
	CACertificate  *string `json:"ca_certificate"`
}

func (change registryChange) apply(v Version, r *registry) {
	set(&r.name, change.Name)
	set(&r.description, change.Description)
	set(&r.insecure, change.Insecure)
	set(&r.credential.Type, change.CredentialType)
	set(&r.credential.AccessKey, change.AccessKey)
	// Since 2.16 a new URL without the secret blanks the secret (D1).
	if v.Since(16, 0) && change.URL != nil && *change.URL != r.url && change.AccessSecret == nil {
		r.credential.AccessSecret = ""
	}
	set(&r.url, change.URL)
	set(&r.credential.AccessSecret, change.AccessSecret)
	if v.hasCACertificate() {
		set(&r.caCertificate, change.CACertificate)
	}
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

func updateRegistry(c *call) error {
	var change registryChange
	if err := c.read("registry", &change); err != nil {
		return err
	}
	if err := c.require("registry", "update"); err != nil {
		return err
	}
	stored, err := c.registry()
	if err != nil {
		return err
	}
	changed := *stored // D1: its type stays what it is
	change.apply(c.config.Version, &changed)
	if err := c.validate(&changed); err != nil {
		return err
	}
	*stored = changed
	return nil
}

func deleteRegistry(c *call) error {
	if err := c.require("registry", "delete"); err != nil {
		return err
	}
	r, err := c.registry()
	if err != nil {
		return err
	}
	for _, p := range c.projects.all() {
		if p.registry == r {
			return precondition("the registry %d is referenced by proxy cache project, cannot delete it", r.id) // D1
		}
	}
	delete(c.registries.rows, r.id)
	return nil
}

func pingRegistry(c *call) error {
	var asked registryChange
	if err := c.read("registry", &asked); err != nil {
		return err
	}
	if err := c.require("registry", "read"); err != nil {
		return err
	}
	var r registry
	if asked.ID != nil {
		stored, ok := c.registries.rows[*asked.ID]
		if !ok {
			return notFound("registry %d not found", *asked.ID)
		}
		r = *stored
		if c.config.Version.Since(16, 0) { // D1: with an ID, what the request says of the place is ignored
			asked.URL, asked.Insecure, asked.CACertificate = nil, nil, nil
		}
	}
	set(&r.kind, asked.Type)
	asked.apply(c.config.Version, &r)
	if r.kind == "" || r.url == "" {
		return badRequest("type or url cannot be empty")
	}
	normal, err := c.config.Version.normalURL(r.url)
	if err != nil {
		return err
	}
	r.url = normal
	return c.checkHealth(&r)
}
