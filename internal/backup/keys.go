package backup

import (
	"errors"
	"strings"

	"filippo.io/age"
)

var (
	// ErrRecipient says that a text is not a list of age's public keys.
	ErrRecipient = errors.New("not a list of age public keys")
	// ErrIdentity says that a text is not a list of age's secret keys.
	ErrIdentity = errors.New("not a list of age secret keys")
)

// ParseRecipients reads age's public keys, which begin with age1: one a line or
// with commas between. Empty lines and those that begin with # are passed over.
func ParseRecipients(text string) ([]age.Recipient, error) {
	list, err := age.ParseRecipients(strings.NewReader(lines(text)))
	if err != nil {
		return nil, errors.Join(ErrRecipient, err)
	}
	return list, nil
}

// ParseIdentities reads age's secret keys as age-keygen writes them to a file.
// What is wrong with one is not told: that would tell of the key.
func ParseIdentities(text string) ([]age.Identity, error) {
	list, err := age.ParseIdentities(strings.NewReader(lines(text)))
	if err != nil {
		return nil, ErrIdentity
	}
	return list, nil
}

// lines puts every key on a line without blanks around it. A comment may hold
// commas.
func lines(text string) string {
	var keys []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			continue
		}
		for key := range strings.SplitSeq(line, ",") {
			keys = append(keys, strings.TrimSpace(key))
		}
	}
	return strings.Join(keys, "\n")
}

// Identities are secret keys that open backups.
type Identities = []age.Identity
