package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const api = "/api/v2.0"

// Middleware answers 500 with the reason where a request or its answer breaks the contract, and reports it.
// Harbor itself is more patient with requests: it ignores what it does not know.
func (c *Contract) Middleware(report func(violation string)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			path, ofAPI := strings.CutPrefix(r.URL.Path, api)
			if !ofAPI {
				next.ServeHTTP(w, r)
				return
			}
			refuse := func(err error) {
				violation := fmt.Sprintf("%s %s: %v", r.Method, r.URL.RequestURI(), err)
				report(violation)
				body, _ := json.Marshal(map[string]any{"errors": []map[string]string{{"code": "CONTRACT", "message": violation}}})
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusInternalServerError)
				_, _ = w.Write(body)
			}
			operation, ok := c.find(r.Method, path)
			if !ok {
				refuse(fmt.Errorf("this version has no such path, or the stand-in does not serve it"))
				return
			}
			if err := c.checkRequest(operation, r); err != nil {
				refuse(fmt.Errorf("request: %w", err))
				return
			}
			answer := &buffer{header: http.Header{}, status: http.StatusOK}
			next.ServeHTTP(answer, r)
			if err := c.checkAnswer(operation, answer); err != nil {
				refuse(fmt.Errorf("answer %d: %w", answer.status, err))
				return
			}
			for name, values := range answer.header {
				w.Header()[name] = values
			}
			w.WriteHeader(answer.status)
			_, _ = w.Write(answer.body.Bytes())
		})
	}
}

func (c *Contract) checkRequest(o operation, r *http.Request) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	for name := range query {
		if !slices.Contains(o.Query, name) {
			return fmt.Errorf("there is no query parameter `%s`", name)
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	switch {
	case o.Body == "" && len(body) > 0 && r.Method != http.MethodDelete: // some generated clients send one there
		return fmt.Errorf("expected no body")
	case o.Body == "":
		return nil
	case len(body) == 0:
		return fmt.Errorf("expected a body: %s", o.Body)
	case !isJSON(r.Header):
		return fmt.Errorf("expected the content type application/json, but found `%s`", r.Header.Get("Content-Type"))
	}
	value, err := decode(body)
	if err != nil {
		return err
	}
	return c.check(value, o.Body, "body")
}

func (c *Contract) checkAnswer(o operation, answer *buffer) error {
	body := answer.body.Bytes()
	if answer.status >= 400 {
		return checkErrors(body, answer.header)
	}
	if len(body) == 0 || !isJSON(answer.header) {
		return nil
	}
	value, err := decode(body)
	if err != nil {
		return err
	}
	if o.Answer == "" {
		return fmt.Errorf("expected no body")
	}
	return c.check(value, o.Answer, "body")
}

// checkErrors: the body of an error is {"errors": [{"code", "message"}]}, that of HEAD is not sent.
func checkErrors(body []byte, header http.Header) error {
	if !isJSON(header) {
		return fmt.Errorf("an error without JSON")
	}
	var errors struct {
		Errors []struct{ Code, Message string } `json:"errors"`
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&errors); err != nil {
		return err
	}
	if len(errors.Errors) == 0 || errors.Errors[0].Code == "" {
		return fmt.Errorf("an error without a code")
	}
	return nil
}

type buffer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *buffer) Header() http.Header            { return b.header }
func (b *buffer) WriteHeader(status int)         { b.status = status }
func (b *buffer) Write(body []byte) (int, error) { return b.body.Write(body) }

func decode(body []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one JSON value")
	}
	return value, nil
}

func isJSON(header http.Header) bool {
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

func isInteger(value any) bool {
	number, ok := value.(json.Number)
	if !ok {
		return false
	}
	_, err := number.Int64()
	return err == nil
}

func isTime(value any) bool {
	text, ok := value.(string)
	if !ok {
		return false
	}
	_, err := time.Parse(time.RFC3339Nano, text)
	return err == nil
}

func show(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}
