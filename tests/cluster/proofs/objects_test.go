package proofs

import "slices"

// object is a JSON object as it is written in a proof.
type object map[string]any

// at follows keys and indices; nil where the way ends.
func (from object) at(way ...any) any {
	var value any = map[string]any(from)
	for _, step := range way {
		switch step := step.(type) {
		case string:
			switch fields := value.(type) {
			case map[string]any:
				value = fields[step]
			case object:
				value = fields[step]
			default:
				return nil
			}
		case int:
			items, ok := value.([]any)
			if !ok || step >= len(items) {
				return nil
			}
			value = items[step]
		}
	}
	return value
}

// has says whether the last key of the way is there, be it null.
func (from object) has(way ...any) bool {
	fields, ok := from.at(way[:len(way)-1]...).(map[string]any)
	if !ok {
		return false
	}
	_, ok = fields[way[len(way)-1].(string)]
	return ok
}

// each is one field of every item of a list.
func (from object) each(list []any, field ...any) []any {
	var values []any
	items, _ := from.at(list...).([]any)
	for _, item := range items {
		if fields, ok := item.(map[string]any); ok {
			values = append(values, object(fields).at(field...))
		}
	}
	return values
}

// pod has one container, of the name `main`, and is never scheduled, so that nothing
// but the proof changes it.
func pod(name, image string) object {
	return object{
		"apiVersion": "v1",
		"kind":       "Pod",
		"metadata":   object{"name": name},
		"spec": object{
			"schedulerName": "none",
			"containers":    []object{container("main", image)},
		},
	}
}

func container(name, image string) object { return object{"name": name, "image": image} }

// with is a copy of the object that has another value at a key below `spec` or
// `metadata`.
func (from object) with(part, key string, value any) object {
	changed := object{}
	for name, old := range from {
		changed[name] = old
	}
	fields := object{}
	for name, old := range from[part].(object) {
		fields[name] = old
	}
	fields[key] = value
	changed[part] = fields
	return changed
}

func operation(op, path string, value any) object {
	return object{"op": op, "path": path, "value": value}
}

func sameItems(left, right []any) bool { return slices.Equal(left, right) }
