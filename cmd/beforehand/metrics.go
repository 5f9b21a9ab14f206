package main

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"beforehand/models"
)

// metrics are what an operator watches, by Prometheus's conventions. No label
// holds anything personal; what is asked of the database is asked when somebody
// reads the metrics, and costs no more the larger the register is.
//
// The first registry has everything, and is the operator's. The second has what
// says nothing of organisations, for whoever reads through a role in one of
// several.
func metrics(p *parts, now func() time.Time) (all, own *prometheus.Registry, observe func(route, method string, status int, took time.Duration)) {
	all, own = prometheus.NewRegistry(), prometheus.NewRegistry()
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "beforehand_http_request_duration_seconds", Help: "Time taken to answer requests.", Buckets: prometheus.ExponentialBuckets(0.001, 3, 8),
	}, []string{"route", "method", "status"})
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "beforehand_build_info", Help: "Always 1; the version is its label.", ConstLabels: prometheus.Labels{"version": version}}, func() float64 { return 1 })
	all.MustRegister(&figures{p: p, now: now}, seconds, build, collectors.NewDBStatsCollector(p.store.Pool(), p.store.Engine()),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	own.MustRegister(build)
	statuses := [600]string{}
	for i := range statuses {
		statuses[i] = strconv.Itoa(i)
	}
	return all, own, func(route, method string, status int, took time.Duration) {
		seconds.WithLabelValues(route, method, statuses[min(max(status, 0), len(statuses)-1)]).Observe(took.Seconds())
	}
}

// figures asks the database how the register stands.
type figures struct {
	p   *parts
	now func() time.Time

	mu      sync.Mutex
	windows map[int]int
	counted time.Time
}

// What is asked of the database at once may take so long; windows are counted
// again after a while, for every open notice is read for them.
const (
	figuresWithin = 5 * time.Second
	windowsEvery  = 5 * time.Minute
)

var (
	jobsDesc        = prometheus.NewDesc("beforehand_jobs", "Jobs that are not done, by queue and state.", []string{"queue", "state"}, nil)
	jobAgeDesc      = prometheus.NewDesc("beforehand_job_oldest_due_seconds", "For how long the oldest job that is due has waited; 0 when none is.", []string{"queue"}, nil)
	deliveriesDesc  = prometheus.NewDesc("beforehand_deliveries_last_day", "What became of deliveries of notices in the last 24 hours, by event.", []string{"event"}, nil)
	undeliveredDesc = prometheus.NewDesc("beforehand_deliveries_pending", "Mails of notices of the last 30 days that no mail server is known to have taken.", nil, nil)
	messagesDesc    = prometheus.NewDesc("beforehand_messages_last_day", "Messages to people and hooks of the last 24 hours, by state.", []string{"state"}, nil)
	logSizeDesc     = prometheus.NewDesc("beforehand_log_entries", "Entries in the logs of all organisations.", nil, nil)
	logAgeDesc      = prometheus.NewDesc("beforehand_log_head_timestamp_seconds", "When the newest entry of any log was written; 0 is never.", nil, nil)
	unsignedDesc    = prometheus.NewDesc("beforehand_log_unsigned_seconds", "For how long, at most, a log has had entries that no checkpoint signs.", nil, nil)
	windowsDesc     = prometheus.NewDesc("beforehand_windows_closing", "Response windows of unions that end within so many days.", []string{"days"}, nil)
	backupDesc      = prometheus.NewDesc("beforehand_last_good_backup_timestamp_seconds", "When the last backup was made and tried; 0 is never.", nil, nil)
)

// Describe says what is collected.
func (*figures) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{jobsDesc, jobAgeDesc, deliveriesDesc, undeliveredDesc, messagesDesc, logSizeDesc, logAgeDesc, unsignedDesc, windowsDesc, backupDesc} {
		ch <- d
	}
}

// Collect asks. A figure that cannot be had makes the reading fail, and none is made up.
func (f *figures) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), figuresWithin)
	defer cancel()
	for _, part := range []struct {
		of  *prometheus.Desc
		ask func(context.Context, chan<- prometheus.Metric) error
	}{{jobsDesc, f.jobs}, {deliveriesDesc, f.deliveries}, {logSizeDesc, f.logs}, {windowsDesc, f.closing}, {backupDesc, f.backup}} {
		if err := part.ask(ctx, ch); err != nil {
			ch <- prometheus.NewInvalidMetric(part.of, err)
		}
	}
}

func gauge(ch chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func (f *figures) jobs(ctx context.Context, ch chan<- prometheus.Metric) error {
	now := f.now()
	queues, err := f.p.store.Queues(ctx, now)
	for _, q := range queues {
		for state, n := range map[string]int{"due": q.Due, "running": q.Running, "later": q.Later, "given_up": q.GivenUp} {
			gauge(ch, jobsDesc, float64(n), q.Name, state)
		}
		age := 0.0
		if !q.Oldest.IsZero() {
			age = max(now.Sub(q.Oldest).Seconds(), 0)
		}
		gauge(ch, jobAgeDesc, age, q.Name)
	}
	return err
}

func (f *figures) deliveries(ctx context.Context, ch chan<- prometheus.Metric) error {
	day := f.now().Add(-24 * time.Hour)
	events, err := f.p.store.DeliveriesSince(ctx, day)
	if err != nil {
		return err
	}
	for _, e := range events {
		gauge(ch, deliveriesDesc, float64(e.Count), e.State)
	}
	states, err := f.p.store.MessagesSince(ctx, day)
	if err != nil {
		return err
	}
	for _, m := range states {
		gauge(ch, messagesDesc, float64(m.Count), m.State)
	}
	waiting, err := f.p.store.Undelivered(ctx, f.now().AddDate(0, 0, -30))
	if err == nil {
		gauge(ch, undeliveredDesc, float64(waiting))
	}
	return err
}

// logs are told of together: whoever may read the metrics is one organisation's,
// and how busy another one is, is not theirs to know.
func (f *figures) logs(ctx context.Context, ch chan<- prometheus.Metric) error {
	logs, err := f.p.store.Logs(ctx)
	if err != nil {
		return err
	}
	var entries int64
	var newest time.Time
	var unsigned time.Duration
	for _, l := range logs {
		entries += l.Size
		if l.At.After(newest) {
			newest = l.At
		}
		if l.SignedSize < l.Size {
			unsigned = max(unsigned, f.now().Sub(l.UnsignedSince))
		}
	}
	gauge(ch, logSizeDesc, float64(entries))
	head := 0.0
	if !newest.IsZero() {
		head = float64(newest.Unix())
	}
	gauge(ch, logAgeDesc, head)
	gauge(ch, unsignedDesc, max(unsigned.Seconds(), 0))
	return nil
}

func (f *figures) closing(ctx context.Context, ch chan<- prometheus.Metric) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	days := []int{1, 3, 7}
	if f.windows == nil || f.now().Sub(f.counted) >= windowsEvery {
		windows, err := f.p.register.WindowsClosing(ctx, days...)
		if err != nil {
			return err
		}
		f.windows, f.counted = windows, f.now()
	}
	for _, n := range days {
		gauge(ch, windowsDesc, float64(f.windows[n]), strconv.Itoa(n))
	}
	return nil
}

func (f *figures) backup(ctx context.Context, ch chan<- prometheus.Metric) error {
	at, err := f.p.register.LastGoodBackup(ctx)
	switch {
	case models.KindOf(err) == models.NotFound:
		gauge(ch, backupDesc, 0)
	case err != nil:
		return err
	default:
		gauge(ch, backupDesc, float64(at.Unix()))
	}
	return nil
}
