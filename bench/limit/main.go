// Command limit is the least that could answer what the server answers: a
// handler written by hand over net/http and one database driver, with no
// framework, ORM, policy, ledger or jobs. The benchmarks print how far the
// server is from it; nobody would keep a register in it. It answers for one
// organisation, and the deployments of class B only, whose reasons are one
// sentence.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"beforehand/frontend/words"
)

// limit answers requests.
type limit struct {
	db  database
	now func() time.Time
	// can is what the token of the digital officer may do to a deployment, as
	// JSON: an answer that a hand-written server would have written down.
	can json.RawMessage
	// why is why a deployment is of class B, as JSON.
	why []byte
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8090", "address to listen on")
	dsn := flag.String("database", "", "postgres:// address, or the path of an SQLite file")
	can := flag.String("can", "[]", "what the digital officer may do to a deployment, in JSON")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *addr, *dsn, *can); err != nil {
		fmt.Fprintln(os.Stderr, "limit:", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, addr, dsn, can string) error {
	open := openSQLite
	if strings.HasPrefix(dsn, "postgres") {
		open = openPostgres
	}
	db, err := open(ctx, dsn)
	if err != nil {
		return err
	}
	reason := map[string]string{"en": words.Say(words.English, "class.assistive", nil), "cy": words.Say(words.Welsh, "class.assistive", nil)}
	why, err := json.Marshal([]any{reason})
	if err != nil {
		return err
	}
	l := &limit{db: db, now: time.Now, can: json.RawMessage(can), why: why}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: l.routes(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return errors.Join(srv.Shutdown(context.WithoutCancel(ctx)), db.close())
	}
}

func (l *limit) routes() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	m.HandleFunc("GET /api/v1/deployments/{ref}", l.known(l.deployment))
	m.HandleFunc("GET /api/v1/deployments", l.known(l.deployments))
	m.HandleFunc("POST /api/v1/deployments", l.known(l.register))
	return m
}
