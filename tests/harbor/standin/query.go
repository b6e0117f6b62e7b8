package standin

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultPageSize = 10  // D1
	maxPageSize     = 100 // D1
)

// A page is the part of a list that a request asks for.
type page struct{ number, size int }

func readPage(query url.Values) (page, error) {
	p := page{1, defaultPageSize}
	for name, value := range map[string]*int{"page": &p.number, "page_size": &p.size} {
		text := query.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return p, unprocessable("%s in query must be of type int64: %q", name, text)
		}
		*value = n
	}
	if p.size > maxPageSize {
		return p, unprocessable("page_size in query should be less than or equal to %d", maxPageSize)
	}
	if p.number < 1 || p.size < 1 {
		return p, badRequest("page and page_size must be positive")
	}
	return p, nil
}

// cut sets X-Total-Count and Link, and returns the page's items.
func cut[T any](w http.ResponseWriter, r *http.Request, items []T) ([]T, error) {
	p, err := readPage(r.URL.Query())
	if err != nil {
		return nil, err
	}
	w.Header().Set("X-Total-Count", strconv.Itoa(len(items)))
	var links []string
	link := func(number int, rel string) {
		query := r.URL.Query()
		query.Set("page", strconv.Itoa(number))
		query.Set("page_size", strconv.Itoa(p.size))
		// Harbor undoes the escaping that it has just done: `q=name=~a` stands there as it is.
		text, _ := url.QueryUnescape(query.Encode())
		links = append(links, fmt.Sprintf("<%s?%s>; rel=%q", r.URL.Path, text, rel))
	}
	if p.number > 1 && (p.number-1)*p.size < len(items) {
		link(p.number-1, "prev")
	}
	if p.number*p.size < len(items) {
		link(p.number+1, "next")
	}
	if len(links) > 0 {
		w.Header().Set("Link", strings.Join(links, " , "))
	}
	from := min((p.number-1)*p.size, len(items))
	to := min(from+p.size, len(items))
	return append([]T{}, items[from:to]...), nil // [] where there are none, never null
}

// A condition is what `q` asks of one field (D1): k=v, k=~v, k={v w}, k=[v~w].
type condition func(value string) bool

// readQuery reads `q` and undoes one more escaping than HTTP's own, as Harbor does. A comma always parts
// two conditions, so a name with a comma can't be asked for (D1).
func readQuery(q string) (map[string]condition, error) {
	conditions := map[string]condition{}
	if q == "" {
		return conditions, nil
	}
	if unescaped, err := url.QueryUnescape(q); err == nil {
		q = unescaped
	}
	for _, part := range strings.Split(q, ",") {
		key, value, _ := strings.Cut(part, "=")
		if key == "" || value == "" {
			return nil, badRequest(`the query string must contain "=" and the key/value cannot be empty`)
		}
		one, err := readCondition(value)
		if err != nil {
			return nil, badRequest("invalid query string value: %s", value)
		}
		conditions[key] = one
	}
	return conditions, nil
}

func readCondition(value string) (condition, error) {
	inner := func(last byte) (string, error) {
		if value[len(value)-1] != last {
			return "", fmt.Errorf("expected `%c` at the end", last)
		}
		return value[1 : len(value)-1], nil
	}
	switch value[0] {
	case '~':
		if len(value) == 1 {
			return nil, fmt.Errorf("nothing after ~")
		}
		return func(v string) bool { return strings.Contains(v, value[1:]) }, nil
	case '{':
		list, err := inner('}')
		if err != nil {
			return nil, err
		}
		var values []string
		for _, one := range strings.Fields(list) {
			values = append(values, strings.Trim(one, `"'`))
		}
		return func(v string) bool { return slices.Contains(values, v) }, nil
	case '[':
		list, err := inner(']')
		if err != nil || strings.Count(list, "~") != 1 {
			return nil, fmt.Errorf("expected one ~ in a range")
		}
		low, high, _ := strings.Cut(list, "~")
		return func(v string) bool { return (low == "" || v >= low) && (high == "" || v <= high) }, nil
	case '\\':
		return func(v string) bool { return v == value[1:] }, nil
	}
	return func(v string) bool { return v == value }, nil
}

// meets: do a thing's fields meet all conditions? Fields that it does not have are no condition.
func meets(conditions map[string]condition, fields map[string]string) bool {
	for key, holds := range conditions {
		if value, ok := fields[key]; ok && !holds(value) {
			return false
		}
	}
	return true
}
