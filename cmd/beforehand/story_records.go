package main

import "beforehand/models"

// caseNotes is the record of DEP-2026-003. All figures are illustrative.
func (s *story) caseNotes() models.Record {
	return models.Record{
		Name:          t("Draft case notes for social workers", "Drafftio nodiadau achos i weithwyr cymdeithasol"),
		OneLine:       t("Drafts a case note from a worker's own recording of a visit", "Yn drafftio nodyn achos o recordiad y gweithiwr ei hun o ymweliad"),
		Summary:       t("After a visit a social worker dictates what happened. A tool drafts the case note; the worker reads it, changes it and files it.", "Ar ôl ymweliad mae gweithiwr cymdeithasol yn arddweud beth ddigwyddodd. Mae offeryn yn drafftio’r nodyn; mae’r gweithiwr yn ei ddarllen, ei newid a’i ffeilio."),
		ServiceAreaID: s.areas["care"].ID, Function: "Assessment and care planning", UseFamily: "drafting", AIClass: "generative", Activation: "new_purchase", Licences: 30,
		Suppliers: []models.Supplier{{Name: "Nodiadau Cyf", CompanyNumber: "00000000", Role: "Supplier of the service", Procurement: "G-Cloud", ContractRef: "TYWI-2026-118", ContractEnd: models.MustDate("2028-03-31"), DataTerms: "No training on our data"}},
		Models:    []models.AIModel{{Name: "Ysgrifennydd", Version: "3.1", Family: "Ysgrifennydd", Provider: "Nodiadau Cyf", Region: "UK South"}},
		Owner:     "Head of adult social care", SeniorResponsible: "Director of social services", PublicContact: "ai@tywi.example",
		Purpose:         t("Social workers spend less time writing and more time with people.", "Gweithwyr cymdeithasol yn treulio llai o amser yn ysgrifennu a mwy o amser gyda phobl."),
		Problem:         t("A note takes 42 minutes, often in the evening.", "Mae nodyn yn cymryd 42 munud, yn aml gyda’r nos."),
		ExpectedBenefit: t("Ten minutes less for each note.", "Deng munud yn llai ar gyfer pob nodyn."),
		PreviousProcess: t("Notes are typed after the visit.", "Teipir nodiadau ar ôl yr ymweliad."),
		Alternatives: []models.Alternative{
			{Text: t("Shorter note templates and an hour a day kept free for writing.", "Templedi byrrach ac awr y dydd wedi’i neilltuo i ysgrifennu."), WithoutAI: true},
			{Text: t("Dictation without drafting.", "Arddweud heb ddrafftio.")},
		},
		NatureOfChange: t("Case notes are drafted by a tool from the worker's own recording. The worker checks, changes and files every note. Nothing is filed by the tool. Two teams try it first.", "Caiff nodiadau achos eu drafftio gan offeryn o recordiad y gweithiwr ei hun. Mae’r gweithiwr yn gwirio, yn newid ac yn ffeilio pob nodyn. Nid yw’r offeryn yn ffeilio dim. Bydd dau dîm yn rhoi cynnig arno’n gyntaf."),
		DecisionStatus: "preferred_option",
		Inputs:         t("The worker's recording; the last note on the case.", "Recordiad y gweithiwr; y nodyn diwethaf ar yr achos."),
		Outputs:        t("A draft case note with what was unclear marked.", "Nodyn achos drafft gyda’r hyn oedd yn aneglur wedi’i nodi."),
		Logic:          t("A language model writes from the recording under fixed headings.", "Mae model iaith yn ysgrifennu o’r recordiad o dan benawdau sefydlog."),
		HumanReview:    models.HumanReview{Kind: "in_the_loop", Who: "the social worker who made the visit", MinutesAllowed: 15, RightToOverride: true, OverrideIsLogged: true},
		WorkerData:     []models.WorkerData{{Category: "Times of drafts and edits", Source: "the tool", Purpose: "evaluation of the pilot only", Recipients: []string{"evaluation lead"}, RetentionDays: 180}},
		Groups:         []models.Group{{JobRoleID: s.roles["social"].ID, Headcount: 46, Agency: 3}},
		WorkerChange:   t("Dictate after a visit, then check and change a draft instead of typing.", "Arddweud ar ôl ymweliad, yna gwirio a newid drafft yn lle teipio."),
		EffectOnWork:   t("No posts, grades, hours or places change. Caseloads stay as they are during the pilot.", "Nid oes swyddi, graddau, oriau na lleoliadau’n newid. Mae llwyth achosion yn aros fel y mae yn ystod y peilot."),
		AdverseEffects: t("Errors may be missed in a fluent draft; cases may be added because notes are quicker; writing skills may fade.", "Gall gwallau gael eu colli mewn drafft rhugl; gellir ychwanegu achosion am fod nodiadau’n gynt; gall sgiliau ysgrifennu wanhau."),
		RiskLevel:      "impactful",
		Assessments: []models.Assessment{
			{Kind: "dpia", State: "yes", On: models.MustDate("2026-08-20"), By: "Data protection officer"},
			{Kind: "eqia", State: "yes", On: models.MustDate("2026-08-24"), By: "Equality lead"},
			{Kind: "job_impact", State: "yes", On: models.MustDate("2026-08-20"), By: "Head of people management"},
			{Kind: "welsh_language", State: "in_progress", On: models.MustDate("2026-10-15"), By: "Welsh language officer"},
		},
		Regimes:      []string{"Social Partnership and Public Procurement (Wales) Act 2023", "UK GDPR Article 35"},
		Commitments:  []models.Commitment{{Kind: "no_redundancy", Text: t("No post is lost because of this tool before April 2028.", "Ni chollir swydd oherwydd yr offeryn hwn cyn Ebrill 2028."), Owner: "Director of social services", Due: models.MustDate("2028-03-31"), Status: "accepted"}, {Kind: "no_discipline_use", Owner: "Head of people management", Status: "accepted"}},
		Redeployment: t("None is planned.", "Nid oes dim wedi’i gynllunio."),
		Training:     models.Training{Who: "every social worker in the pilot", Hours: 3.5, Paid: true, When: "October 2026", PercentDone: 0},
		FailSafe:     models.FailSafe{How: t("The team manager switches it off in the portal.", "Mae rheolwr y tîm yn ei ddiffodd yn y porth."), Who: "Team manager on duty", WithinMinutes: 15, Instead: t("Notes are typed as before.", "Teipir nodiadau fel o’r blaen.")},
		Costs:        []models.Cost{{Kind: "one_off", Year: 2026, Pence: 4_150_000, Booked: "Digital programme"}, {Kind: "annual", Year: 2026, Pence: 2_880_000, Booked: "Adult social care"}},
		GainUse:      t("Direct work with people: visits and calls.", "Gwaith uniongyrchol gyda phobl: ymweliadau a galwadau."),
		Evidence: models.Evidence{
			Plan:       t("Minutes a note with checking time in, 24 workers against 22 in other teams, eight weeks before and after. It stops if errors or caseloads pass their limits.", "Munudau fesul nodyn gan gynnwys amser gwirio, 24 gweithiwr yn erbyn 22 mewn timau eraill, wyth wythnos cyn ac ar ôl. Mae’n stopio os bydd gwallau neu lwyth achosion yn mynd dros eu terfynau."),
			BaselineOn: models.MustDate("2026-08-28"),
			Claims:     []models.Assertion{{Sentence: t("A case note takes ten minutes less of a social worker's time.", "Mae nodyn achos yn cymryd deng munud yn llai o amser gweithiwr cymdeithasol.")}},
			Guardrails: []models.StatedGuardrail{{Name: t("Errors in a blind audit are no more frequent", "Nid yw gwallau mewn archwiliad dall yn amlach"), Margin: "2 percentage points", State: "not_reported"}},
		},
		StaffComms: t("Team meetings in September; a page of questions and answers.", "Cyfarfodydd tîm ym mis Medi; tudalen o gwestiynau ac atebion."),
		Procedure:  t("Two teams in November 2026; all teams from March 2027 if the pilot allows.", "Dau dîm ym mis Tachwedd 2026; pob tîm o fis Mawrth 2027 os yw’r peilot yn caniatáu."),
		Dates:      models.Dates{Procurement: models.MustDate("2026-10-15"), PilotPlanned: models.MustDate("2026-11-02"), GoLivePlanned: models.MustDate("2027-03-01"), ReviewDue: models.MustDate("2027-09-01")},
	}
}

// ranking is the record of DEP-2026-007.
func (s *story) ranking() models.Record {
	r := s.caseNotes()
	r.Name = t("Rank applications for council jobs", "Rhestru ceisiadau am swyddi’r cyngor yn ôl trefn")
	r.OneLine = t("Scores applications and puts them in order for shortlisting", "Yn sgorio ceisiadau ac yn eu rhoi mewn trefn ar gyfer llunio rhestr fer")
	r.Summary = t("The recruitment system scores each application against the person specification. A recruiter sees the list in that order.", "Mae’r system recriwtio’n sgorio pob cais yn erbyn manyleb y person. Mae recriwtiwr yn gweld y rhestr yn y drefn honno.")
	r.ServiceAreaID, r.Function, r.UseFamily, r.AIClass, r.Activation = s.areas["people"].ID, "Recruitment", "recruitment_screening", "predictive", "vendor_default_on"
	r.Manages = []models.Managing{"recruit"}
	r.Suppliers = []models.Supplier{{Name: "Swyddi Systems Ltd", Role: "Supplier of the recruitment system", ContractRef: "TYWI-2023-041", ContractEnd: models.MustDate("2027-06-30")}}
	r.Models = []models.AIModel{{Name: "RankAssist", Version: "2026.4", Family: "RankAssist", Provider: "Swyddi Systems Ltd", Region: "EU West"}}
	r.Owner = "Head of people management"
	r.Purpose = t("Fewer staff hours spent on shortlisting.", "Llai o oriau staff yn llunio rhestrau byr.")
	r.NatureOfChange = t("Since April applications have been scored and ordered by the recruitment system. It was switched on by the supplier and nobody was told.", "Ers mis Ebrill mae ceisiadau wedi’u sgorio a’u trefnu gan y system recriwtio. Cafodd ei throi ymlaen gan y cyflenwr ac ni ddywedwyd wrth neb.")
	r.DecisionStatus = "already_in_use"
	r.Outputs = t("A score and an order for each vacancy.", "Sgôr a threfn ar gyfer pob swydd wag.")
	r.Logic = t("A model trained by the supplier on past shortlists weighs words in the application.", "Mae model a hyfforddwyd gan y cyflenwr ar restrau byr y gorffennol yn pwyso geiriau’r cais.")
	r.HumanReview = models.HumanReview{Kind: "on_the_loop", Who: "the recruitment officer", MinutesAllowed: 5, RightToOverride: true}
	r.WorkerData, r.NoWorker = nil, true
	r.Groups = []models.Group{{JobRoleID: s.roles["recruit"].ID, Headcount: 9}, {JobRoleID: s.roles["head"].ID, Headcount: 12, Indirect: true}}
	r.WorkerChange = t("Recruiters read applications in the system's order.", "Mae recriwtwyr yn darllen ceisiadau yn nhrefn y system.")
	r.EffectOnWork = t("Less time on each vacancy; no posts are planned to go.", "Llai o amser ar bob swydd wag; ni fwriedir colli swyddi.")
	r.AdverseEffects = t("Applicants may be placed low because of words that go with a disability, a language or an age.", "Gall ymgeiswyr gael eu gosod yn isel oherwydd geiriau sy’n mynd gydag anabledd, iaith neu oedran.")
	r.RiskLevel = "high"
	r.Assessments = []models.Assessment{
		{Kind: "dpia", State: "in_progress", On: models.MustDate("2026-11-30"), By: "Data protection officer"},
		{Kind: "eqia", State: "in_progress", On: models.MustDate("2026-12-15"), By: "Equality lead"},
	}
	r.Commitments = nil
	r.Costs = []models.Cost{{Kind: "annual", Year: 2026, Pence: 1_240_000, Booked: "People management"}}
	r.Evidence = models.Evidence{
		Plan:       t("Minutes an application and shortlist rates by group, before and after April.", "Munudau fesul cais a chyfraddau rhestr fer fesul grŵp, cyn ac ar ôl mis Ebrill."),
		BaselineOn: models.MustDate("2026-03-31"),
		Claims:     []models.Assertion{{Sentence: t("An application takes six minutes less to screen.", "Mae sgrinio cais yn cymryd chwe munud yn llai.")}},
		Guardrails: []models.StatedGuardrail{{Name: t("Disabled applicants are shortlisted at no less than 0.8 of the rate of others", "Caiff ymgeiswyr anabl eu rhoi ar restr fer ar ddim llai na 0.8 o gyfradd eraill"), Margin: "ratio 0.8", State: "not_reported"}},
	}
	r.Dates = models.Dates{InUseSince: models.MustDate("2026-04-13"), ReviewDue: models.MustDate("2027-04-13")}
	return r
}
