package api_test

import (
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"beforehand/api"
	"beforehand/internal/ledger"
	"beforehand/policy"
)

// document is what `beforehand openapi` prints, read by another library.
func document(t *testing.T) *openapi3.T {
	t.Helper()
	a := api.Mount(gin.New(), api.Parts{Policy: policy.Default(), Log: slog.New(slog.DiscardHandler), Version: "test"})
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(need(a.OpenAPI())(t))
	must(t, err)
	return doc
}

func TestTheDocumentIsValid(t *testing.T) {
	t.Parallel()
	doc := document(t)
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("the document is of version %s", doc.OpenAPI)
	}
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
}

// eachOperation calls for every operation of the document.
func eachOperation(t *testing.T, do func(t *testing.T, method, path string, op *openapi3.Operation)) {
	t.Helper()
	for path, item := range document(t).Paths.Map() {
		for method, op := range item.Operations() {
			t.Run(method+" "+path, func(t *testing.T) { do(t, method, path, op) })
		}
	}
}

func TestEveryOperationIsTold(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	eachOperation(t, func(t *testing.T, method, path string, op *openapi3.Operation) {
		if other, twice := seen[op.OperationID]; twice || op.OperationID == "" {
			t.Errorf("the operation id %q is also that of %s", op.OperationID, other)
		}
		seen[op.OperationID] = method + " " + path
		if op.Summary == "" || len(op.Tags) != 1 || op.Security == nil {
			t.Errorf("no summary, tag or security: %q, %q, %v", op.Summary, op.Tags, op.Security)
		}
		_, act, _ := strings.Cut(op.Description, "Permission: `")
		act, _, _ = strings.Cut(act, "`")
		open := slices.Contains(openOperations, method+" "+strings.TrimPrefix(path, "/api/v1"))
		if open != (act == "open") || !open && !slices.Contains(policy.Acts(), act) {
			t.Errorf("%q is no permission", act)
		}
		for _, p := range op.Parameters {
			if p.Value.In == "query" && p.Value.Schema == nil {
				t.Errorf("parameter %s has no schema", p.Value.Name)
			}
		}
	})
}

func TestEveryErrorIsDocumented(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(t *testing.T, method, _ string, op *openapi3.Operation) {
		want := []string{"401", "403", "404", "405", "422", "429", "500", "503"}
		if method != http.MethodGet {
			want = append(want, "400", "409", "410", "412", "413", "415", "428")
		}
		for _, status := range want {
			r := op.Responses.Value(status)
			if r == nil {
				t.Errorf("%s is not documented", status)
				continue
			}
			m := r.Value.Content["application/problem+json"]
			if m == nil || m.Schema.Ref != "#/components/schemas/Problem" || len(r.Value.Content) != 1 {
				t.Errorf("%s is not our problem document", status)
				continue
			}
			if m.Example == nil {
				t.Errorf("%s has no example", status)
			}
		}
	})
}

func TestEveryBodyHasAnExample(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(t *testing.T, _, _ string, op *openapi3.Operation) {
		if op.RequestBody != nil {
			examples(t, "request", op.RequestBody.Value.Content)
		}
		for status, r := range op.Responses.Map() {
			examples(t, status, r.Value.Content)
		}
	})
}

func examples(t *testing.T, what string, content openapi3.Content) {
	t.Helper()
	for kind, m := range content {
		if strings.HasPrefix(kind, "multipart/") || kind == "application/octet-stream" {
			continue
		}
		if m.Example == nil {
			t.Errorf("%s, %s: no example", what, kind)
			continue
		}
		if err := m.Schema.Value.VisitJSON(m.Example); err != nil {
			t.Errorf("%s, %s: the example is not valid: %v", what, kind, err)
		}
	}
}

// TestExamplesAreTaken sends each example to its operation: the decoder finds
// nothing wrong with one, whatever the register says to it.
func TestExamplesAreTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, item := range document(t).Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody == nil {
				continue
			}
			for kind, m := range op.RequestBody.Value.Content {
				if m.Example == nil {
					continue
				}
				body := need(json.Marshal(m.Example))(t)
				path := strings.NewReplacer("{ref}", "DEP-2026-999", "{no}", "N-2026-999", "{id}", "none", "{number}", "1", "{party}", "employer", "{union}", "none", "{size}", "4").Replace(path)
				for _, who := range []string{"cdo", "hr", "admin", "approver", "union_officer"} {
					p := w.people[who]
					if strings.Contains(path, "/account/") {
						p = w.twin(p) // the example of a new password is taken, too
					}
					got := w.askAs(p, method, path, body, headers{"Content-Type": kind, "If-Match": `"1"`})
					if got.Status == 400 || got.Status == 415 || got.Status >= 500 || got.Status == 422 && strings.Contains(string(got.Body), "wrong_type") {
						t.Errorf("%s %s: the example is refused: %s", method, path, got)
					}
				}
			}
		}
	}
}

// unversioned are the changes that name no version: they end something whole,
// are to one's own account, which nobody else changes, or say the whole of what
// one's own union wants.
var unversioned = []string{
	"DELETE /session", "DELETE /sessions", "DELETE /sessions/{id}", "DELETE /tokens/{id}", "PUT /session/organisation",
	"PUT /account/password", "DELETE /account", "DELETE /account/totp", "DELETE /account/passkeys/{id}", "DELETE /account/identities",
	"DELETE /invitations/{id}", "DELETE /service-accounts/{id}", "DELETE /users/{id}", "PUT /checkpoint-address",
	"DELETE /hooks/{id}", "DELETE /calendar-link", "PUT /notification-choices",
}

// unkept are the operations whose answers are kept under no key: they show a
// secret once, there is nobody to keep one for, or to do them again is nothing.
var unkept = append(slices.Clone(openOperations), "POST /tokens", "POST /service-accounts", "POST /session/prove",
	"POST /account/totp", "POST /account/totp/confirm", "POST /account/recovery-codes", "POST /account/passkeys", "POST /account/passkeys/begin",
	"POST /account/email", "POST /account/email/confirm", "POST /attachments/{id}/links", "POST /checkpoints", "POST /checkpoints/{size}/cosignatures",
	"POST /hooks", "POST /calendar-link", "POST /flags", "POST /inbox/read", "POST /room", "POST /room/{id}/tally", "POST /room/{id}/files",
)

func TestEveryChangeNamesItsVersion(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(t *testing.T, method, path string, op *openapi3.Operation) {
		named := op.Parameters.GetByInAndName("header", "If-Match") != nil
		name := method + " " + strings.TrimPrefix(path, "/api/v1")
		changes := method == http.MethodPut || method == http.MethodPatch || method == http.MethodDelete
		if changes && named == slices.Contains(unversioned, name) {
			t.Errorf("If-Match is asked for: %v", named)
		}
		if key := op.Parameters.GetByInAndName("header", "Idempotency-Key") != nil; key != (method == http.MethodPost && !slices.Contains(unkept, name)) {
			t.Errorf("Idempotency-Key is taken: %v", key)
		}
	})
}

// TestTheExamplesOfProofsAreGood opens the note of the examples with their keys.
func TestTheExamplesOfProofsAreGood(t *testing.T) {
	t.Parallel()
	told := func(path, status string, into any) {
		m := document(t).Paths.Find(path).Get.Responses.Value(status).Value.Content["application/json"]
		must(t, json.Unmarshal(need(json.Marshal(m.Example))(t), into))
	}
	var c api.Checkpoint
	var keys api.List[api.SigningKey]
	var witnesses api.List[api.Witness]
	told("/api/v1/checkpoints/{size}", "200", &c)
	told("/api/v1/signing-keys", "200", &keys)
	told("/api/v1/witnesses", "200", &witnesses)
	n := need(ledger.OpenNote(c.Note, []ledger.Key{need(ledger.ParseKey(keys.Items[0].Key))(t), need(ledger.ParseKey(witnesses.Items[0].Key))(t)}))(t)
	if n.Size != c.Size || base64.StdEncoding.EncodeToString(n.Root[:]) != c.Root || n.Signatures[1].Line() != c.Cosignatures[0].Line || n.Signatures[1].At.Format(time.RFC3339) != c.Cosignatures[0].SignedAt {
		t.Errorf("%+v is not %+v", n, c)
	}
}
