package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
)

// same holds that the limit answers what the server answers, as JSON: a limit
// that says less would be no limit. Members that are loose need only be there.
func same(ctx context.Context, server, limit *process, r row) error {
	step := max(1, len(r.requests)/12)
	for i := 0; i < len(r.requests); i += step {
		q := r.requests[i]
		a, _, err := fetch(ctx, server.url+q.path, q)
		if err != nil {
			return err
		}
		b, _, err := fetch(ctx, limit.url+q.path, q)
		if err != nil {
			return err
		}
		if string(a) == string(b) {
			continue
		}
		var x, y map[string]any
		if err := json.Unmarshal(a, &x); err != nil {
			return fmt.Errorf("%s: the server: %w: %.200s", q.path, err, a)
		}
		if err := json.Unmarshal(b, &y); err != nil {
			return fmt.Errorf("%s: the limit: %w: %.200s", q.path, err, b)
		}
		for _, name := range r.loose {
			if _, there := y[name]; there {
				y[name] = x[name]
			}
		}
		for _, name := range append(r.either, "$schema") {
			delete(x, name)
			delete(y, name)
		}
		for name := range x {
			if !reflect.DeepEqual(x[name], y[name]) {
				one, _ := json.Marshal(x[name])
				other, _ := json.Marshal(y[name])
				return fmt.Errorf("%s: %q is %.300s of the server and %.300s of the limit", q.path, name, one, other)
			}
		}
		if len(x) != len(y) {
			return fmt.Errorf("%s: the limit says more than the server", q.path)
		}
	}
	return nil
}
