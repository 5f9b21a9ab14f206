package pages

import (
	"context"
	"slices"
	"strings"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

func registerCrumbs(ctx context.Context) []design.Crumb {
	return []design.Crumb{{Text: design.Say(ctx, "page.register.title"), Path: "/register"}}
}

// deploymentCrumbs lead back from what is below a deployment.
func deploymentCrumbs(ctx context.Context, ref string) []design.Crumb {
	return append(registerCrumbs(ctx), design.Crumb{Text: ref, Path: "/deployments/" + ref})
}

// topicTasks are the topics of the record as a task list.
func (s preparation) topicTasks(ctx context.Context) []design.Task {
	out := make([]design.Task, 0, len(s.topics))
	for _, t := range s.topics {
		task := design.Task{Title: design.Say(ctx, "page.prepare."+t.id), Href: design.Link(ctx, "/deployments/"+s.Ref+"/prepare/"+t.id), Status: design.Say(ctx, "page.prepare.state.done")}
		switch {
		case len(t.lacks) > 0 && t.begun:
			task.Status, task.Colour = design.Say(ctx, "page.prepare.state.incomplete"), "yellow"
		case len(t.lacks) > 0:
			task.Status, task.Colour = design.Say(ctx, "page.prepare.state.empty"), "blue"
		case !t.begun:
			task.Status = design.Say(ctx, "page.prepare.state.optional")
		}
		if onlyAssesses(web.Actor(ctx)) && t.id != assessedTopic {
			task.Href = "" // somebody else's to fill in
		}
		if len(t.lacks) > 0 {
			task.Hint = design.Say(ctx, "page.prepare.lacks", "what", shortList(ctx, t.lacks))
		}
		out = append(out, task)
	}
	return out
}

// shortList names a few of many.
func shortList(ctx context.Context, all []string) string {
	const most = 4
	if len(all) <= most {
		return strings.Join(all, "; ")
	}
	return design.Say(ctx, "page.prepare.and_more", "some", strings.Join(all[:most], "; "), "number", len(all)-most)
}

// stepTasks are what follows once the record is filled in: moving on, telling
// the unions, scoring the impact, and the plan of the evidence.
func (s preparation) stepTasks(ctx context.Context) []design.Task {
	link := func(path string) string { return "/deployments/" + s.Ref + path }
	blocked := func(item string) bool {
		return slices.ContainsFunc(s.gate.Blockers, func(b models.Blocker) bool { return b.Item == item })
	}
	var out []design.Task
	add := func(code, path string, state, colour string, can bool) {
		t := design.Task{Title: design.Say(ctx, "page.prepare.step."+code), Hint: hintFor(ctx, "page.prepare.step."+code+".hint"), Status: design.Say(ctx, "page.prepare.state."+state), Colour: colour}
		if can {
			t.Href = design.Link(ctx, path)
		} else {
			t.Status, t.Colour, t.Blocked = design.Say(ctx, "page.prepare.state.cannot"), "", true
		}
		out = append(out, t)
	}
	done := func(is bool) (state, colour string) {
		if is {
			return "done", ""
		}
		return "open", "blue"
	}
	state, colour := done(s.scored)
	add("scores", link("/scorecards"), state, colour, true)
	told := s.Stage.Rank() >= models.StageNoticed.Rank()
	if s.EffectiveClass() >= models.ClassC {
		state, colour = done(told || !blocked("claims"))
		add("plan", link("/claims/new"), state, colour, true)
	}
	if s.Stage == models.StageIdea {
		formative := slices.ContainsFunc(s.gate.Blockers, func(b models.Blocker) bool { return b.Stage == models.StageFormative && b.Code != "stage_first" })
		add("formative", link("/step/move"), "open", "blue", !formative)
	}
	notice := link("/notices/new")
	for _, d := range s.drafts {
		notice = "/drafts/" + d.ID
	}
	state, colour = done(told && len(s.drafts) == 0)
	add("notice", notice, state, colour, s.Stage != models.StageIdea)
	return out
}
