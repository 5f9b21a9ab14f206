package register_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"beforehand/internal/notice"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// BenchmarkMail sends a wave of mails from the transaction that promises them
// to the last job recorded as done: workers claim, render, send over SMTP and
// complete, as the server does. One op is one wave.
//
//   - letter is 2,000 letters promised in one transaction; each takes one query
//     to write, and nothing but the job records it.
//   - news is one event that 500 people are mailed of: a job makes their
//     messages in one transaction, and each mail is judged anew before it goes
//     and recorded afterwards. It is what listmonk's campaign is.
//   - limit is go-mail with 8 connections kept open and a mail of the same text
//     and headers, without a database.
//
// It reports msg/s; in cpu-s/1000 the seconds of processor time of this process
// for 1,000 mails (the mail server is a process of its own and not in it, nor
// is PostgreSQL; SQLite is); and first-ms from the commit of what caused the
// mails to the first of them at the mail server. B/msg is how large they are.
//
// The goals are at most 1.8 × the limit's cpu-s/1000, at least 0.6 of its
// msg/s, and first-ms of at most 500. In the study of peers (performance.md)
// the limit made 7,300 msg/s at 0.110 s/1000 with mails of 1.3 kB, its mail
// server 0.105; listmonk made 5,530 msg/s at 0.199 s/1000, the first after 2.3 s.
func BenchmarkMail(b *testing.B) {
	for _, engine := range []string{"postgres", "sqlite"} {
		for _, wave := range []struct {
			kind  string
			mails int
			make  func(*testing.B, *mailing) (ready func(), send func() error)
		}{{"letter", 2000, letters}, {"news", 500, tidings}} {
			b.Run(wave.kind+"/"+engine, func(b *testing.B) {
				m := newMailing(b, engine, wave.mails)
				ready, send := wave.make(b, m)
				b.Run("ours", func(b *testing.B) { m.waves(b, ready, send) })
				b.Run("limit", m.limit)
			})
		}
	}
}

// mailing is a house whose workers work and whose mails go to a sink.
type mailing struct {
	*registertest.House
	sink  *sink
	mails int // of a wave, at least
	// last is the newest mail that went out: what the limit sends.
	last atomic.Pointer[notice.Mail]
}

func newMailing(b *testing.B, engine string, mails int) *mailing {
	b.Helper()
	s := storetest.Open(b, engine)
	m := &mailing{House: registertest.New(b, s), sink: newSink(b), mails: mails}
	m.MailBy(b, observed{m.sink.channel(), m})
	ctx := context.WithoutCancel(b.Context()) // a benchmark's own ends before its clean-up
	stop, err := s.Work(ctx, m.Workers(), store.JobSettings{Workers: usualWorkers, FirstRetry: time.Second, Log: slog.New(slog.DiscardHandler)})
	must(b, err)
	b.Cleanup(func() { must(b, stop(ctx)) })
	// The first mail pays for connections, templates and the jobs of a start.
	must(b, m.promise(b.Context(), 1))
	must(b, m.sink.wait(b.Context(), 1))
	m.settle(b)
	return m
}

// usualWorkers is how many jobs a server works at once if nobody says otherwise.
const usualWorkers = 20

// observed remembers the newest mail on its way.
type observed struct {
	notice.Channel
	by *mailing
}

// Send sends it on.
func (o observed) Send(ctx context.Context, m notice.Mail) error {
	o.by.last.Store(&m)
	return o.Channel.Send(ctx, m)
}

// settle waits until no job is left to do.
func (m *mailing) settle(b *testing.B) {
	b.Helper()
	tick, late := time.NewTicker(5*time.Millisecond), time.After(5*time.Minute)
	defer tick.Stop()
	for {
		if storetest.Idle(b, m.Store, time.Now().Add(time.Minute)) {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			b.Fatal("jobs are left")
		}
	}
}

// waves sends b.N waves and measures each from before its cause to its last job.
func (m *mailing) waves(b *testing.B, ready func(), send func() error) {
	b.Helper()
	var all tally
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		ready()
		m.settle(b) // what that promised
		m.sink.forget()
		before := need(storetest.Spent())(b)
		b.StartTimer()
		must(b, send())
		committed := time.Now() //nolint:forbidigo // how long a mail takes is what is measured
		must(b, m.sink.wait(b.Context(), m.mails))
		m.settle(b)
		b.StopTimer()
		n, first := m.sink.got()
		all.add(n, need(storetest.Spent())(b)-before, first.Sub(committed))
	}
	all.report(b)
	b.ReportMetric(float64(all.first.Microseconds())/1000/float64(b.N), "first-ms")
}

// tally is what waves came to.
type tally struct {
	mails int
	spent time.Duration
	first time.Duration
}

func (t *tally) add(mails int, spent, first time.Duration) {
	t.mails += mails
	t.spent += spent
	t.first += first
}

func (t *tally) report(b *testing.B) {
	b.Helper()
	b.ReportMetric(float64(t.mails)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(t.spent.Seconds()*1000/float64(t.mails), "cpu-s/1000")
}

// promise promises letters in one transaction.
func (m *mailing) promise(ctx context.Context, letters int) error {
	jobs := make([]store.Job, letters)
	for i := range jobs {
		jobs[i] = register.AddressLetter{ID: fmt.Sprintf("letter-%d", i), User: m.Officer.UserID}
	}
	return m.Store.Within(ctx, func(tx *store.Tx) error { return tx.Promise(ctx, jobs...) })
}

func letters(b *testing.B, m *mailing) (ready func(), send func() error) {
	b.Helper()
	return func() {}, func() error { return m.promise(b.Context(), m.mails) }
}

// tidings has people who want to hear at once of disputes, and opens one on a
// deployment that has none.
func tidings(b *testing.B, m *mailing) (ready func(), send func() error) {
	b.Helper()
	ctx := b.Context()
	for i := range m.mails {
		need(m.AddUser(ctx, m.Admin, register.NewUser{Email: fmt.Sprintf("hr%d@tywi.example", i), Name: fmt.Sprintf("Reader %d", i), Password: registertest.Password, Hat: register.Hat{Role: models.RoleHR}}))(b)
	}
	var d register.DeploymentView
	return func() { d = m.Formative(b) }, func() error {
		return second(m.OpenDispute(ctx, m.Officer, d.Ref, register.NewDispute{Subject: "Caseloads", Remedy: "A cap"}))
	}
}
