package standin

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// A Request is one that was answered, as the log of the control address shows it.
type Request struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Status int    `json:"status"`
}

type requestLog struct {
	mu       sync.Mutex
	requests []Request
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (l *requestLog) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &recorder{w, http.StatusOK}
		defer func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.requests = append(l.requests, Request{r.Method, r.URL.RequestURI(), answer.status})
		}()
		next.ServeHTTP(answer, r)
	})
}

// Faults is what goes wrong on purpose.
type Faults struct {
	// After that many more requests…
	After int `json:"after"`
	// …as many answers as this are wrong: none where 0, all that follow where negative.
	Count int `json:"count"`
	// Status is what they are instead; 0 closes the connection without an answer.
	Status int `json:"status"`
	// RetryAfter, where given, is the header of that name.
	RetryAfter string `json:"retry_after"`
	// Committed: the request is carried out first, so that only its answer is lost.
	Committed bool `json:"committed"`
	// SlowMilliseconds is waited before every answer.
	SlowMilliseconds int `json:"slow_ms"`
}

type faults struct {
	mu  sync.Mutex
	set Faults
}

// next says what to do with the next request.
func (f *faults) next() (set Faults, wrong bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	set = f.set
	switch {
	case f.set.Count == 0:
		return set, false
	case f.set.After > 0:
		f.set.After--
		return set, false
	case f.set.Count > 0:
		f.set.Count--
	}
	return set, true
}

func (f *faults) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set, wrong := f.next()
		select {
		case <-time.After(time.Duration(set.SlowMilliseconds) * time.Millisecond):
		case <-r.Context().Done():
			return
		}
		if !wrong {
			next.ServeHTTP(w, r)
			return
		}
		if set.Committed {
			next.ServeHTTP(discard{http.Header{}}, r)
		}
		if set.Status == 0 {
			panic(http.ErrAbortHandler)
		}
		if set.RetryAfter != "" {
			w.Header().Set("Retry-After", set.RetryAfter)
		}
		send(w, fault(set.Status))
	})
}

func fault(status int) error {
	if status == http.StatusTooManyRequests {
		return &apiError{status, "TOO_MANY_REQUEST", "too many requests"} // D3
	}
	if status >= 500 {
		return internal(status)
	}
	return &apiError{status, "BAD_REQUEST", http.StatusText(status)}
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header          { return d.header }
func (discard) Write(body []byte) (int, error) { return len(body), nil }
func (discard) WriteHeader(int)                {}

// SetFaults replaces what goes wrong.
func (h *Harbor) SetFaults(set Faults) {
	h.faults.mu.Lock()
	defer h.faults.mu.Unlock()
	h.faults.set = set
}

// SetReadOnly is Harbor's maintenance mode.
func (h *Harbor) SetReadOnly(on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.readOnly = on
}

// Control is what tests look at and turn, outside of Harbor's API.
func (h *Harbor) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /requests", func(w http.ResponseWriter, _ *http.Request) {
		h.log.mu.Lock()
		defer h.log.mu.Unlock()
		_ = json.NewEncoder(w).Encode(append([]Request{}, h.log.requests...))
	})
	mux.HandleFunc("DELETE /requests", func(http.ResponseWriter, *http.Request) {
		h.log.mu.Lock()
		defer h.log.mu.Unlock()
		h.log.requests = nil
	})
	mux.HandleFunc("PUT /faults", control(func(set Faults, _ *http.Request) bool {
		h.SetFaults(set)
		return true
	}))
	mux.HandleFunc("PUT /read-only", control(func(on bool, _ *http.Request) bool {
		h.SetReadOnly(on)
		return true
	}))
	mux.HandleFunc("PUT /adapters", control(func(adapters []string, _ *http.Request) bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.adapters = adapters
		return true
	}))
	// What the health check that runs every five minutes would find (D1).
	mux.HandleFunc("PUT /registries/{name}/healthy", control(func(healthy bool, r *http.Request) bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, one := range h.registries.all() {
			if one.name == r.PathValue("name") {
				one.healthy = healthy
				return true
			}
		}
		return false
	}))
	// Another project's metadata than the API would allow, such as one that has lost its retention.
	mux.HandleFunc("PUT /projects/{name}/metadata", control(func(metadata map[string]string, r *http.Request) bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		p := h.projectNamed(r.PathValue("name"))
		if p != nil {
			p.metadata = metadata
		}
		return p != nil
	}))
	return mux
}

// control reads a JSON value and hands it on; false is 404.
func control[T any](do func(value T, r *http.Request) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var value T
		decoder := json.NewDecoder(r.Body)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&value); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if !do(value, r) {
			http.NotFound(w, r)
		}
	}
}
