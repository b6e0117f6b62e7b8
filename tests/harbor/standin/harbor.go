// Package standin is a Harbor in memory. It answers the part of the API that a proxy cache needs as Harbor
// does, surprises included; a rule's comment names the fact that it follows (D1 to D4: README.md), [inf]
// marks what was concluded and not seen.
package standin

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Config is what a Harbor is started with.
type Config struct {
	Version Version
	// AdminPassword is the password of the users `admin` and `developer`, who is a member of nothing.
	AdminPassword string
	// RobotPrefix begins the names of robots: a setting of Harbor's, robot$ after installation (D3).
	RobotPrefix string
	// URL is where clients reach this Harbor; it stands in answers and in token challenges.
	URL string
	// Internet connects to what Harbor is told to reach: registries.
	Internet Internet
	// Check, where given, holds each request and answer against the published API.
	Check func(http.Handler) http.Handler
}

// A Harbor and all that it stores.
type Harbor struct {
	config Config
	log    *requestLog
	faults *faults

	mu         sync.Mutex
	registries table[registry]
	projects   table[project]
	retentions table[retention]
	robots     table[robot]
	sessions   map[string]bool
	tokens     map[string]token
	gc         *gcSchedule
	readOnly   bool
	// A site may limit or widen these by environment variables of core; only tests do.
	adapters []string
}

// New makes a Harbor as it is after installation: an admin, and the public project `library`.
func New(config Config) *Harbor {
	h := &Harbor{
		config:   config,
		log:      &requestLog{},
		faults:   &faults{},
		sessions: map[string]bool{},
		tokens:   map[string]token{},
		adapters: config.Version.offeredAdapters(),
	}
	h.projects.add(func(id int64) *project {
		return newProject(id, "library", nil, map[string]string{"public": "true"}, unlimited)
	})
	return h
}

// Handler serves what Harbor's own port serves.
func (h *Harbor) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, handle := range h.routes() {
		mux.Handle(pattern, h.api(handle))
	}
	mux.Handle("/api/", h.api(func(c *call) error {
		return notFound("path %s was not found", c.r.URL.Path)
	}))
	mux.HandleFunc("/v2/", h.serveImages)
	mux.HandleFunc("GET /service/token", h.serveToken)
	var handler http.Handler = mux
	if h.config.Check != nil {
		handler = h.config.Check(handler)
	}
	return h.log.wrap(h.faults.wrap(handler))
}

func (h *Harbor) routes() map[string]func(*call) error {
	const api = "/api/v2.0"
	return map[string]func(*call) error{
		"GET " + api + "/health":     getHealth,
		"GET " + api + "/ping":       getPing,
		"GET " + api + "/systeminfo": getSystemInfo,
		"GET " + api + "/statistics": getStatistics,

		"GET " + api + "/replication/adapters":     listAdapters,
		"GET " + api + "/replication/adapterinfos": listAdapterInfos,

		"POST " + api + "/registries":          createRegistry,
		"GET " + api + "/registries":           listRegistries,
		"POST " + api + "/registries/ping":     pingRegistry,
		"GET " + api + "/registries/{id}":      getRegistry,
		"PUT " + api + "/registries/{id}":      updateRegistry,
		"DELETE " + api + "/registries/{id}":   deleteRegistry,
		"GET " + api + "/registries/{id}/info": getRegistryInfo,

		"POST " + api + "/projects":               createProject,
		"GET " + api + "/projects":                listProjects,
		"HEAD " + api + "/projects":               headProject,
		"GET " + api + "/projects/{name}":         getProject,
		"PUT " + api + "/projects/{name}":         updateProject,
		"DELETE " + api + "/projects/{name}":      deleteProject,
		"GET " + api + "/projects/{name}/summary": getProjectSummary,

		"GET " + api + "/quotas":      listQuotas,
		"GET " + api + "/quotas/{id}": getQuota,
		"PUT " + api + "/quotas/{id}": updateQuota,

		"POST " + api + "/retentions":        createRetention,
		"GET " + api + "/retentions/{id}":    getRetention,
		"PUT " + api + "/retentions/{id}":    updateRetention,
		"DELETE " + api + "/retentions/{id}": deleteRetention,

		"POST " + api + "/robots":        createRobot,
		"GET " + api + "/robots":         listRobots,
		"GET " + api + "/robots/{id}":    getRobot,
		"PUT " + api + "/robots/{id}":    updateRobot,
		"PATCH " + api + "/robots/{id}":  refreshRobot,
		"DELETE " + api + "/robots/{id}": deleteRobot,
		"GET " + api + "/permissions":    listPermissions,

		"GET " + api + "/system/gc/schedule":  getGCSchedule,
		"POST " + api + "/system/gc/schedule": createGCSchedule,
		"PUT " + api + "/system/gc/schedule":  updateGCSchedule,
	}
}

// A call is one request to the API on its way to an answer.
type call struct {
	*Harbor
	w      http.ResponseWriter
	r      *http.Request
	caller caller
}

func (h *Harbor) api(handle func(*call) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if err := h.refuseSession(w, r); err != nil {
			send(w, err)
			return
		}
		if h.readOnly && r.Method != http.MethodGet && r.Method != http.MethodHead {
			send(w, denied("The system is in read only mode. Any modification is prohibited."))
			return
		}
		c := &call{h, w, r, h.identify(r)}
		if err := handle(c); err != nil {
			send(w, err)
		}
	})
}

// refuseSession: Harbor hands a session cookie to everyone. Who sends it back is a browser to Harbor, and
// needs a CSRF token for what changes something (D3).
func (h *Harbor) refuseSession(w http.ResponseWriter, r *http.Request) error {
	cookie, err := r.Cookie("sid")
	if err != nil {
		id := randomHex(16)
		h.sessions[id] = true
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: id, Path: "/", HttpOnly: true, Secure: true})
		return nil
	}
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead
	if h.sessions[cookie.Value] && !safe {
		return forbidden("CSRF token not found in request")
	}
	return nil
}

// outside runs something slow while others use this Harbor.
func (h *Harbor) outside(slow func()) {
	h.mu.Unlock()
	defer h.mu.Lock()
	slow()
}

// read decodes the body as Harbor's generated code does: a field that it does not know is ignored (which is
// why a misspelt one is never noticed), a type that does not fit is 400.
func (c *call) read(name string, into any) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, 1<<20))
	if err != nil {
		return badRequest("parsing %s body failed: %v", name, err)
	}
	if len(body) == 0 {
		return unprocessable("%s in body is required", name)
	}
	if kind := c.r.Header.Get("Content-Type"); !isJSON(kind) {
		return &apiError{http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE",
			fmt.Sprintf("unsupported media type %q, only [application/json] are allowed", kind)}
	}
	if err := json.Unmarshal(body, into); err != nil {
		return badRequest(`parsing %s body from "" failed, because %v`, name, err)
	}
	return nil
}

// answer sends a value as JSON.
func (c *call) answer(value any) error { return c.answerWith(http.StatusOK, value) }

func (c *call) answerWith(status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(status)
	_, err = fmt.Fprintf(c.w, "%s\n", body)
	return err
}

// created answers 201 with a Location, and no body (D1, D2).
func (c *call) created(last any) error {
	c.w.Header().Set("Location", fmt.Sprintf("%s/%v", c.r.URL.Path, last))
	c.w.WriteHeader(http.StatusCreated)
	return nil
}

// A table holds things by their ID; IDs count from 1 and are never given twice.
type table[T any] struct {
	last int64
	rows map[int64]*T
}

func (t *table[T]) add(make func(id int64) *T) *T {
	if t.rows == nil {
		t.rows = map[int64]*T{}
	}
	t.last++
	row := make(t.last)
	t.rows[t.last] = row
	return row
}

// all lists the rows in the order of their making.
func (t *table[T]) all() []*T {
	var rows []*T
	for id := int64(1); id <= t.last; id++ {
		if row, ok := t.rows[id]; ok {
			rows = append(rows, row)
		}
	}
	return rows
}

// Internet connects to registries.
type Internet interface {
	// Client follows no redirects and keeps no cookies.
	Client(trust Trust) *http.Client
}

// Trust says which certificates a connection accepts beside those that every Harbor does.
type Trust struct {
	Insecure bool
	PEM      string
}

func jsonText(value any) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}

func isJSON(contentType string) bool {
	return contentType == "application/json" || len(contentType) > 16 && contentType[:17] == "application/json;"
}

func randomHex(bytes int) string {
	random := make([]byte, bytes)
	_, _ = rand.Read(random)
	return hex.EncodeToString(random)
}

// stamp is a time as Harbor writes it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
