package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// request is one request of a row.
type request struct {
	method, path, token string
	body                []byte
	header              http.Header
}

// figures are what one load of a row came to.
type figures struct {
	perSecond float64
	p50, p99  time.Duration
	cpu       float64 // seconds for 1,000 requests
	own       float64 // that of the server itself
	anonymous float64 // MiB, the most that was seen
	requests  uint64
	stolen    float64 // share of the processors' time that the machine's host took
}

// load asks again and again, with so many requests under way at once and each
// worker waiting for its answer (a closed loop), and says what it cost.
func load(ctx context.Context, p *process, o options, status int, requests []request) (figures, error) {
	t := targets(p, requests)
	if _, err := attack(ctx, p, o, time.Second, status, t); err != nil {
		return figures{}, err
	}
	return undisturbed(func() (figures, error) { return attack(ctx, p, o, o.seconds, status, t) })
}

func targets(p *process, requests []request) []vegeta.Target {
	targets := make([]vegeta.Target, len(requests))
	for i, r := range requests {
		h := http.Header{}
		for k, v := range r.header {
			h[k] = v
		}
		if r.token != "" {
			h.Set("Authorization", "Bearer "+r.token)
		}
		if r.body != nil {
			h.Set("Content-Type", "application/json")
		}
		targets[i] = vegeta.Target{Method: r.method, URL: p.url + r.path, Body: r.body, Header: h}
	}
	return targets
}

func attack(ctx context.Context, p *process, o options, d time.Duration, status int, targets []vegeta.Target) (figures, error) {
	n := uint64(o.workers) //nolint:gosec // some few
	a := vegeta.NewAttacker(vegeta.Workers(n), vegeta.MaxWorkers(n), vegeta.Connections(o.workers), vegeta.KeepAlive(true), vegeta.HTTP2(false), vegeta.Redirects(vegeta.NoFollow))
	defer a.Stop()
	before, own, err := p.cpu()
	if err != nil {
		return figures{}, err
	}
	var m vegeta.Metrics
	var f figures
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	results := a.Attack(vegeta.NewStaticTargeter(targets...), vegeta.Rate{Freq: 0, Per: time.Second}, d, p.name)
	wrong := ""
	for more := true; more; {
		select {
		case <-ctx.Done():
			return f, ctx.Err()
		case <-tick.C:
			anonymous, _ := p.memory()
			f.anonymous = max(f.anonymous, anonymous)
		case r, ok := <-results:
			if more = ok; !ok {
				break
			}
			if int(r.Code) != status {
				wrong = fmt.Sprintf("%s %s: %d %s %.300s", r.Method, r.URL, r.Code, r.Error, r.Body)
			}
			r.Body = nil
			m.Add(r)
		}
	}
	m.Close()
	after, ownAfter, err := p.cpu()
	if err != nil {
		return f, err
	}
	if wrong != "" {
		return f, fmt.Errorf("%s answered otherwise than %d: %s", p.name, status, wrong)
	}
	f.requests, f.p50, f.p99 = m.Requests, m.Latencies.P50, m.Latencies.P99
	f.perSecond = float64(m.Requests) / (m.Duration + m.Wait).Seconds()
	f.cpu, f.own = (after-before)/float64(m.Requests)*1000, (ownAfter-own)/float64(m.Requests)*1000
	return f, nil
}
