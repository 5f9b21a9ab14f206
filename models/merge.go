package models

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// Merge applies a JSON merge patch (RFC 7396) to a record: null removes, an
// object merges, anything else replaces. A field that a record does not have,
// or a value of the wrong type, is named.
func Merge(r Record, patch []byte) (Record, error) {
	var target, p map[string]any
	b, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(b, &target)
	}
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(patch, &p); err != nil || p == nil {
		return r, Fail(Invalid, "malformed_json").Because(err)
	}
	b, err = json.Marshal(mergeInto(target, p))
	if err != nil {
		return r, err
	}
	return DecodeRecord(b)
}

func mergeInto(target, patch map[string]any) map[string]any {
	if target == nil {
		target = map[string]any{}
	}
	for k, v := range patch {
		switch v := v.(type) {
		case nil:
			delete(target, k)
		case map[string]any:
			inner, _ := target[k].(map[string]any)
			target[k] = mergeInto(inner, v)
		default:
			target[k] = v
		}
	}
	return target
}

// DecodeRecord reads a record strictly: unknown fields and wrong types are named.
func DecodeRecord(b []byte) (Record, error) {
	var r Record
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	err := d.Decode(&r)
	var f Faults
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return r, nil
	case errors.As(err, &wrong):
		f.Add(wrong.Field, "wrong_type", "type", wrong.Value)
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		f.Add(strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`), "unknown_field")
	case strings.Contains(err.Error(), "is not a date"):
		f.Add("dates", "not_a_date")
	default:
		return r, Fail(Invalid, "malformed_json").Because(err)
	}
	return r, f.Err()
}
