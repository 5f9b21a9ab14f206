package register_test

import (
	"io"
	"net"
	"testing"

	"github.com/emersion/go-smtp"

	"beforehand/internal/register"
)

func commentInput(body string) register.CommentInput {
	return register.CommentInput{Kind: "concern", Dimension: "LOAD", Body: body}
}

// smallMap is a column map of our own, and smallFile a file that it fits.
const smallMap = `source: small
key: ["Name"]
area: ["Where"]
createAreas: true
constants:
  owner: Head of digital
  useFamily: other
  decisionStatus: idea
columns:
  - {column: "Name", field: name.en}
  - {column: "Why", field: purpose.en}
`

const smallFile = "Name,Why,Where\nRead meters,Fewer visits,Estates\nSort post,Faster post,Post room\n"

// refusing is the port of a mail server that refuses every recipient for good.
func refusing(t *testing.T) int {
	t.Helper()
	srv := smtp.NewServer(refuser{})
	srv.Domain = "localhost"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }() // ends with the error of the closed listener
	t.Cleanup(func() { _ = srv.Close() })
	return l.Addr().(*net.TCPAddr).Port
}

type refuser struct{}

func (refuser) NewSession(*smtp.Conn) (smtp.Session, error) { return refuser{}, nil }
func (refuser) Mail(string, *smtp.MailOptions) error        { return nil }
func (refuser) Rcpt(string, *smtp.RcptOptions) error {
	return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
}
func (refuser) Data(io.Reader) error { return nil }
func (refuser) Reset()               {}
func (refuser) Logout() error        { return nil }
