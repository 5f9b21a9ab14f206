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
mehmet mustafa olga pawel piotr rahul raj rajesh sanjay sunita tomasz usman vijay yusuf
aaron abigail aled alys aneirin anest archie bedwyr betsan branwen brandon cadi clara damian dave declan dewi edith edwin efa elena elis eluned
endaf enid erica eryl felix gerwyn glesni gruff gwenda gwion heulwen hugo imogen iona ithel ivor jasmine jodie josie kathy katy ken llio mali manon
martha matt maya meilyr meleri mike millie natalya nathan nesta niall nick nora osian petra phil rosa rose sebastian shaun simone siwan stanley steffan stella steve stewart
tess theresa tirion toby trystan twm ursula winston yolanda
aleksander aneta bartosz beata bozena danuta dariusz dawid dorota edyta grazyna grzegorz halina hubert iwona izabela jadwiga jaroslaw jerzy jolanta
justyna kamil karolina kinga lukasz maciej marcin mariusz marta mateusz michal monika natalia patryk przemyslaw radoslaw rafal renata slawomir
stanislaw sylwia szymon tadeusz urszula weronika wiktoria wioletta wojciech zbigniew zofia zuzanna
abiola adaeze adebola amaka ayodele babatunde bukola chiamaka chidi chinedu chioma chukwuemeka ebere emeka femi folake funmi ifeanyi ifeoma ikenna
kehinde kelechi kemi kwame ngozi nkechi nnamdi obinna olamide olumide oluwafemi oluwaseun oluwatobi oluwatosin sade segun seun taiwo temitope tunde uche yetunde yinka
guoqiang haoran hui jianguo jing junjie meiling wei weiming xiaohong xiaoli xiaoming xiaowei xiaoyan xin ying yuxuan zhiwei zihan
ajay amandeep amit anil anjali arun asha ashok balwinder deepa divya gurpreet harpreet jagdeep jaspreet jyoti kavita kiran kuldeep lakshmi lalita
manish manoj manpreet meena mohan navdeep neha nikhil nisha pooja pradeep prakash preeti rajiv rakesh ramesh ravi rekha rohan rohit sandeep sanjeev sarita
shilpa shreya simran sukhdev sunil suresh sushma swati usha varun vikram vinod vivek
abdul abdullah abdulrahman adeel ahmad amina anwar asif ayesha bilal faisal farah farhan farid habiba hamza hussein imtiaz ismail jamal kareem karim
khaled khalid layla leila mahmoud mariam marwa mohamad mona nabil nasreen nasser noor nour rashid rukhsana salim salma samir samira shabana shazia tahira tariq
umar waleed walid yasser younis yousef youssef zahid zahra ziad`)

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
wilkins wilkinson williams williamson willis wilson wojcik wong woodward wright wyatt yates zhang
adamczyk baran dabrowska dabrowski dudek gorska gorski grabowska grabowski jablonska jakubowska jankowska jankowski jaworska kaczmarek kaminska
kaminski kowalczyk kowalska kozlowska kozlowski krawczyk krol kwiatkowska lewandowska majewska majewski malinowska marciniak mazur michalska
michalski nowakowska nowakowski olszewska pawlowska pawlowski pietrzak piotrowska piotrowski rutkowska sadowska sikora stepien szewczyk szymanska
walczak wieczorek wisniewska wisniewski wojciechowska wozniak wrobel zajac zawadzka zielinska zielinski
abubakar adebayo adeleke adewale appiah asante balogun bello boateng chukwu eze igwe lawal mensah musa nnadi nwachukwu nwosu ogunleye ojo okafor
okeke okonkwo okoye oladipo olawale osei owusu usman
chen cheng cheung chow deng feng guo huang kwok lau leung liang lin liu luo tang tsang tse wang xie yang yuen zhao zheng zhou zhu
agarwal aggarwal bains bhandari bhatia bhatt chauhan chopra choudhury dutta grewal jain jha johal joshi kulkarni malhotra menon mishra nayar pandey
pillai prasad rana rathore saxena sethi shukla sidhu sohal srivastava thakur tiwari trivedi varma verma yadav
abdullah abdulrahman ahmadi akram ansari anwar ashraf aslam aziz bashir butt farooq ghani habib haider hamid haq hashmi ismail jamil javed karim khalid
latif majid mansoor masood mirza mohamud nawaz qureshi rafiq rashid rauf rehman saeed saleh salem shahid sheikh siddiqui tariq uddin warsame yousaf
yusuf zafar zaman`)

// loneOnly are names that are also common words: they count as a pseudonym that
// stands alone, or beside a given name, and not inside one.
var loneOnly = wordSet(`ball bird cook cooke cooper baker dean hunt mills miller porter fisher gardner hunter mason sharp shepherd
smart turner walker carter butler mark max will jack dawn may june sam ali lee non tom jim tim bell cox islam`)

// otherWords are names that a cell may well hold by itself as something else: a
// place, a month, a faith, a trade, a mark. Tim is the Welsh for a team.
var otherWords = wordSet(`mark max will may june dawn non tim islam dean cook baker porter mason bryn glyn craig victoria florence georgia jordan
ashton bolton burton douglas hamilton holland horton houghton nelson sherwood sutton walton`)

// placeWords are names with which places begin: Glyn Ebwy, Bryn Mawr.
var placeWords = wordSet(`bryn glyn craig tim`)

// teamWords come after a name where a team, a building or a place bears it.
var teamWords = wordSet(`ward team teams centre north south east west northern southern eastern western central office offices service services
unit units house road street avenue lane close drive way crescent terrace place square gate green grove hub school schools college academy hospital
hospice clinic surgery practice park parc court hill hall lodge villa cottage farm wood woods garden gardens field fields bridge quay dock docks wharf mill mills
mount view valley vale town city village district area region locality cluster zone site block building buildings wing floor room suite tower base depot
store shop library museum theatre church chapel cross market station works home homes care group hostel nursery crossing mawr fawr bach fach uchaf
isaf newydd dda sant tim timau uned swyddfa canolfan ysgol ty heol stryd ffordd lon parc ysbyty gogledd de dwyrain gorllewin canolog gwasanaeth
gwasanaethau cartref adeilad clwstwr ardal rhanbarth curie project programme palace memorial institute trust foundation`)

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
	if wholeName(words, s) {
		return true
	}
	for i, w := range words {
		if isJoined(w.bare) {
			return true
		}
		if i+1 < len(words) && (titled(w, words[i+1]) || paired(w, words[i+1], len(words) == 2) || initialled(w, words[i+1]) || belongs(words[i:])) {
			return true
		}
		if i+2 < len(words) && isGiven(w) {
			middle, last := words[i+1], words[i+2]
			if len(middle.bare) == 1 && surnames[last.bare] || middle.bare == "ap" || middle.bare == "ab" || middle.bare == "ferch" {
				return true
			}
		}
	}
	return len(words) == 2 && (onlyInitials(words[0], words[1], s) || shortened(words[0], words[1], s))
}

// isGiven says that a word is a given name; Tîm is none.
func isGiven(w word) bool { return givenNames[w.bare] && (w.bare != "tim" || ascii(w.raw)) }

// wholeName finds a cell that is one name and nothing else, or a given name and
// one other word with a capital letter that is none of a team's or a place's.
func wholeName(words []word, s string) bool {
	switch len(words) {
	case 1:
		w := words[0]
		return len(w.bare) >= 3 && (givenNames[w.bare] || surnames[w.bare]) && !otherWords[w.bare]
	case 2:
		w, next := words[0], words[1]
		if len(next.before) > 3 || strings.ContainsAny(s, "0123456789") {
			return false
		}
		return firstAndOther(w, next) || strings.Contains(next.before, ",") && firstAndOther(next, w)
	}
	return false
}

func firstAndOther(w, other word) bool {
	return isGiven(w) && !placeWords[w.bare] && len(other.bare) > 1 && startsUpper(other.raw) && !teamWords[other.bare]
}

// belongs finds "team of Sioned" and "gan Sioned", but not "friends of Rose Ward".
func belongs(words []word) bool {
	switch words[0].bare {
	case "of", "for", "gan":
		return isGiven(words[1]) && !otherWords[words[1].bare] && (len(words) == 2 || !teamWords[words[2].bare])
	}
	return false
}

// shortened finds "Ceri J" and "Evans S." where nothing else is there.
func shortened(w, next word, s string) bool {
	return len(next.bare) == 1 && !strings.ContainsAny(s, "0123456789") && (isGiven(w) || surnames[w.bare] && next.after == ".")
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
	return isGiven(w) && surnames[next.bare] ||
		surnames[w.bare] && isGiven(next) && (alone || strings.Contains(next.before, ","))
}

// initialled finds "C. Jones", "Jones, C." and "jones.c" anywhere.
func initialled(w, next word) bool {
	return len(w.bare) == 1 && w.after == "." && surnames[next.bare] ||
		surnames[w.bare] && len(next.bare) == 1 && (strings.Contains(next.before, ",") || next.before == "." || next.before == "_")
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
