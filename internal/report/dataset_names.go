package report

import (
	"regexp"
	"strings"
	"unicode"
)

// The lists below are common given names and surnames in Britain, Welsh ones
// among them, without accents. Left out are those that are also words or parts
// of places and of services (Hill, Wood, Green, Young, White, Heath, Ward; Rose
// as a surname; Aneurin Bevan, who is a health board). They find the usual
// slips; they cannot find every name, and nothing can.
var givenNames = wordSet(`
adam adrian agnes ahmed aisha alan alastair albert alex alexander alexandra alfie ali alice alicia alison alun alwyn
amanda amelia amy andrea andrew angela angharad anita ann anna anne annette annie anthony antony anwen arthur arwel arwen
ashley audrey ava barbara barry beatrice beca becky ben benjamin bernard bethan betty beverley bob brenda brian bronwen
bryn caitlin callum cameron carl carol carole caroline carolyn carwyn carys catherine catrin cath ceri ceridwen cerys
charles charlie charlotte cheryl chloe chris christina christine christopher claire clare clive colin connor craig
cynthia dafydd dai daisy daniel danielle darren david dawn dean deborah debbie debra delyth denise dennis derek diana diane dilwyn
dilys dominic donald donna doreen dorothy douglas duncan dylan edward eifion eilir eileen einir eirian elaine eleanor
eleri elen elin elinor eliza elizabeth ella ellen ellie elliot elsie elwyn emily emlyn emma emrys emyr enfys eric erin ethan
eurwen eva evan evelyn evie fatima ffion fflur fiona florence frances francis frank fraser freddie freya gail gareth gary
gavin gemma geoffrey george georgia georgina geraint gerald gerallt gethin gillian gladys glenys glyn gordon graham greg
gregory gruffudd gruffydd guto gwen gwenan gwendolyn gwenllian gwenno gwilym gwyn gwyneth gwynfor hannah harold harriet
harry hassan haydn hayley hazel heather hefin helen henry heledd hilary howard hugh huw hywel iain ian idris iestyn ieuan
ifan ifor imran ioan iolo iorwerth irene isaac isabel isabella isabelle isla islwyn iwan jack jackie jacob jacqueline jade jake
james jamie jane janet janice jason jayne jean jeffrey jenna jennifer jenny jeremy jessica jill jim joan joanna joanne joe
joel john jonathan jordan joseph josephine josh joshua joyce judith julia julian julie june justin karen karl kate katherine kathleen
kathryn katie kayleigh keith kelly kenneth kerry kevin khadija kieran kim kirsty kyle laura lauren leah leanne lee leighton
leo leon lesley leslie lewis liam lily linda lisa llewellyn lleucu llinos lloyd llyr logan lois lorraine louise lowri
lucas lucy luke luned lydia lyn lynda lynn lynne mabli macsen madeleine maggie mair maldwyn malcolm marc marcus mared margaret
maria marian marie marilyn mark martin martyn mary matthew maureen max megan meinir meirion melanie melissa menna meredith
mererid merfyn mia michael michelle miriam mohamed mohammad mohammed molly morwenna muhammad myfanwy nadia nancy naomi
natalie natasha neil nerys nia nicholas nicola nicole nigel noah non norman olive oliver olivia olwen omar oscar owain
owen pamela patricia patrick paul paula pauline peggy penny peter philip phillip phoebe phyllis poppy priya rachael rachel ralph
raymond rebecca rhian rhiannon rhodri rhona rhydian rhys richard rita robert robin roger ronald rosemary rosie ross roy ruby
rupert ruth ryan sally sam samantha samuel sandra sara sarah scott sean seren shane shannon sharon sheila shirley sian
simon sioned sion sofia sophia sophie stacey stephanie stephen steven stuart sue susan suzanne sylvia tamsin tanya
tegan tegid teresa terence terry thelma theo thomas tim timothy tina tom tomos tony tracey tracy trefor trevor tudur una valerie
vanessa vera veronica vincent vivian vivien wayne wendy wendi william winifred wyn yasmin yvonne zainab zara zoe
agnieszka aleksandra andrzej arjun deepak ewa fatimah ibrahim jakub joao jose katarzyna krzysztof magdalena malgorzata maryam
mehmet mustafa olga pawel piotr rahul raj rajesh sanjay sunita tomasz usman vijay yusuf`)

var surnames = wordSet(`
abbott abdi adams adeyemi ahmed akhtar alexander ali allen amin anderson andrews armstrong arnold ashton aspinall atkinson austin
bailey baker ball banerjee barker barnes barnett barrett baxter begum bell bennett benson bevan beynon bibi bird bolton bowen
boyd bradley brennan brown bryant buckley burgess burke burns burton butler byrne campbell carr carroll carter chambers chan
chapman chaudhry chowdhury clark clarke clayton coleman collins connolly connor cook cooke cooper cox crawford cunningham
curtis dafis daniels das davey davidson davies davis davison dawson dean desai dhillon dickinson dixon dobson docherty doherty
donnelly douglas doyle duffy duncan dunn edwards ellis evans farrell ferguson fernandes fisher fitzgerald fleming fletcher
foster fowler francis fraser gallagher gardiner gardner garner gibbons gibbs gibson gilbert gill goodwin gordon graham
griffin griffith griffiths gruffydd gupta hamilton hammond harding harper harris harrison harrop hart harvey hassan hawkins
hayes haynes henderson henry heppenstall hewitt higgins hodgson holland holmes hopkins horton houghton howard howe howell
howells hudson hughes humphreys humphries hunt hunter hussain hussein hutchinson ibbotson ibrahim ingram iqbal islam iyer
jackson jacobs james jarvis jenkins jennings john johnson johnston johnstone jones joyce kapoor kaur kelly kemp kendrick kennedy
khan khatun kowalski kumar lal lambert lawrence lawson lee leonard lewis lewandowski li lindsay llewellyn llewelyn lloyd lowe
lucas lynch macdonald mackay mackenzie maclean madden mahmood malik marshall martin mason matthews mccarthy mcdonald mcgregor
mckenzie mclean mehta meredith mendes miah miller mills mistry mitchell mohamed mohammed moore morgan morris morrison mukherjee
murphy murray myers nair naylor nelson newman nguyen nicholls nicholson nolan norman norris nowak obrien oconnor odonnell
ogden oliver oneill osborne osullivan owen owens palmer parfitt parkinson parmar parry parsons patel paterson patterson payne
pearce pearson perkins perry peters phillips pickering porter powell preece pritchard probert prosser prydderch pugh quinn
rahman ramsay rao reddy rees reeves reid reynolds rhys richards richardson riley robbins roberts robertson robinson robson rodrigues
rogers rosser rowe rowlands rowley russell ryan sanders sandhu saunders savage schofield scott shah sharma sharp shaw shepherd
sheridan sherwood simmons simpson sims sinclair singh skinner smart smith sokolov spencer stephens stephenson stevens
stevenson stewart stuart sullivan sutton szymanski taylor thomas thompson thomson todd townsend treharne tucker tudor turnbull
turner underwood vaughan wagstaff walker wallace wallis walsh walters walton warner watkins watson watts webster wheeler
wilkins wilkinson williams williamson willis wilson wojcik wong woodward wright wyatt yates zhang`)

// loneOnly are names that are also common words: they count as a pseudonym that
// stands alone, or beside a given name, and not inside one.
var loneOnly = wordSet(`ball bird cook cooke cooper baker dean hunt mills miller porter fisher gardner hunter mason sharp shepherd
smart turner walker carter butler mark max will jack dawn may june sam ali lee non tom jim tim bell cox islam`)

var titles = wordSet(`mr mrs miss mx dr cllr councillor cyng cynghorydd prof professor rev reverend parch`)

func wordSet(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// word is a run of letters: how it stands, and how the lists have it.
type word struct {
	raw, bare string
	before    string // what stands between it and the word before
	after     string // the first character after it, or ""
}

var (
	camel = regexp.MustCompile(`(\p{Ll})(\p{Lu})`)
	scots = regexp.MustCompile(`\bMa?c\p{Lu}`) // McDonald is one word
	runs  = regexp.MustCompile(`[\pL'’]+`)
)

func wordsOf(s string) []word {
	s = camel.ReplaceAllString(scots.ReplaceAllStringFunc(s, strings.ToLower), "$1 $2")
	spots := runs.FindAllStringIndex(s, -1)
	out := make([]word, 0, len(spots))
	end := 0
	for _, at := range spots {
		w := word{raw: s[at[0]:at[1]], before: s[end:at[0]]}
		w.bare = strings.ReplaceAll(strings.ReplaceAll(bare(w.raw), "'", ""), "’", "")
		if at[1] < len(s) {
			w.after = s[at[1] : at[1]+1]
		}
		end = at[1]
		if w.bare != "" {
			out = append(out, w)
		}
	}
	return out
}

// hasName finds the shapes of a person's name in a text: a title and a name, a
// given name beside a surname in either order, an initial and a surname.
func hasName(s string) bool {
	words := wordsOf(s)
	for i, w := range words {
		if isJoined(w.bare) {
			return true
		}
		if i+1 < len(words) && (titled(w, words[i+1]) || paired(w, words[i+1], len(words) == 2) || initialled(w, words[i+1])) {
			return true
		}
		if i+2 < len(words) && givenNames[w.bare] {
			middle, last := words[i+1], words[i+2]
			if len(middle.bare) == 1 && surnames[last.bare] || middle.bare == "ap" || middle.bare == "ab" || middle.bare == "ferch" {
				return true
			}
		}
	}
	return len(words) == 2 && (onlyInitials(words[0], words[1], s) || shortened(words[0], words[1], s))
}

// shortened finds "Ceri J" and "Evans S." where nothing else is there.
func shortened(w, next word, s string) bool {
	return len(next.bare) == 1 && !strings.ContainsAny(s, "0123456789") && (givenNames[w.bare] || surnames[w.bare] && next.after == ".")
}

func titled(w, next word) bool {
	if len(next.bare) < 2 {
		return false
	}
	if w.bare == "ms" {
		// MS is also an illness, and a firm.
		return w.raw != "MS" && startsUpper(next.raw) || surnames[next.bare] || givenNames[next.bare]
	}
	return titles[w.bare] && (startsUpper(next.raw) || surnames[next.bare] || givenNames[next.bare])
}

// paired finds a given name before a surname, and the other way round with a
// comma or where nothing else is there: Lloyd George Avenue is a street.
func paired(w, next word, alone bool) bool {
	if len(next.before) > 3 {
		return false
	}
	return givenNames[w.bare] && surnames[next.bare] ||
		surnames[w.bare] && givenNames[next.bare] && (alone || strings.Contains(next.before, ","))
}

// initialled finds "C. Jones" and "Jones, C." anywhere.
func initialled(w, next word) bool {
	return len(w.bare) == 1 && w.after == "." && surnames[next.bare] ||
		surnames[w.bare] && len(next.bare) == 1 && strings.Contains(next.before, ",")
}

// onlyInitials finds "C Jones" and "CM Jones" where nothing else is there.
func onlyInitials(w, next word, s string) bool {
	return len(w.bare) <= 2 && surnames[next.bare] && w.raw == strings.ToUpper(w.raw) && !strings.ContainsAny(s, "0123456789")
}

// isJoined finds a given name and a surname written as one word.
func isJoined(w string) bool {
	if len(w) < 7 || surnames[w] || givenNames[w] {
		return false
	}
	for i := 3; i <= len(w)-3; i++ {
		if givenNames[w[:i]] && surnames[w[i:]] && len(w)-i > 3 && i > 3 {
			return true
		}
	}
	return false
}

func startsUpper(s string) bool {
	for _, r := range s {
		return unicode.IsUpper(r)
	}
	return false
}
