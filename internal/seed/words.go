package seed

import (
	"strings"

	"beforehand/models"
)

// The words of the seeded texts, the commonest first: they are chosen with a
// spread like that of a language, so that a search finds words of every
// frequency. The rarest are names that are made of syllables.
var (
	verbs = pairs(`draft drafftio|summarise crynhoi|sort didoli|check gwirio|search chwilio|answer ateb|route cyfeirio|schedule amserlennu|translate cyfieithu|transcribe trawsgrifio|
rank rhestru|screen sgrinio|forecast rhagweld|match paru|inspect arolygu|detect canfod|count cyfrif|roster rhestru|allocate dyrannu|monitor monitro|redact golygu|classify dosbarthu|price prisio|plan cynllunio|audit archwilio|reconcile cysoni`)
	things = pairs(`letters llythyrau|case-notes nodiadau-achos|reports adroddiadau|minutes cofnodion|invoices anfonebau|enquiries ymholiadau|applications ceisiadau|visits ymweliadau|complaints cwynion|records cofnodion-staff|
calls galwadau|forms ffurflenni|assessments asesiadau|permits trwyddedau|repairs atgyweiriadau|routes llwybrau|shifts sifftiau|recordings recordiadau|images delweddau|benefits budd-daliadau|contracts contractau|claims hawliadau|
pupils disgyblion|lessons gwersi|meters mesuryddion|potholes tyllau|trees coed|archives archifau|catalogues catalogau|referrals atgyfeiriadau|prescriptions presgripsiynau|tenders tendrau|surveys arolygon|refunds ad-daliadau`)
	services = pairs(`social-care gofal-cymdeithasol|housing tai|schools ysgolion|planning cynllunio-tref|revenues refeniw|libraries llyfrgelloedd|highways priffyrdd|waste gwastraff|leisure hamdden|people-management rheoli-pobl|
customer-services gwasanaethau-cwsmeriaid|finance cyllid|legal-services gwasanaethau-cyfreithiol|public-health iechyd-cyhoeddus|registration cofrestru|fleet fflyd|estates ystadau|catering arlwyo`)
	qualities = pairs(`shorter byrrach|quicker cyflymach|clearer cliriach|fairer tecach|safer diogelach|cheaper rhatach|earlier cynharach|steadier cysonach|bilingual dwyieithog|accessible hygyrch|accurate cywir|plain plaen|complete cyflawn|private preifat`)
	people    = pairs(`staff staff|residents trigolion|social-workers gweithwyr-cymdeithasol|advisers cynghorwyr|teachers athrawon|drivers gyrwyr|tenants tenantiaid|carers gofalwyr|officers swyddogion|inspectors arolygwyr|librarians llyfrgellwyr|cleaners glanhawyr|planners cynllunwyr|apprentices prentisiaid`)
	effects   = pairs(`workload llwyth-gwaith|hours oriau|pay cyflog|grades graddau|training hyfforddiant|breaks seibiannau|judgement barn|privacy preifatrwydd|errors gwallau|overtime goramser|stress straen|skills sgiliau|travel teithio|language iaith|fairness tegwch|cover cyflenwi|deadlines terfynau-amser|appraisal arfarnu`)
)

type pair struct{ en, cy string }

func (p pair) text() models.Text { return models.Text{En: p.en, Cy: p.cy} }

func pairs(list string) []pair {
	var out []pair
	for _, s := range strings.Split(strings.ReplaceAll(list, "\n", ""), "|") {
		en, cy, _ := strings.Cut(s, " ")
		out = append(out, pair{strings.ReplaceAll(en, "-", " "), strings.ReplaceAll(cy, "-", " ")})
	}
	return out
}

var syllables = strings.Fields("ar ben ca der el fa gwen hy ir lan mor nef or pen ri san teg un wy ys bryn cor dol el fan gar hel lys mae nan")

// sentences are forms of a text: V is a verb, T a thing, S a service, Q a
// quality, P people, E an effect, N a made name, D a number of days or such.
var sentences = map[string][]pair{
	"name":    {{"V T for S with N", "V T ar gyfer S gyda N"}, {"V T in S: N", "V T yn S: N"}, {"V T for P in S (N)", "V T i P yn S (N)"}},
	"oneLine": {{"A tool that helps P V T", "Offeryn sy’n helpu P i V T"}, {"Q T for P", "T Q i P"}},
	"summary": {{"P use N to V T. A person reads what comes out before anything is done with it.", "Mae P yn defnyddio N i V T. Mae person yn darllen y canlyniad cyn gwneud dim ag ef."}, {"N helps P V T and shows T beside them, so that S is Q.", "Mae N yn helpu P i V T ac yn dangos T wrth eu hymyl, fel bod S yn Q."}},
	"why":     {{"Q T for P, with less time spent to V T.", "T Q i P, gyda llai o amser i V T."}, {"T in S take D minutes each and P wait D days.", "Mae T yn S yn cymryd D munud yr un ac mae P yn aros D diwrnod."}},
	"without": {{"D more P and Q forms for T, without N.", "D yn rhagor o P a ffurflenni Q ar gyfer T, heb N."}},
	"other":   {{"Buy T from another service and V them by hand.", "Prynu T gan wasanaeth arall a’u V â llaw."}},
	"nature":  {{"N is used to V T in S. P check every one. Nothing is sent by the tool itself; D teams try it first.", "Defnyddir N i V T yn S. Mae P yn gwirio pob un. Nid yw’r offeryn ei hun yn anfon dim; bydd D tîm yn rhoi cynnig arno’n gyntaf."}},
	"outputs": {{"Draft T with what is unclear marked, and a list of Q T.", "T drafft gyda’r hyn sy’n aneglur wedi’i nodi, a rhestr o T Q."}, {"A score for T and an order in which P see them.", "Sgôr ar gyfer T a’r drefn y mae P yn eu gweld."}},
	"logic":   {{"A model reads T under fixed headings and weighs E.", "Mae model yn darllen T o dan benawdau sefydlog ac yn pwyso E."}},
	"worker":  {{"P check and change T in place of making them.", "Mae P yn gwirio a newid T yn lle eu gwneud."}},
	"effect":  {{"No posts change. E and E are looked at after D weeks.", "Nid oes swyddi’n newid. Edrychir ar E ac E ar ôl D wythnos."}},
	"adverse": {{"E may grow because T are quicker; E may suffer; mistakes may be missed.", "Gall E dyfu am fod T yn gynt; gall E ddioddef; gellir colli camgymeriadau."}},
	"gain":    {{"D hours a week go to Q T and to E.", "Mae D awr yr wythnos yn mynd i T Q ac i E."}},
	"plan":    {{"Minutes for T before and after, D P in each arm, for eight weeks. It stops if E get worse.", "Munudau ar gyfer T cyn ac ar ôl, D P ym mhob grŵp, am wyth wythnos. Mae’n stopio os yw E yn gwaethygu."}},
	"stop":    {{"The manager on duty switches N off.", "Mae’r rheolwr ar ddyletswydd yn diffodd N."}},
	"instead": {{"P V T as before.", "Mae P yn V T fel o’r blaen."}},
	"comms":   {{"Meetings of P in S, and a page of answers on E.", "Cyfarfodydd P yn S, a thudalen o atebion am E."}},
	"promise": {{"No post of P is lost because of N.", "Ni chollir swydd P oherwydd N."}},
	"rail":    {{"E of P get no worse", "Nid yw E P yn gwaethygu"}},
	"claim":   {{"P V T in D minutes less.", "Mae P yn V T mewn D munud yn llai."}},
	"comment": {
		{"We ask how N changes E for P in S.", "Gofynnwn sut mae N yn newid E i P yn S."},
		{"P tell us that T already take longer and that E suffers.", "Mae P yn dweud wrthym fod T eisoes yn cymryd mwy o amser a bod E yn dioddef."},
		{"Members want D hours of training before they V T.", "Mae aelodau eisiau D awr o hyfforddiant cyn V T."},
		{"Who answers for E when the tool is wrong about T?", "Pwy sy’n atebol am E pan fo’r offeryn yn anghywir am T?"},
		{"We support Q T if E stays as it is.", "Rydym yn cefnogi T Q os yw E yn aros fel y mae."},
		{"Please show the figures for E in S over D weeks.", "Dangoswch y ffigurau ar gyfer E yn S dros D wythnos."},
	},
	"answer": {
		{"E will be measured for D weeks and shown to every branch.", "Caiff E ei fesur am D wythnos a’i ddangos i bob cangen."},
		{"The record now says how P are trained to V T.", "Mae’r cofnod bellach yn dweud sut y caiff P eu hyfforddi i V T."},
		{"T stay with P in S; nothing changes for E.", "Mae T yn aros gyda P yn S; nid oes dim yn newid i E."},
	},
}
