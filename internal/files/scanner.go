package files

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

const (
	// scanChunk is how much of a file is sent at a time, in bytes.
	scanChunk = 64 << 10
	// scanReply is the longest reply that is read, in bytes.
	scanReply = 4 << 10
	// scanTimeout is how long a scan may take when nothing else is said.
	scanTimeout = time.Minute
)

// ErrScanLimit says that the scanner takes no file as large as this one. It is
// clamd's StreamMaxLength that says so.
var ErrScanLimit = errors.New("the file is larger than the scanner takes")

// Infected says that the scanner found something in a file.
type Infected struct {
	// Name is what the scanner calls it.
	Name string
}

// Error names what was found.
func (i *Infected) Error() string { return "the file carries " + strconv.Quote(i.Name) }

// Scanner asks clamd, ClamAV's daemon, whether a file carries malware. Only a
// clear answer lets a file pass: a scanner that is down or talks nonsense is an
// error.
type Scanner struct {
	// Addr is a host and port, or the path of a socket, which begins with a slash.
	Addr string
	// Timeout is for one question, from dialling to the answer; zero is a minute.
	Timeout time.Duration
}

// Scan sends a file to the scanner. A file in which something was found is an
// error of the kind *[Infected].
func (s Scanner) Scan(ctx context.Context, b []byte) error {
	reply, err := s.ask(ctx, func(w io.Writer) error { return stream(w, b) })
	if err != nil {
		return fmt.Errorf("scan the file: %w", err)
	}
	verdict, ok := strings.CutPrefix(reply, "stream: ")
	if name, found := strings.CutSuffix(verdict, " FOUND"); ok && found && name != "" {
		return &Infected{name}
	}
	switch {
	case ok && verdict == "OK":
		return nil
	case strings.HasPrefix(reply, "INSTREAM size limit exceeded"):
		return fmt.Errorf("scan the file: %w", ErrScanLimit)
	}
	return fmt.Errorf("scan the file: the scanner said %q", reply)
}

// Ping says whether the scanner answers.
func (s Scanner) Ping(ctx context.Context) error {
	reply, err := s.ask(ctx, func(w io.Writer) error {
		_, err := io.WriteString(w, "zPING\x00")
		return err
	})
	if err == nil && reply != "PONG" {
		err = fmt.Errorf("the scanner said %q", reply)
	}
	if err != nil {
		return fmt.Errorf("ask for the scanner: %w", err)
	}
	return nil
}

// stream sends a file in chunks, each behind its length. A length of zero ends it.
func stream(w io.Writer, b []byte) error {
	if _, err := io.WriteString(w, "zINSTREAM\x00"); err != nil {
		return err
	}
	frame := make([]byte, 4, 4+scanChunk)
	for len(b) > 0 {
		n := min(len(b), scanChunk)
		binary.BigEndian.PutUint32(frame[:4], uint32(n))
		if _, err := w.Write(append(frame[:4], b[:n]...)); err != nil {
			return err
		}
		b = b[n:]
	}
	_, err := w.Write(make([]byte, 4))
	return err
}

// ask makes a connection for one question and reads the reply, which ends with
// a zero byte as the question does.
func (s Scanner) ask(ctx context.Context, question func(io.Writer) error) (string, error) {
	timeout := s.Timeout
	if timeout <= 0 {
		timeout = scanTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	network := "tcp"
	if strings.HasPrefix(s.Addr, "/") {
		network = "unix"
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, s.Addr)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }() // what matters has been read by then
	// Closing is what wakes a read that nobody answers.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	// clamd refuses a file in the middle of it, so a reply may lie there
	// although not all could be sent.
	sent := question(conn)
	b, err := io.ReadAll(io.LimitReader(conn, scanReply))
	reply, rest, ended := bytes.Cut(b, []byte{0})
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case ended && len(rest) == 0:
		return string(reply), nil
	case sent != nil:
		return "", sent
	case err != nil:
		return "", err
	}
	return "", fmt.Errorf("the scanner said %q", b)
}
