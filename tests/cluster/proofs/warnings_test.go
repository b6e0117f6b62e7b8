package proofs

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWarningsAtTheirLimits(t *testing.T) {
	lab := newLab(t)
	hook := newHook(t, lab, allow)
	lab.register([]*webhook{hook}, fail, nil, mutating)

	many := func(count, runes int) []string {
		var warnings []string
		for number := range count {
			text := fmt.Sprintf("%02d ", number)
			// Runes are counted, not bytes.
			warnings = append(warnings, text+strings.Repeat("é", runes-len(text)))
		}
		return warnings
	}
	shown := func(answer object) []string {
		hook.answers(respond(answer))
		reply := lab.send(http.MethodPost, lab.pods()+"?dryRun=All", pod("p", "nginx"))
		var texts []string
		for _, header := range reply.Header.Values("Warning") {
			text, ok := strings.CutPrefix(header, `299 - "`)
			if !ok {
				t.Fatalf("expected a Warning header of code 299, but found `%s`", header)
			}
			texts = append(texts, strings.TrimSuffix(text, `"`))
		}
		return texts
	}
	lengths := func(texts []string) string {
		var counts []string
		for _, text := range texts {
			counts = append(counts, fmt.Sprint(utf8.RuneCountInString(text)))
		}
		return strings.Join(slices.Compact(counts), " ")
	}
	for name, proof := range map[string]struct {
		warnings []string
		count    int
		lengths  string
	}{
		"a long one alone is whole":               {many(1, 4000), 1, "4000"},
		"one past 4096 runes is cut to 256":       {many(1, 4097), 1, "256"},
		"the one that crosses 4096 is still sent": {many(20, 250), 17, "250"},
		"past 4096 in all, each is cut to 256":    {many(20, 300), 16, "256"},
	} {
		t.Run(name, func(t *testing.T) {
			texts := shown(object{"allowed": true, "warnings": proof.warnings})
			if len(texts) != proof.count || lengths(texts) != proof.lengths {
				t.Errorf("expected %d warnings of %s runes, but found %d of %s", proof.count, proof.lengths, len(texts), lengths(texts))
			}
		})
	}
	t.Run("control characters and doubles are dropped", func(t *testing.T) {
		texts := shown(object{"allowed": true, "warnings": []string{"kept", "new\nline", "tab\t", "del\x7f", "bell\a", "", "kept", "zero\u200bwidth"}})
		if expected := []string{"kept", "zero\u200bwidth"}; !slices.Equal(texts, expected) {
			t.Errorf("expected %q, but found %q", expected, texts)
		}
	})
	t.Run("a denial has its warnings too", func(t *testing.T) {
		texts := shown(object{"allowed": false, "warnings": []string{"before the end"}})
		if expected := []string{"before the end"}; !slices.Equal(texts, expected) {
			t.Errorf("expected %q, but found %q", expected, texts)
		}
	})
}
