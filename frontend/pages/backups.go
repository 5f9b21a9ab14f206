package pages

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/internal/web"
	"beforehand/models"
)

// tooOld is the age from which the last good backup is warned of.
const tooOld = 48 * time.Hour

// backups is what the page of backups shows.
type backups struct {
	all []models.Backup
	// last is when the last good one was made; zero when none was.
	last time.Time
	now  time.Time
}

// Backups lists the backups of the installation.
func (p *Pages) Backups(c *gin.Context) error {
	ctx := c.Request.Context()
	v := backups{now: p.Register.Now()}
	var err error
	if v.all, err = p.Register.Backups(ctx, web.Actor(ctx)); err != nil {
		return err
	}
	if v.last, err = p.Register.LastGoodBackup(ctx); err != nil && models.KindOf(err) != models.NotFound {
		return err
	}
	return p.render(c, http.StatusOK, backupsPage(v))
}

// lastWords say when the last good backup was made, and how long ago.
func (v backups) lastWords(ctx context.Context) string {
	if v.last.IsZero() {
		return design.Say(ctx, "page.backups.no_good")
	}
	ago := design.Say(ctx, "page.backups.today")
	if days := int(v.now.Sub(v.last).Hours() / 24); days > 0 {
		ago = design.Say(ctx, "page.backups.ago", "days", days)
	}
	return design.Say(ctx, "page.backups.last", "time", design.Instant(ctx, v.last), "ago", ago)
}

// old says whether the last good backup is too old, or there is none at all.
func (v backups) old() bool { return !v.last.IsZero() && v.now.Sub(v.last) > tooOld }

// megabytes is the size of a backup; one that failed has none.
func megabytes(ctx context.Context, b models.Backup) string {
	if b.Failed != "" {
		return dash("")
	}
	return design.Say(ctx, "page.backups.size", "size", words.Figure(string(design.Of(ctx).Lang), float64(b.Bytes)/1e6))
}
