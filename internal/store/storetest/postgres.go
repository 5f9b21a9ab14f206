// Package storetest gives tests a database of their own. Here live the
// throwaway PostgreSQL server, the databases made on it and migrated SQLite
// files; nothing in this package is built into the product.
package storetest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the "pgx" driver
)

// PostgresEnv names the variable that holds the URL of a server on which tests
// may create databases. `make test` starts one server for the whole run and
// hands it to every package this way.
const PostgresEnv = "BEFOREHAND_TEST_POSTGRES"

// ErrNoServer says that no PostgreSQL server is installed on this machine.
var ErrNoServer = errors.New("no PostgreSQL server binaries found in /usr/lib/postgresql/*/bin or on PATH; " +
	"install them (on Debian: apt-get install postgresql) or set " + PostgresEnv + " to the URL of a server")

// PostgresURL returns the URL of a new, empty database which is dropped when
// the test ends. Without a server the test is skipped; under CI it fails,
// because half of what the store promises would go untried.
func PostgresURL(t testing.TB) string {
	t.Helper()
	srv, err := shared()
	if errors.Is(err, ErrNoServer) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	// template0, because nobody can be connected to it: a connection to
	// template1 would make CREATE DATABASE fail.
	return srv.copyOf(t, "template0")
}

// Main runs the tests and stops the server that they started, if they did.
// Call it from TestMain: os.Exit(storetest.Main(m)). A package that forgets to
// is still tidied up after, since the server goes when its process goes; but
// then nobody waits for it.
func Main(m *testing.M) int {
	code := m.Run()
	if err := stopShared(); err != nil {
		fmt.Fprintln(os.Stderr, "storetest:", err)
		if code == 0 {
			code = 1
		}
	}
	return code
}

// server is a PostgreSQL server on which databases may be created.
type server struct {
	url     *url.URL
	admin   *sql.DB
	cluster *Cluster // nil when the server is someone else's
	// app is who the tests connect as: a role that owns its databases and is no
	// superuser, so that row-level security holds for it.
	app *url.Userinfo
}

// appRole is the name of that role.
const appRole = "beforehand_app"

var (
	sharedMu  sync.Mutex
	sharedSrv *server
	sharedErr error
)

// shared returns the server of this process, found or started at the first
// call. A failure is kept too: to try again for each test would only be slow.
func shared() (*server, error) {
	sharedMu.Lock()
	defer sharedMu.Unlock()
	if sharedSrv == nil && sharedErr == nil {
		sharedSrv, sharedErr = openServer()
	}
	return sharedSrv, sharedErr
}

func stopShared() error {
	sharedMu.Lock()
	defer sharedMu.Unlock()
	srv := sharedSrv
	sharedSrv, sharedErr = nil, nil
	if srv == nil {
		return nil
	}
	err := srv.admin.Close()
	if srv.cluster != nil {
		err = errors.Join(err, srv.cluster.Stop())
	}
	return err
}

func openServer() (*server, error) {
	raw := os.Getenv(PostgresEnv)
	var cluster *Cluster
	if raw == "" {
		var err error
		if cluster, err = StartCluster(); err != nil {
			return nil, err
		}
		raw = cluster.URL()
	}
	srv, err := connect(raw)
	if err != nil {
		if cluster != nil {
			err = errors.Join(err, cluster.Stop())
		}
		return nil, err
	}
	srv.cluster = cluster
	return srv, nil
}

// connect checks that the server answers, so that a wrong address is one clear
// error and not one for each test.
func connect(raw string) (*server, error) {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return nil, errors.New(PostgresEnv + " must be a URL that begins with postgres://")
	}
	admin, err := sql.Open("pgx", raw)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", u.Redacted(), err)
	}
	admin.SetMaxOpenConns(4)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := admin.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reach %s: %w", u.Redacted(), err), admin.Close())
	}
	app, err := makeRole(ctx, admin, u)
	if err != nil {
		return nil, errors.Join(err, admin.Close())
	}
	return &server{url: u, admin: admin, app: app}, nil
}

// makeRole makes the tests' own role once for the server, whichever process
// comes first. Its password is that of who made it.
func makeRole(ctx context.Context, admin *sql.DB, u *url.URL) (*url.Userinfo, error) {
	password, _ := u.User.Password()
	tx, err := admin.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(20260907)"); err != nil {
		return nil, err
	}
	var there bool
	if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1)", appRole).Scan(&there); err != nil {
		return nil, err
	}
	if !there {
		if _, err := tx.ExecContext(ctx, "CREATE ROLE "+appRole+" LOGIN PASSWORD '"+strings.ReplaceAll(password, "'", "''")+"'"); err != nil { //nolint:gosec // the name is ours and the password quoted: a role takes no parameters
			return nil, fmt.Errorf("make the role of the tests: %w", err)
		}
	}
	return url.UserPassword(appRole, password), tx.Commit()
}

func (s *server) exec(query string) error {
	// Creating a database copies files: on a busy disk that takes a while.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := s.admin.ExecContext(ctx, query); err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	return nil
}

func (s *server) urlOf(database string) string {
	u := *s.url
	u.User, u.Path = s.app, "/"+database
	return u.String()
}

// Cluster is a PostgreSQL server in a temporary folder, on a free port of the
// loopback address. Its data does not survive it, so it takes no care of them:
// nothing is synced to disk.
type Cluster struct {
	url    string
	bin    string // folder of the server's programs
	dir    string // its data folder
	keeper *exec.Cmd
	leash  io.Closer
	said   *bytes.Buffer
}

// keeperScript owns the server from first to last. It stops the server and
// removes the folder when its standard input ends, and the system ends that
// when our process goes, however it goes: a killed test leaves nothing behind.
// pg_ctl waits until the server takes connections.
const keeperScript = `
trap '' INT TERM HUP
bin=$1 port=$2 pass=$3 primary=$4
umask 077
dir=$(mktemp -d "${TMPDIR:-/tmp}/beforehand-pg-XXXXXX" 2>/dev/null) ||
	dir=$(mktemp -d /tmp/beforehand-pg-XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
printf '%s\n' "$pass" >"$dir/pass"
if [ -n "$primary" ]; then
	"$bin/pg_basebackup" -D "$dir/data" -d "$primary" -R -c fast --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
	echo "port = $port" >>"$dir/data/postgresql.conf"
else
	"$bin/initdb" -D "$dir/data" -U beforehand --auth=scram-sha-256 --pwfile="$dir/pass" \
		--encoding=UTF8 --no-locale --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
	cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 400
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum_naptime = 1h
CONF
fi
"$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 start >/dev/null || { cat "$dir/log" >&2; exit 1; }
echo "ready $dir/data"
cat >/dev/null
[ ! -e "$dir/data/postmaster.pid" ] || "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null
`

// StartCluster starts a server and returns when it takes connections.
func StartCluster() (*Cluster, error) { return start("") }

// StartStandby starts a standby that follows the server, a copy of it as it is.
func (c *Cluster) StartStandby() (*Cluster, error) { return start(c.url) }

// start starts a server: a new one, or one that follows another.
func start(primary string) (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	// Someone may take the free port before the server does; hence some tries.
	var errs []error
	for range 3 {
		c, err := startIn(bin, primary)
		if err == nil {
			return c, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// URL is the address of the server, for a user who may create databases.
func (c *Cluster) URL() string { return c.url }

// Stop ends the server, waits for its end and removes its folder.
func (c *Cluster) Stop() error {
	if err := errors.Join(c.leash.Close(), c.keeper.Wait()); err != nil {
		return fmt.Errorf("stop PostgreSQL: %w: %s", err, c.said)
	}
	return nil
}

// asServer is a command as the user that PostgreSQL runs as: it refuses to run
// as root, and its packages bring a user for it.
func asServer(args []string) []string {
	if os.Geteuid() == 0 {
		return append([]string{"runuser", "-u", "postgres", "--"}, args...)
	}
	return args
}

// Control has pg_ctl do something to the server, such as "restart", "-m", "immediate".
func (c *Cluster) Control(args ...string) error {
	args = asServer(append([]string{c.bin + "/pg_ctl", "-D", c.dir, "-w", "-t", "60", "-l", filepath.Dir(c.dir) + "/log"}, args...))
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = "/"
	if err := cmd.Run(); err != nil { // its output would be held open by the server it starts
		return fmt.Errorf("%v: %w", args, err)
	}
	return nil
}

// Database makes a migrated database on the server for the tests' own role,
// which is no superuser, and returns its address. It goes with the server.
func (c *Cluster) Database() (string, error) {
	srv, err := connect(c.url)
	if err != nil {
		return "", err
	}
	defer func() { _ = srv.admin.Close() }() // nothing is left to say
	name := "t_" + randomHex(12)
	if err := srv.exec(`CREATE DATABASE ` + name + ` OWNER ` + appRole + ` TEMPLATE template0`); err != nil {
		return "", err
	}
	return srv.urlOf(name), migrate(srv.urlOf(name))
}

func startIn(bin, primary string) (*Cluster, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	// A password even here: on a machine with other people, a superuser
	// without one would be a way into this account.
	pass := randomHex(16)
	if u, err := url.Parse(primary); err == nil && primary != "" {
		pass, _ = u.User.Password() // its copy has the same
	}
	args := []string{"sh", "-c", keeperScript, "sh", bin, strconv.Itoa(port), pass, primary}
	args = asServer(args)
	c := &Cluster{
		url:    fmt.Sprintf("postgres://beforehand:%s@127.0.0.1:%d/postgres?sslmode=disable", pass, port),
		bin:    bin,
		keeper: exec.Command(args[0], args[1:]...),
		said:   new(bytes.Buffer),
	}
	c.keeper.Dir = "/" // the other user may not be let into ours
	c.keeper.Stderr = c.said
	stdin, err := c.keeper.StdinPipe()
	if err != nil {
		return nil, err
	}
	c.leash = stdin
	stdout, err := c.keeper.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.keeper.Start(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	var ok bool
	if c.dir, ok = strings.CutPrefix(strings.TrimSpace(line), "ready "); !ok {
		return nil, fmt.Errorf("start PostgreSQL: %w: %s", errors.Join(stdin.Close(), c.keeper.Wait()), c.said)
	}
	return c, nil
}

// binaries returns the folder of the newest installed server. Debian keeps the
// server off PATH, one folder a version; others put it on PATH.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(strings.Split(path, "/")[4]) // no number sorts first
		return n
	}
	if len(found) > 0 {
		newest := slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })
		return filepath.Dir(newest), nil
	}
	onPath, err := exec.LookPath("initdb")
	if err != nil {
		return "", ErrNoServer
	}
	return filepath.Dir(onPath), nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program rather
	return hex.EncodeToString(b)
}
