package store

import (
	"cmp"
	"context"
	"time"

	"beforehand/models"
)

// Draft finds a notice that has not been served.
func (r Reader) Draft(ctx context.Context, org, id string) (models.Draft, error) {
	return one[models.Draft](ctx, r, "notice", "org_id = ? AND id = ?", org, id)
}

// Drafts are the notices of a deployment still to be served, oldest first.
func (r Reader) Drafts(ctx context.Context, org, deploymentID string) ([]models.Draft, error) {
	return many[models.Draft](ctx, r, "created_at, id", "org_id = ? AND deployment_id = ? AND notice_id IS NULL AND discarded_at IS NULL", org, deploymentID)
}

// SaveDraft writes a draft back.
func (t *Tx) SaveDraft(ctx context.Context, d *models.Draft, readAt int) error {
	return save(ctx, t, d, "notice", d.OrgID, d.ID, readAt)
}

// Notice finds a served notice by its number.
func (r Reader) Notice(ctx context.Context, org, no string) (models.Notice, error) {
	return one[models.Notice](ctx, r, "notice", "org_id = ? AND no = ?", org, no)
}

// NoticeByID finds a served notice by its id.
func (r Reader) NoticeByID(ctx context.Context, org, id string) (models.Notice, error) {
	return one[models.Notice](ctx, r, "notice", "org_id = ? AND id = ?", org, id)
}

// Notices are the served notices of a deployment, oldest first.
func (r Reader) Notices(ctx context.Context, org, deploymentID string) ([]models.Notice, error) {
	return many[models.Notice](ctx, r, "served_at, number", "org_id = ? AND deployment_id = ?", org, deploymentID)
}

// Recipients are the parties of notices.
func (r Reader) Recipients(ctx context.Context, org string, noticeIDs []string) ([]models.Recipient, error) {
	if len(noticeIDs) == 0 {
		return nil, nil
	}
	return few(ctx, r, func(a, b models.Recipient) int { return cmp.Compare(a.ID, b.ID) }, "org_id = ? AND notice_id IN ?", org, noticeIDs)
}

// Recipient finds one party of a notice.
func (r Reader) Recipient(ctx context.Context, org, id string) (models.Recipient, error) {
	return one[models.Recipient](ctx, r, "recipient", "org_id = ? AND id = ?", org, id)
}

// Dispatches are the messages of a notice.
func (r Reader) Dispatches(ctx context.Context, org, noticeID string) ([]models.Dispatch, error) {
	return few(ctx, r, func(a, b models.Dispatch) int { return cmp.Compare(a.ID, b.ID) }, "org_id = ? AND notice_id = ?", org, noticeID)
}

// Dispatch finds one message.
func (r Reader) Dispatch(ctx context.Context, org, id string) (models.Dispatch, error) {
	return one[models.Dispatch](ctx, r, "dispatch", "org_id = ? AND id = ?", org, id)
}

// Deliveries are the delivery events of notices, oldest first.
func (r Reader) Deliveries(ctx context.Context, org string, noticeIDs []string) ([]models.Delivery, error) {
	if len(noticeIDs) == 0 {
		return nil, nil
	}
	return many[models.Delivery](ctx, r, "recorded_at, id", "org_id = ? AND notice_id IN ?", org, noticeIDs)
}

// Settled says whether a message has been accepted or bounced: it is not sent again.
func (r Reader) Settled(ctx context.Context, org, dispatchID string) (bool, error) {
	n, err := raw[int](ctx, r, "SELECT COUNT(*) FROM deliveries WHERE org_id = ? AND dispatch_id = ? AND event IN ('accepted', 'bounced')", org, dispatchID)
	return err == nil && n[0] > 0, err
}

// ProofFor says whether an attachment proves service on one of these unions.
func (r Reader) ProofFor(ctx context.Context, org, attachmentID string, unions []string) (bool, error) {
	if len(unions) == 0 {
		return false, nil
	}
	n, err := raw[int](ctx, r, `SELECT COUNT(*) FROM deliveries d JOIN notice_recipients p ON p.org_id = d.org_id AND p.id = d.recipient_id
		WHERE d.org_id = ? AND d.attachment_id = ? AND p.union_id IN ?`, org, attachmentID, unions)
	return err == nil && n[0] > 0, err
}

// Acknowledgement is who acknowledged a notice for a union, behind sign-in.
type Acknowledgement struct {
	OrgID       string
	RecipientID string
	DeliveryID  string
	ByUserID    string
	At          time.Time
}

// Acknowledgements are those of notices.
func (r Reader) Acknowledgements(ctx context.Context, org string, noticeIDs []string) ([]Acknowledgement, error) {
	if len(noticeIDs) == 0 {
		return nil, nil
	}
	return raw[Acknowledgement](ctx, r, `SELECT a.* FROM acknowledgements a
		JOIN notice_recipients r ON r.org_id = a.org_id AND r.id = a.recipient_id
		WHERE a.org_id = ? AND r.notice_id IN ? ORDER BY a.at`, org, noticeIDs)
}
