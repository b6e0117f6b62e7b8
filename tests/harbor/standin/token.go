package standin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	tokenService  = "harbor-registry"
	tokenLifetime = 30 * time.Minute // as it is said; none is forgotten here before the end
)

// A token allows some actions on some repositories. Clients can't look into it; a real one is signed.
type token struct {
	caller  caller
	actions map[string][]string
}

// serveToken gives a token with what the caller may do of what was asked; nothing, if that is nothing. Only
// without a scope, as when logging in, a wrong password is refused: else it counts as none.
func (h *Harbor) serveToken(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	who := h.identify(r)
	if !who.authenticated() && !r.URL.Query().Has("scope") {
		send(w, unauthorized("unauthorized"))
		return
	}
	granted := token{caller: who, actions: map[string][]string{}}
	for _, scope := range r.URL.Query()["scope"] {
		for _, one := range strings.Fields(scope) {
			kind, rest, _ := strings.Cut(one, ":")
			colon := strings.LastIndex(rest, ":")
			if kind != "repository" || colon < 0 {
				continue
			}
			repository := rest[:colon]
			for _, action := range strings.Split(rest[colon+1:], ",") {
				if p := h.projectOf(repository); p != nil && who.mayIn(p, "repository", action) {
					granted.actions[repository] = append(granted.actions[repository], action)
				}
			}
		}
	}
	id := randomHex(24)
	h.tokens[id] = granted
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"token": id, "access_token": id, "expires_in": int(tokenLifetime.Seconds()), "issued_at": stamp(time.Now()),
	})
}

func (h *Harbor) projectOf(repository string) *project {
	name, _, _ := strings.Cut(repository, "/")
	return h.projectNamed(name)
}

// mayPull asks a token, or the caller where there is a name and a password.
func (h *Harbor) mayPull(r *http.Request, p *project, repository string) bool {
	if id, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		given := h.tokens[id]
		return slices.Contains(given.actions[repository], "pull")
	}
	return h.identify(r).mayIn(p, "repository", "pull")
}

// challenge answers 401: who sent nothing is sent to the token service, who sent something that does
// not do is asked for a name and a password.
func (h *Harbor) challenge(w http.ResponseWriter, r *http.Request, repository, message string) {
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	if r.Header.Get("Authorization") != "" {
		w.Header().Set("Www-Authenticate", `Basic realm="harbor"`)
	} else {
		text := fmt.Sprintf(`Bearer realm="%s/service/token",service="%s"`, h.config.URL, tokenService)
		if repository != "" {
			text += fmt.Sprintf(`,scope="repository:%s:pull"`, repository)
		}
		w.Header().Set("Www-Authenticate", text)
	}
	send(w, unauthorized(message))
}

// loggedIn: /v2/ itself lets in whoever has logged in, with whatever rights.
func (h *Harbor) loggedIn(r *http.Request) bool {
	if id, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return h.tokens[id].caller.authenticated()
	}
	return h.identify(r).authenticated()
}
