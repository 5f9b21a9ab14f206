package api

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"beforehand/frontend/words"
)

// anID is the id of examples.
const anID = "01990f5e-2d6e-7c34-9d3c-0a8f4f6f2a10"

var (
	exampleText = map[string]any{"en": "Draft case notes", "cy": "Drafftio nodiadau achos"}

	// exampleRecord is a draft with its six answers and one affected group.
	exampleRecord = map[string]any{
		"name": exampleText, "serviceArea": anID, "useFamily": "drafting", "owner": "Head of adult services", "decisionStatus": "preferred_option",
		"purpose": map[string]any{"en": "Less time writing, more time visiting", "cy": "Llai o ysgrifennu, mwy o ymweld"},
		"groups":  []any{map[string]any{"jobRole": anID, "headcount": 46}},
	}

	// exampleParts are what a save of parts looks like.
	exampleParts = map[string]any{"oneLine": map[string]any{"en": "Drafts notes from visits", "cy": "Drafftio nodiadau ymweliadau"}, "function": "Visits"}

	// examplesOf are values of members by their names, where a type says too little.
	examplesOf = map[string]any{
		"ref": "DEP-2026-003", "deployment": "DEP-2026-003", "no": "N-2026-014", "version": 1, "number": 1, "name": "UNISON", "title": "Unprocessable Entity",
		"email": "cdo@tywi.example", "at": "2026-09-07T09:00:00Z", "stage": "noticed", "class": "B", "kind": "change", "circle": "parties", "language": "en",
		"sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "body": "Caseloads must not rise.", "union": anID, "id": anID,
		"verb": "notice.serve", "self": "/api/v1/deployments/DEP-2026-003", "gate": "/api/v1/deployments/DEP-2026-003/gate",
		"timeline": "/api/v1/deployments/DEP-2026-003/timeline", "page": "/en/deployments/DEP-2026-003", "status": "in force", "to": "pilot",
		"next": "/api/v1/deployments?cursor=eyJrIjoiMjAyNiJ9", "instance": anID, "token": "bh_shown_once", "en": "Draft case notes", "cy": "Drafftio nodiadau achos",
		"question": "How many cases does each worker carry?", "items": []any{}, "mediaType": "application/pdf", "verdict": "accepted", "outcome": "compromise",
		"party": "employer", "areaPath": "/" + anID + "/", "profile": "wales-partnership", "before": "pilot", "days": 28, "post": "officer", "language.en": "en",
	}
)

// The examples of proofs are good ones: a test opens the note with these keys.
const (
	exampleKey        = "beforehand.tywi.example/ledger/tywi-0a8f4f6f2a10+563501c0+AUQpkwZQBKoeTEj03QFYGUwCNJvMZkzZbkAOommRio1R"
	exampleWitnessKey = "unison.example/witness+3f4acda5+BEQpkwZQBKoeTEj03QFYGUwCNJvMZkzZbkAOommRio1R"
	exampleRoot       = "SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I="
	exampleLine       = "— unison.example/witness P0rNpQAAAABqnn0QwWQBh8UOsC/Hdyu3rIJxwdLLwht+YgT3N48l/Lb1L52NN/EaZP1UjvhnjQbeVBjkmdzYlC5gXJ6em3ZgFvMPDg==\n"
	exampleNote       = "beforehand.tywi.example/ledger/tywi-0a8f4f6f2a10\n4\n" + exampleRoot +
		"\n\n— beforehand.tywi.example/ledger/tywi-0a8f4f6f2a10 VjUBwEgD++mDMW1KAFPJ1pnOrqnSDBKqdfAdTBVAa4Q5YKoYB6tC4E74Zh7yD5eNyQqXbRMmx50Uerl8Mc5RVy7OLAE=\n"
	exampleAt = "2026-09-07T09:00:00Z"
)

// exampleOf are whole values of schemas whose parts belong together.
var exampleOf = map[string]map[string]any{
	"Checkpoint": {
		"size": 4, "root": exampleRoot, "at": exampleAt, "cause": "daily", "note": exampleNote + exampleLine,
		"cosignatures": []any{map[string]any{"witness": anID, "signedAt": exampleAt, "line": exampleLine}},
	},
	"Consistency": {"old": 3, "new": 4, "note": exampleNote + exampleLine, "proof": []any{exampleRoot}},
	"SigningKey":  {"id": anID, "key": exampleKey, "madeAt": exampleAt},
	"Witness":     {"id": anID, "label": "UNISON Sir Tywi", "kind": "union", "union": anID, "key": exampleWitnessKey, "at": exampleAt},
	"Backup":      {"id": anID, "at": exampleAt, "name": "beforehand-2026-09-07.backup", "bytes": 1_048_576, "entries": 4, "encrypted": true},
	"Link":        {"url": "https://beforehand.tywi.example/shared/vT7QX2Fq9YvCkJ0jQW0mJm2xg1o1c4L8", "until": "2026-09-08T09:00:00Z"},
}

// examples gives every body that is sent or answered an example: what the
// fields' own tags say, put together.
func (a *API) examples() {
	doc := a.huma.OpenAPI()
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			if op.RequestBody != nil {
				a.exemplify(op.RequestBody.Content, "")
			}
			for status, r := range op.Responses {
				a.exemplify(r.Content, status)
				if status == "429" || status == "503" {
					r.Headers = map[string]*huma.Param{"Retry-After": {Description: "Seconds after which to ask again", Schema: &huma.Schema{Type: "integer"}, Example: 5}}
				}
			}
		}
	}
}

func (a *API) exemplify(content map[string]*huma.MediaType, status string) {
	for kind, m := range content {
		switch {
		case m.Schema == nil || m.Example != nil || kind == "application/octet-stream" || strings.HasPrefix(kind, "multipart/"):
		case kind == "application/problem+json":
			m.Example = exampleProblem(status)
		case kind == "application/merge-patch+json":
			m.Example = exampleParts
		default:
			m.Example = a.example("", m.Schema, 0)
		}
	}
}

// exampleCodes are a likely problem for each status.
var exampleCodes = map[int]string{
	400: "malformed_json", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 409: "conflict", 410: "gone",
	412: "stale_version", 413: "body_too_large", 415: "not_acceptable", 422: "invalid", 428: "version_required", 429: "limited", 500: "internal", 503: "database_away",
}

func exampleProblem(status string) map[string]any {
	n, err := strconv.Atoi(status)
	code, known := exampleCodes[n]
	if err != nil || !known {
		panic(fmt.Sprintf("no example of a problem with status %q", status)) // a test makes the document
	}
	p := map[string]any{
		"type": "/docs/problems#" + code, "title": http.StatusText(n), "status": n, "code": code, "instance": anID,
		"detail": words.Say(words.English, "error."+code, map[string]any{"noun": "deployment"}),
	}
	if n == http.StatusUnprocessableEntity {
		p["errors"] = []any{map[string]any{"path": "name.en", "code": "required", "message": words.Say(words.English, "field.required", nil)}}
	}
	return p
}

// example is a value that a schema allows. A name says more than a type does.
func (a *API) example(name string, s *huma.Schema, depth int) any {
	if s.Ref != "" {
		if strings.HasSuffix(s.Ref, "/Record") || strings.HasSuffix(s.Ref, "/RegistrationBody") {
			return exampleRecord
		}
		if v, whole := exampleOf[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]; whole {
			return v
		}
		s = a.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	switch {
	case len(s.Examples) > 0:
		return s.Examples[0]
	case s.Default != nil:
		return s.Default
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	switch s.Type {
	case huma.TypeObject:
		return a.exampleObject(s, depth)
	case huma.TypeArray:
		if depth > 4 {
			return []any{}
		}
		return []any{a.example(strings.TrimSuffix(name, "s"), s.Items, depth+1)}
	case huma.TypeBoolean:
		return true
	case huma.TypeInteger, huma.TypeNumber:
		if v, ok := examplesOf[name].(int); ok {
			return v
		}
		if s.Minimum != nil {
			return max(*s.Minimum, 1)
		}
		return 1
	}
	return exampleString(name, s)
}

func (a *API) exampleObject(s *huma.Schema, depth int) any {
	o := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		if slices.Contains(s.Required, name) || len(p.Examples) > 0 {
			o[name] = a.example(name, p, depth+1)
		}
	}
	return o
}

func exampleString(name string, s *huma.Schema) any {
	switch s.Format {
	case "date":
		return "2026-09-07"
	case "date-time":
		return "2026-09-07T09:00:00Z"
	case "email":
		return "cdo@tywi.example"
	}
	if s.ContentEncoding == "base64" {
		return "X2Fq9YvCkJ0jQW0mJm2xg1o1c4L8bq7Xl2P7xZ0K3aM="
	}
	if v, ok := examplesOf[name].(string); ok {
		return v
	}
	return map[bool]string{true: anID, false: "Case notes"}[strings.Contains(s.Description, "Id of")]
}
