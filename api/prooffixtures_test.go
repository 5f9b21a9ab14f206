package api_test

import (
	"fmt"
	"strings"

	"beforehand/internal/ledger"
	"beforehand/internal/register"
	"beforehand/internal/store"
	"beforehand/models"
)

// Whose witness is asked about.
const (
	auditors whose = "internal audit's"
	councils whose = "another council's"
	stranger whose = "a stranger's"
)

// checkpoint is one of the side's organisation, of a size that the other has
// signed nothing at: its number says whose it is.
func (w *world) checkpoint(s side) models.Checkpoint {
	w.t.Helper()
	ctx, other := w.t.Context(), w.second
	if s.House == w.second {
		other = w.first
	}
	c := need(s.SignNow(ctx, s.CDO))(w.t)
	for {
		_, err := other.Store.Checkpoint(ctx, other.Org.ID, c.Size)
		if models.KindOf(err) == models.NotFound {
			return c
		}
		must(w.t, err)
		need(s.AddBargainingUnit(ctx, s.HR, unique("Unit")))(w.t)
		c = need(s.SignNow(ctx, s.CDO))(w.t)
	}
}

// countersigner is a witness and what it signs with.
type countersigner struct {
	key ledger.SecretKey
	id  string
}

// newWitnessKey is one that nobody has yet.
func (w *world) newWitnessKey() ledger.SecretKey {
	return need(ledger.NewKey(strings.ReplaceAll(unique("witness"), " ", "")+".example/witness", true))(w.t)
}

// witness is the side's: of its union, or one that the administrator has let in.
func (w *world) witness(s side) countersigner {
	return keep(w, s, "witness of "+s.Org.Slug, func() countersigner {
		k, by, kind := w.newWitnessKey(), s.voice, models.WitnessUnion
		switch s.whose {
		case stranger:
			return countersigner{key: k}
		case auditors:
			by, kind = s.Admin, models.WitnessAuditor
		case councils:
			by, kind = s.Admin, models.WitnessCouncil
		}
		w.room(s)
		v := need(s.AddWitness(w.t.Context(), by, register.NewWitness{Label: unique("Witness"), Kind: kind, Public: k.String()}))(w.t)
		return countersigner{k, v.ID}
	})
}

// room ends the witnesses that others were asked for, when there may be no more.
func (w *world) room(s side) {
	acting := map[string][]models.Witness{}
	for _, v := range need(s.Store.Witnesses(w.t.Context(), s.Org.ID))(w.t) {
		if v.EndedAt == nil {
			union := ""
			if v.UnionID != nil {
				union = *v.UnionID
			}
			acting[union] = append(acting[union], v)
		}
	}
	for _, all := range acting {
		for len(all) > 3 {
			last := all[len(all)-1]
			must(w.t, s.Store.Within(w.t.Context(), func(tx *store.Tx) error {
				return tx.EndWitness(w.t.Context(), s.Org.ID, last.ID, s.Clock.Now())
			}))
			all = all[:len(all)-1]
		}
	}
}

// line is what a witness adds to a checkpoint.
func (w *world) line(c models.Checkpoint, k ledger.SecretKey) string {
	return need(ledger.Cosign(need(ledger.ReadNote(c.Note))(w.t).Text(), k, w.first.Clock.Now()))(w.t)
}

// askedFor has the checkpoints sent to the unions of the side.
func (w *world) askedFor(s side) {
	for _, a := range []models.Actor{s.Officer, s.OtherOfficer} {
		must(w.t, s.AskForCheckpoints(w.t.Context(), a, "", "log@union.example", models.Welsh))
	}
}

func init() {
	ofCheckpoint := func(part, query string) fixture {
		return fixture{whose: []whose{ownOrg, otherOrg}, call: func(w *world, s side) call {
			return call{path: "checkpoints/" + fmt.Sprint(w.checkpoint(s).Size) + part, query: query}
		}}
	}
	for name, f := range map[string]fixture{
		"GET /notices/{no}/receipt": {whose: []whose{ownArea, formative, otherArea, otherOrg}, call: func(w *world, s side) call {
			return call{path: "notices/" + w.notice(s).No + "/receipt"}
		}},
		"GET /checkpoints":                    {whose: settings, call: plain("checkpoints", nil)},
		"POST /checkpoints":                   {whose: settings, call: plain("checkpoints", nil)},
		"GET /checkpoints/{size}":             ofCheckpoint("", ""),
		"GET /checkpoints/{size}/consistency": ofCheckpoint("/consistency", "old=1"),
		"POST /checkpoints/{size}/cosignatures": {whose: []whose{byOwn, byOther, auditors, stranger, otherOrg}, call: func(w *world, s side) call {
			k, c := w.witness(s).key, w.checkpoint(s)
			return call{path: "checkpoints/" + fmt.Sprint(c.Size) + "/cosignatures", body: object{"lines": w.line(c, k)}}
		}},
		"GET /signing-keys":  {whose: settings, call: plain("signing-keys", nil)},
		"POST /signing-keys": {whose: settings, call: plain("signing-keys", func(side) object { return object{"overlapDays": 90} })},
		"GET /witnesses":     {whose: settings, call: plain("witnesses", nil)},
		"POST /witnesses": {whose: []whose{byOwn, byOther, auditors, councils, otherOrg}, call: func(w *world, s side) call {
			w.room(s)
			b := object{"label": unique("Witness"), "kind": "union", "union": s.union.ID, "key": w.newWitnessKey().String()}
			switch s.whose {
			case auditors:
				b = b.with(object{"kind": "auditor", "union": nil})
			case councils:
				b = b.with(object{"kind": "council", "union": nil})
			}
			return call{path: "witnesses", body: b}
		}},
		"POST /witnesses/{id}/end": {whose: []whose{byOwn, byOther, auditors, councils, otherOrg}, call: func(w *world, s side) call {
			return call{path: "witnesses/" + w.witness(s).id + "/end"}
		}},
		"GET /checkpoint-address": {whose: settings, call: func(w *world, s side) call { w.askedFor(s); return call{path: "checkpoint-address"} }},
		"PUT /checkpoint-address": {whose: []whose{byOwn, byOther, otherOrg}, call: func(_ *world, s side) call {
			return call{path: "checkpoint-address", body: object{"union": s.union.ID, "address": "log@union.example", "language": "cy"}}
		}},
		"GET /backups": {whose: settings, call: plain("backups", nil)},
		"POST /attachments/{id}/links": {whose: []whose{ownOrg, otherOrg}, call: func(w *world, s side) call {
			return call{path: "attachments/" + w.attachment(s, s.CDO).ID + "/links", body: object{"hours": 24}}
		}},
	} {
		if _, twice := fixtures[name]; twice {
			panic(name + " has two fixtures")
		}
		fixtures[name] = f
	}
}

// hideProof makes what another organisation may not know of.
func (e *existence) hideProof() {
	w, nobody := e.world, &principal{}
	for _, who := range []whose{byOwn, otherOrg} {
		s := w.side(who, nobody)
		e.put("checkpoint", fmt.Sprint(w.checkpoint(s).Size), s)
		e.put("witness", w.witness(s).id, s)
	}
}

// listProof is what is asked about it.
func (e *existence) listProof(add func(kind, method, path string, body any, by ...string)) {
	w := e.world
	s := w.side(byOwn, &principal{})
	line := w.line(w.checkpoint(s), w.witness(s).key)
	for _, path := range []string{"checkpoints/{X}", "checkpoints/{X}/consistency?old=1", "checkpoints/{X}/consistency?old=999999"} {
		add("checkpoint", "GET", path, nil)
	}
	add("checkpoint", "POST", "checkpoints/{X}/cosignatures", object{"lines": line})
	add("checkpoint", "POST", "checkpoints/{X}/cosignatures", object{"lines": "— nobody.example AAAA"})
	add("witness", "POST", "witnesses/{X}/end", nil, "union_officer", "other_officer", "admin", "other_admin", "their_officer")
	add("notice", "GET", "notices/{X}/receipt", nil)
	add("attachment", "POST", "attachments/{X}/links", object{"hours": 24}, "cdo", "hr", "their_cdo", "their_hr")
	add("union", "POST", "witnesses", object{"label": "x", "kind": "union", "union": "{X}", "key": w.newWitnessKey().String()}, "union_officer", "other_officer", "admin", "their_officer")
	add("union", "PUT", "checkpoint-address", object{"union": "{X}", "address": "log@union.example", "language": "cy"}, "union_officer", "other_officer", "their_officer")
}
