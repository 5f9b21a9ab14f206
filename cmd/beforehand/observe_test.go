package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestWhatAnOperatorWatches runs the program with the demo story, has a real
// Prometheus read its metrics with the alert rules loaded, and asks it for
// every figure of the dashboard; and has the program send its traces to a
// collector.
func TestWhatAnOperatorWatches(t *testing.T) {
	t.Parallel()
	dir, traces := t.TempDir(), newCollector(t)
	runProgram(t, "demo", "--data", dir)
	token := strings.TrimSpace(runProgram(t, "user", "token", "--data", dir, "--email", "admin@tywi.example"))
	p := startIn(t, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + traces.url, "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer for-the-collector"}, "--data", dir)
	p.ready(t)
	const trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url("/en/deployments/DEP-2026-003"), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Traceparent", "00-"+trace+"-"+parent+"-01")
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.Body.Close() != nil || res.StatusCode != http.StatusOK {
		t.Fatal(err, res)
	}
	if res, err := http.Get(p.url("/metrics")); err != nil || res.Body.Close() != nil || res.StatusCode != http.StatusUnauthorized {
		t.Errorf("whoever comes by reads the metrics: %v %v", res, err)
	}

	prom := newPrometheus(t, p.addr, token)
	strange, err := http.NewRequestWithContext(t.Context(), "BREW", p.url("/healthz"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := http.DefaultClient.Do(strange); err != nil || res.Body.Close() != nil {
		t.Fatal(err)
	}
	prom.waits(t, `up{job="beforehand"} == 1`)
	prom.waits(t, `beforehand_http_request_duration_seconds_count{route="/en/deployments/:ref",status="200"} >= 1`)
	prom.waits(t, `beforehand_http_request_duration_seconds_count{method="other"} >= 1`)
	if n := prom.asks(t, `beforehand_http_request_duration_seconds_count{method="BREW"}`); n != 0 {
		t.Error("a method that somebody made up is a label")
	}
	for what, query := range map[string]string{
		"entries": `beforehand_log_entries > 50`, "jobs": `count(beforehand_jobs{queue="default"}) == 4`, "ages": `beforehand_job_oldest_due_seconds{queue="long"} >= 0`,
		"windows": `beforehand_windows_closing{days="7"} >= 0`, "deliveries": `beforehand_deliveries_pending >= 0`, "backup": `beforehand_last_good_backup_timestamp_seconds >= 0`, "build": `beforehand_build_info == 1`,
		"pool": `go_sql_max_open_connections > 0`,
	} {
		if n := prom.asks(t, query); n == 0 {
			t.Errorf("%s: nothing answers %s", what, query)
		}
	}
	for title, query := range dashboardQueries(t) {
		prom.asks(t, query) // refused when it is no query
		for name := range strings.FieldsFuncSeq(query, func(r rune) bool { return !(r == '_' || r >= 'a' && r <= 'z') }) {
			if strings.HasPrefix(name, "beforehand_") && prom.asks(t, name) == 0 && !quiet[name] {
				t.Errorf("%s: there is no %s", title, name)
			}
		}
	}
	prom.rules(t)

	p.end(t) // what is followed is sent before it ends
	s := traces.find(t, trace)
	if s.ParentSpanID != parent || s.Name != "GET /en/deployments/:ref" || s.Kind != 2 || len(s.SpanID) != 16 || s.End <= s.Start {
		t.Errorf("%+v", s)
	}
	if got := s.values(); got["http.route"] != "/en/deployments/:ref" || got["http.response.status_code"] != "200" || got["request.id"] == "" {
		t.Error(got)
	}
	if traces.authorization != "Bearer for-the-collector" {
		t.Errorf("the collector is told %q", traces.authorization)
	}
}

// quiet are figures that have no row while nothing has happened.
var quiet = map[string]bool{"beforehand_deliveries_last_day": true, "beforehand_messages_last_day": true}

// A setting that cannot be followed is said at start, and not passed over.
func TestTracesThatCannotBeSent(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
	for name, value := range map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_HEADERS": "nothing"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			if _, _, err := tracing(); err == nil || !strings.Contains(err.Error(), name) {
				t.Error(err)
			}
		})
	}
}

func runProgram(t *testing.T, args ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	said := &safeBuffer{}
	cmd.Stderr = said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, said.String())
	}
	return string(out)
}

// prometheusServer is a Prometheus that reads one server's metrics.
type prometheusServer struct {
	url  string
	said *safeBuffer
}

func newPrometheus(t *testing.T, target, token string) *prometheusServer {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Fatal("prometheus is not installed: make setup-test installs it")
	}
	rules, err := filepath.Abs("../../docs/observability/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := fmt.Sprintf("global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [%q]\nscrape_configs:\n  - job_name: beforehand\n    authorization: {credentials: %q}\n    static_configs: [{targets: [%q]}]\n", rules, token, target)
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s := &prometheusServer{url: "http://" + addr, said: &safeBuffer{}}
	cmd := exec.Command(program, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+addr)
	cmd.Stderr = s.said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // nobody wants what it has gathered
		_ = cmd.Wait()
	})
	return s
}

func (s *prometheusServer) get(path string, into any) error {
	res, err := http.Get(s.url + path)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(into)
}

// ask is how many series answer a query.
func (s *prometheusServer) ask(query string) (int, error) {
	var answer struct {
		Status string
		Data   struct{ Result []json.RawMessage }
	}
	err := s.get("/api/v1/query?"+url.Values{"query": {query}}.Encode(), &answer)
	return len(answer.Data.Result), err
}

func (s *prometheusServer) asks(t *testing.T, query string) int {
	t.Helper()
	n, err := s.ask(query)
	if err != nil {
		t.Errorf("%s: %v", query, err)
	}
	return n
}

func (s *prometheusServer) waits(t *testing.T, query string) {
	t.Helper()
	tick, deadline := time.NewTicker(100*time.Millisecond), time.After(60*time.Second)
	defer tick.Stop()
	for {
		n, err := s.ask(query)
		if err == nil && n > 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("nothing answers %s: %v\n%s", query, err, s.said.String())
		}
	}
}

// rules looks that every rule was read and can be asked.
func (s *prometheusServer) rules(t *testing.T) {
	t.Helper()
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
	}
	tick, deadline := time.NewTicker(100*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for {
		err := s.get("/api/v1/rules", &answer)
		n, well := 0, 0
		for _, g := range answer.Data.Groups {
			for _, r := range g.Rules {
				n++
				if r.Health == "ok" {
					well++
				}
			}
		}
		if err == nil && n >= 9 && n == well {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d rules, %d of them well: %v %+v", n, well, err, answer)
		}
	}
}

// dashboardQueries are what the dashboard asks, by the title of the panel.
func dashboardQueries(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile("../../docs/observability/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ RefID, Expr string }
		}
	}
	if err := json.Unmarshal(b, &board); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			out[p.Title+" "+target.RefID] = target.Expr
		}
	}
	if len(out) < 14 {
		t.Fatalf("the dashboard asks %d things", len(out))
	}
	return out
}

// collector takes traces, as OpenTelemetry's does.
type collector struct {
	url           string
	mu            sync.Mutex
	spans         []tracedSpan
	authorization string
}

type tracedSpan struct {
	TraceID      string `json:"traceId"`
	SpanID       string `json:"spanId"`
	ParentSpanID string `json:"parentSpanId"`
	Name         string `json:"name"`
	Kind         int    `json:"kind"`
	Start        string `json:"startTimeUnixNano"`
	End          string `json:"endTimeUnixNano"`
	Attributes   []struct {
		Key   string
		Value struct{ StringValue, IntValue string }
	}
}

func (s tracedSpan) values() map[string]string {
	out := map[string]string{}
	for _, a := range s.Attributes {
		out[a.Key] = a.Value.StringValue + a.Value.IntValue
	}
	return out
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			ResourceSpans []struct {
				ScopeSpans []struct{ Spans []tracedSpan }
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.URL.Path != "/v1/traces" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.authorization = r.Header.Get("Authorization")
		for _, x := range in.ResourceSpans {
			for _, y := range x.ScopeSpans {
				c.spans = append(c.spans, y.Spans...)
			}
		}
	}))
	t.Cleanup(srv.Close)
	c.url = srv.URL
	return c
}

func (c *collector) find(t *testing.T, trace string) tracedSpan {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.TraceID == trace {
			return s
		}
	}
	t.Fatalf("no span of the trace among %d", len(c.spans))
	return tracedSpan{}
}
