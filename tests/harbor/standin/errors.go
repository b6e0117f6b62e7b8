package standin

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// An apiError is what Harbor answers instead of what was asked for (D3).
type apiError struct {
	status  int
	code    string
	message string
}

func (e *apiError) Error() string { return e.message }

func badRequest(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, "BAD_REQUEST", fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &apiError{http.StatusNotFound, "NOT_FOUND", fmt.Sprintf(format, args...)}
}

func conflict(format string, args ...any) error {
	return &apiError{http.StatusConflict, "CONFLICT", fmt.Sprintf(format, args...)}
}

func precondition(format string, args ...any) error {
	return &apiError{http.StatusPreconditionFailed, "PRECONDITION", fmt.Sprintf(format, args...)}
}

func denied(format string, args ...any) error {
	return &apiError{http.StatusForbidden, "DENIED", fmt.Sprintf(format, args...)}
}

func forbidden(message string) error {
	return &apiError{http.StatusForbidden, "FORBIDDEN", message}
}

func unauthorized(message string) error {
	return &apiError{http.StatusUnauthorized, "UNAUTHORIZED", message}
}

// What the generated reader of requests refuses before any code of Harbor's runs.
func unprocessable(format string, args ...any) error {
	message := "validation failure list:\n" + fmt.Sprintf(format, args...)
	return &apiError{http.StatusUnprocessableEntity, "UNPROCESSABLE_ENTITY", message}
}

func internal(status int) *apiError { return &apiError{status, "UNKNOWN", "internal server error"} }

// send writes the body that every error has. What has no code of its own is a 500, and every 5xx is
// masked: the reason is in Harbor's log and nowhere else (D3).
func send(w http.ResponseWriter, err error) {
	answer, ok := err.(*apiError)
	if !ok {
		answer = internal(http.StatusInternalServerError)
	}
	type item struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	body, _ := json.Marshal(map[string][]item{"errors": {{answer.code, answer.message}}})
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(answer.status)
	fmt.Fprintf(w, "%s\n", body)
}
