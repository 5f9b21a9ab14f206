// What journeys type into the record of a deployment, topic by topic: all that
// a notice in both languages asks.

import { mouse } from './hands.mjs'

/** A text in both languages, of the name of an answer. */
const both = (name, en, cy) => [
  [`${name}.en`, en],
  [`${name}.cy`, cy],
]

export const record = {
  about: [
    ...both('name', 'Summarise repair calls for housing staff', 'Crynhoi galwadau atgyweirio i staff tai'),
    ...both('oneLine', 'A draft summary after each repair call', 'Crynodeb drafft ar ôl pob galwad atgyweirio'),
    ['aiClass', 'generative'],
    ['activation', 'new_purchase'],
    ['seniorResponsibleOwner', 'Director of housing'],
    ['publicContact', 'housing@tywi.example'],
  ],
  purpose: [
    ...both('purpose', 'Less time writing up calls', 'Llai o amser yn ysgrifennu galwadau'),
    ...both('natureOfChange', 'Staff check a drafted summary instead of writing one.', 'Mae staff yn gwirio crynodeb drafft yn lle ysgrifennu un.'),
    ...both('alternatives[0].text', 'A shorter form', 'Ffurflen fyrrach'),
    ['alternatives[0].withoutAI', true],
    ['do', 'add.alternatives'],
    ...both('alternatives[1].text', 'Another supplier', 'Cyflenwr arall'),
  ],
  working: [
    ...both('outputs', 'A draft summary of a call', 'Crynodeb drafft o alwad'),
    ...both('logic', 'A language model drafts from the transcript.', 'Mae model iaith yn drafftio o’r trawsgrifiad.'),
    ['humanReview.kind', 'in_the_loop'],
    ['humanReview.who', 'Housing officer'],
    ['humanReview.minutesAllowed', '4'],
    ['humanReview.rightToOverride', true],
  ],
  workers: [
    ['groups[0].jobRole', { index: 1 }],
    ['groups[0].headcount', '30'],
    ...both('workerChange', 'They check instead of writing.', 'Maent yn gwirio yn lle ysgrifennu.'),
    ...both('effectOnWork', 'No posts, grades or hours change.', 'Nid oes swyddi, graddau nac oriau’n newid.'),
    ...both('adverseEffects', 'More calls might be expected of each officer.', 'Gellid disgwyl mwy o alwadau gan bob swyddog.'),
  ],
  data: [['noWorkerData', true]],
  supply: [
    ['suppliers[0].name', 'Galwad Ltd'],
    ['models[0].name', 'Crynodeb 2'],
    ['models[0].hostingRegion', 'UK South'],
  ],
  checks: [
    ['regimes', 'UK GDPR'],
    ['assessments[0].kind', 'dpia'],
    ['assessments[0].state', 'yes'],
    ['assessments[0].on', '1 11 2026'],
  ],
  promises: [
    ['training.who', 'All housing officers'],
    ['training.hours', '3'],
    ['training.paid', true],
    ['training.when', 'Before the pilot'],
  ],
  stopping: [
    ...both('failSafe.how', 'Switch the drafting off in the console', 'Diffodd y drafftio yn y consol'),
    ['failSafe.who', 'Any team manager'],
    ['failSafe.withinMinutes', '5'],
    ...both('implementationProcedure', 'One team first, then the others', 'Un tîm yn gyntaf, yna’r lleill'),
  ],
  value: [
    ['costs[0].kind', 'annual'],
    ['costs[0].year', '2027'],
    ['costs[0].pence', '12000'],
    ...both('gainUse', 'Time goes back to tenants.', 'Mae’r amser yn mynd yn ôl i denantiaid.'),
    ...both('evidence.plan', 'Minutes a call, before and after', 'Munudau fesul galwad, cyn ac ar ôl'),
  ],
  dates: [
    ['dates.pilotPlanned', '1 6 2027'],
    ['dates.goLivePlanned', '1 9 2027'],
    ['dates.reviewDue', '1 3 2028'],
  ],
}

/** Types one answer, whatever kind of question it is. */
export async function answer(page, name, value, hands = mouse) {
  if (name === 'do') return hands.press(page.locator(`button[name=do][value="${value}"]`))
  if (/^\d+ \d+ \d{4}$/.test(value)) {
    for (const [i, part] of ['day', 'month', 'year'].entries()) {
      await hands.fill(page.locator(`[name="${name}-${part}"]`), value.split(' ')[i])
    }
    return
  }
  const field = page.locator(`[name="${name}"]`)
  const kind = await field.first().evaluate((node) => node.type)
  if (kind === 'radio') return hands.check(page.locator(`[name="${name}"][value="${value}"]`))
  if (value === true) return hands.check(field)
  if (kind === 'select-one') return hands.choose(field, value)
  return hands.fill(field, value)
}

/** Fills in one topic of a record, and saves it. */
export async function fillTopic(page, topic, hands = mouse) {
  for (const [name, value] of record[topic]) await answer(page, name, value, hands)
  await hands.press(page.locator('main form .govuk-button-group button[value=save]'))
  await page.waitForURL(/\/prepare$/)
}
