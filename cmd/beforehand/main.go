// Command beforehand is the AI workplace impact register with change notices:
// one binary with the server, the web application and the tools in it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"beforehand/frontend/words"
	"beforehand/models"
)

// version is set by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Exit codes. A gate that is shut has one of its own, so that a pipeline can
// tell it from an error.
const (
	exitOK      = 0
	exitBlocked = 1
	exitError   = 2
)

// program is the command line: flags are environment variables too.
type program struct {
	Globals

	Serve       serveCmd       `cmd:"" help:"Serve the register and its web application."`
	Migrate     migrateCmd     `cmd:"" help:"Bring the database up to this release, and stop."`
	Demo        demoCmd        `cmd:"" help:"Load the demo story: a fictional council with seven deployments."`
	Seed        seedCmd        `cmd:"" help:"Make up organisations with a history of any size, for measuring."`
	Import      importCmd      `cmd:"" help:"Take a CSV or XLSX file into the register."`
	Gate        gateCmd        `cmd:"" help:"Ask whether a deployment may enter a stage. Exits 0 open, 1 blocked, 2 error."`
	Evidence    evidenceCmd    `cmd:"" help:"Put a claim's plan to rows, without a server."`
	Verify      verifyCmd      `cmd:"" help:"Check a receipt, the log, two checkpoints or a backup."`
	Keys        keysCmd        `cmd:"" help:"The keys that the log is signed with."`
	Witness     witnessCmd     `cmd:"" help:"Countersign an organisation's checkpoints, as a union, an auditor or another council."`
	Backup      backupCmd      `cmd:"" help:"Write a backup of everything, also while serving, and try it."`
	Restore     restoreCmd     `cmd:"" help:"Restore a backup into an empty place."`
	Export      exportCmd      `cmd:"" help:"Write everything of one organisation into an archive, for another installation on either database."`
	Adopt       adoptCmd       `cmd:"" help:"Take an exported organisation into an empty installation."`
	Doctor      doctorCmd      `cmd:"" help:"Look at everything that can be wrong, and say how to mend it. Exits 0 when nothing is, 1 when something is."`
	User        userCmd        `cmd:"" help:"Add people, set passwords, make tokens."`
	Policy      policyCmd      `cmd:"" help:"Say who may do what, and by which line."`
	Words       wordsCmd       `cmd:"" help:"Which Welsh texts have been checked by a person, and which have not."`
	Openapi     openapiCmd     `cmd:"" help:"Print the OpenAPI 3.1 document of the API."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask a running server whether it is ready. Exits 0 when it is."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// Globals are the flags of every command.
type Globals struct {
	Data         string        `help:"Folder of the SQLite file, attachments and .eml mails." default:"./data" env:"BEFOREHAND_DATA" type:"path"`
	Database     string        `help:"postgres:// address; without one, SQLite in the data folder." env:"BEFOREHAND_DATABASE" placeholder:"URL"`
	Connections  int           `name:"db-connections" help:"Connections to the database at once at most; 0 is by the number of processors. All replicas together must stay below the server's max_connections." default:"0" env:"BEFOREHAND_DB_CONNECTIONS"`
	ReadDatabase string        `help:"postgres:// address of a streaming standby, from which public pages and exports are read." env:"BEFOREHAND_READ_DATABASE" placeholder:"URL"`
	ReadLag      time.Duration `help:"How far behind the standby may be; beyond that the primary is read." default:"10s" env:"BEFOREHAND_READ_LAG"`
	Profiles     string        `help:"Folder of an employer's own policy profiles (YAML)." env:"BEFOREHAND_PROFILES" type:"path" placeholder:"DIR"`
	Organisation string        `help:"Short name of the organisation, where there are several." env:"BEFOREHAND_ORGANISATION" placeholder:"SLUG"`
	SecretKey    string        `help:"Secret of this installation, 32 bytes in base64; the same for all replicas. Better in BEFOREHAND_SECRET_KEY_FILE; without one it is made in the data folder." env:"BEFOREHAND_SECRET_KEY" placeholder:"SECRET"`
	OIDC         string        `name:"oidc" help:"File that names the organisations' identity providers (YAML)." env:"BEFOREHAND_OIDC" type:"path" placeholder:"FILE"`
	AllowPrivate []string      `help:"Private address ranges that the server may fetch from, such as an identity provider's." env:"BEFOREHAND_ALLOW_PRIVATE" placeholder:"CIDR"`
	S3           bucket        `embed:"" prefix:"s3-"`
	Clamd        string        `help:"Where ClamAV's daemon listens: a socket's path, or host:port. Attachments are then looked at before they are taken." env:"BEFOREHAND_CLAMD" placeholder:"ADDR"`
	Language     string        `help:"Language of messages: en or cy." default:"en" enum:"en,cy" env:"BEFOREHAND_LANGUAGE"`
	LogFormat    string        `help:"Logs on standard error: text or json." default:"text" enum:"text,json" env:"BEFOREHAND_LOG_FORMAT"`
}

// bucket is where attachments are kept, when not in the data folder.
type bucket struct {
	Endpoint  string `help:"Host of an S3-compatible store of attachments." env:"BEFOREHAND_S3_ENDPOINT" placeholder:"HOST"`
	Bucket    string `help:"Bucket for attachments; without one they are in the data folder." env:"BEFOREHAND_S3_BUCKET" placeholder:"NAME"`
	Region    string `help:"Region of the bucket." env:"BEFOREHAND_S3_REGION" placeholder:"NAME"`
	Prefix    string `help:"Folder within the bucket." env:"BEFOREHAND_S3_PREFIX" placeholder:"PATH"`
	AccessKey string `help:"Access key of the bucket." env:"BEFOREHAND_S3_ACCESS_KEY" placeholder:"NAME"`
	SecretKey string `help:"Secret key of the bucket; better in BEFOREHAND_S3_SECRET_KEY_FILE." env:"BEFOREHAND_S3_SECRET_KEY" placeholder:"SECRET"`
	Plain     bool   `help:"Ask the bucket over plain http, on this machine." env:"BEFOREHAND_S3_PLAIN"`
}

// console is where a command reads and writes: results on out, messages on err.
type console struct {
	in       io.Reader
	out, err io.Writer
	now      func() time.Time
}

// exit ends a command with a code of its own and no message.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if err := secretFiles(); err != nil {
		fmt.Fprintln(stderr, "beforehand:", err)
		return exitError
	}
	var p program
	done := -1
	parser, err := kong.New(&p, kong.Name("beforehand"), kong.UsageOnError(), kong.Writers(stdout, stderr),
		kong.Description("The AI workplace impact register with change notices. Begin with: beforehand demo, then beforehand serve."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Exit(func(code int) { done = code }))
	if err != nil {
		fmt.Fprintln(stderr, "beforehand:", err)
		return exitError
	}
	kctx, err := parser.Parse(args)
	if done >= 0 {
		return done
	}
	if err != nil {
		fmt.Fprintln(stderr, "beforehand:", err)
		fmt.Fprintln(stderr, "Try: beforehand --help")
		return exitError
	}
	kctx.BindTo(ctx, (*context.Context)(nil))
	err = kctx.Run(&p.Globals, &console{stdin, stdout, stderr, clock})
	if code, ok := errors.AsType[exit](err); ok {
		return int(code)
	}
	if err != nil {
		complain(stderr, p.Language, err)
		return exitError
	}
	return exitOK
}

// complain says what went wrong in words, a line a field.
func complain(w io.Writer, lang string, err error) {
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		fmt.Fprintln(w, "beforehand:", err)
		return
	}
	fmt.Fprintln(w, "beforehand:", words.Say(lang, "error."+e.Code, e.Params))
	if e.Kind == models.Unavailable {
		fmt.Fprintln(w, " ", e.Unwrap()) // whoever runs the server is who must see to it
	}
	for _, f := range e.Fields {
		code := "field." + f.Code
		if strings.Contains(f.Code, ".") {
			code = f.Code
		}
		fmt.Fprintf(w, "  %s: %s\n", f.Path, words.Say(lang, code, f.Params))
	}
}

// secretFiles lets each secret be given as a file: BEFOREHAND_DATABASE_FILE
// holds what BEFOREHAND_DATABASE would.
func secretFiles() error {
	for _, name := range []string{"BEFOREHAND_DATABASE", "BEFOREHAND_READ_DATABASE", "BEFOREHAND_SMTP_PASSWORD", "BEFOREHAND_SECRET_KEY", "BEFOREHAND_S3_SECRET_KEY", "BEFOREHAND_NOTIFY_KEY", "BEFOREHAND_NOTIFY_CALLBACK_TOKEN"} {
		path := os.Getenv(name + "_FILE")
		if path == "" {
			continue
		}
		b, err := os.ReadFile(path) //nolint:gosec // who starts the program names the file
		if err != nil {
			return fmt.Errorf("read the secret %s_FILE: %w", name, err)
		}
		if err := os.Setenv(name, strings.TrimSpace(string(b))); err != nil {
			return err
		}
	}
	return nil
}

type versionCmd struct{}

func (versionCmd) Run(c *console) error {
	_, err := fmt.Fprintln(c.out, "beforehand", version)
	return err
}
