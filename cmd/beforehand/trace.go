package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"beforehand/internal/web"
)

// tracing follows requests, when the environment says where their traces go:
// OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
// OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER and what
// else the SDK reads. Without an endpoint nothing is followed, and nothing spent.
func tracing() (around gin.HandlerFunc, stop func(context.Context) error, err error) {
	endpoint := os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	if base := os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"); endpoint == "" && base != "" {
		endpoint = strings.TrimSuffix(base, "/") + "/v1/traces"
	}
	if endpoint == "" {
		return nil, func(context.Context) error { return nil }, nil
	}
	if protocol := os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL"); protocol != "" && protocol != "http/json" {
		return nil, nil, fmt.Errorf("traces are sent as http/json: OTEL_EXPORTER_OTLP_PROTOCOL=%s is not known", protocol)
	}
	header, err := headersOf(os.Getenv("OTEL_EXPORTER_OTLP_HEADERS"))
	if err != nil {
		return nil, nil, err
	}
	about, err := resource.New(context.Background(), resource.WithAttributes(attribute.String("service.name", "beforehand"), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return nil, nil, fmt.Errorf("say who sends traces: %w", err)
	}
	p := sdk.NewTracerProvider(sdk.WithResource(about), sdk.WithBatcher(&otlp{endpoint: endpoint, header: header, http: &http.Client{Timeout: 10 * time.Second}}))
	t := p.Tracer("beforehand")
	return func(c *gin.Context) { span(t, c) }, p.Shutdown, nil
}

// headersOf reads name=value pairs with commas between, as the specification
// of the environment's names has it.
func headersOf(s string) (http.Header, error) {
	h := http.Header{}
	for pair := range strings.SplitSeq(s, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, errors.New("OTEL_EXPORTER_OTLP_HEADERS is name=value pairs with commas between")
		}
		h.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return h, nil
}

// span follows one request, under the trace that it came with. It says of it
// what the log says: the route, and never the address.
func span(t trace.Tracer, c *gin.Context) {
	ctx := propagation.TraceContext{}.Extract(c.Request.Context(), propagation.HeaderCarrier(c.Request.Header))
	ctx, s := t.Start(ctx, "request", trace.WithSpanKind(trace.SpanKindServer))
	defer s.End()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
	route, method, status := web.Told(c)
	s.SetName(method + " " + route)
	s.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route), attribute.Int("http.response.status_code", status),
		attribute.String("request.id", web.RequestID(c.Request.Context())))
	if status >= http.StatusInternalServerError {
		s.SetStatus(codes.Error, "")
	}
}

// otlp sends spans to a collector as OTLP over HTTP in its JSON form. The
// project's own exporter brings gRPC and protocol buffers with it, 11 MB of
// them, for what are a few fields (docs/decisions).
type otlp struct {
	endpoint string
	header   http.Header
	http     *http.Client
}

type (
	otlpValue struct {
		String *string `json:"stringValue,omitempty"`
		Int    *string `json:"intValue,omitempty"` // a 64-bit number, which JSON writes as text
		Bool   *bool   `json:"boolValue,omitempty"`
	}
	otlpPair struct {
		Key   string    `json:"key"`
		Value otlpValue `json:"value"`
	}
	otlpSpan struct {
		TraceID    string         `json:"traceId"`
		SpanID     string         `json:"spanId"`
		ParentID   string         `json:"parentSpanId,omitempty"`
		Name       string         `json:"name"`
		Kind       int            `json:"kind"`
		Start      string         `json:"startTimeUnixNano"`
		End        string         `json:"endTimeUnixNano"`
		Attributes []otlpPair     `json:"attributes"`
		Status     map[string]int `json:"status"`
	}
)

// ExportSpans sends some.
func (o *otlp) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if len(spans) == 0 {
		return nil
	}
	out := make([]otlpSpan, len(spans))
	for i, s := range spans {
		out[i] = otlpSpan{
			TraceID: s.SpanContext().TraceID().String(), SpanID: s.SpanContext().SpanID().String(), Name: s.Name(), Kind: int(s.SpanKind()),
			Start: strconv.FormatInt(s.StartTime().UnixNano(), 10), End: strconv.FormatInt(s.EndTime().UnixNano(), 10), Attributes: pairs(s.Attributes()), Status: map[string]int{},
		}
		if s.Parent().HasSpanID() {
			out[i].ParentID = s.Parent().SpanID().String()
		}
		if s.Status().Code == codes.Error {
			out[i].Status["code"] = 2
		}
	}
	type object = map[string]any
	body, err := json.Marshal(object{"resourceSpans": []object{{
		"resource":   object{"attributes": pairs(spans[0].Resource().Attributes())},
		"scopeSpans": []object{{"scope": object{"name": "beforehand"}, "spans": out}},
	}}})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = o.header.Clone()
	req.Header.Set("Content-Type", "application/json")
	res, err := o.http.Do(req)
	if err != nil {
		return fmt.Errorf("send traces: %w", err)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16)) // what it says is of no use to us
	if err := res.Body.Close(); err != nil {
		return err
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("send traces: the collector answers %s", res.Status)
	}
	return nil
}

// Shutdown has nothing to end.
func (*otlp) Shutdown(context.Context) error { return nil }

func pairs(in []attribute.KeyValue) []otlpPair {
	out := make([]otlpPair, 0, len(in))
	for _, kv := range in {
		p := otlpPair{Key: string(kv.Key)}
		switch kv.Value.Type() {
		case attribute.INT64:
			n := strconv.FormatInt(kv.Value.AsInt64(), 10)
			p.Value.Int = &n
		case attribute.BOOL:
			b := kv.Value.AsBool()
			p.Value.Bool = &b
		default:
			s := kv.Value.Emit()
			p.Value.String = &s
		}
		out = append(out, p)
	}
	return out
}
