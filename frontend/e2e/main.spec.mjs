// From registration to an open gate, on a server of its own whose clock it
// moves: on both databases, in both languages, by keyboard, and without scripts.

import { expect, test } from '@playwright/test'
import { answer, fillTopic, record } from './answers.mjs'
import { expectAccessible, expectGood } from './axe.mjs'
import { keyboard, mouse } from './hands.mjs'
import { lacking, Own } from './own.mjs'
import { say } from './words.mjs'

// Each has a server of its own.
test.describe.configure({ mode: 'parallel' })

const ways = [
  { engine: 'sqlite', lang: 'en', hands: mouse, looks: expectGood },
  { engine: 'postgres', lang: 'cy', hands: mouse, looks: expectAccessible },
  { engine: 'sqlite', lang: 'en', hands: keyboard, how: ', by keyboard' },
  { engine: 'sqlite', lang: 'cy', hands: mouse, scripts: false, how: ', without scripts' },
]

test.beforeEach(async ({ browser: _ }, info) => {
  info.complaints = []
})
test.afterEach(async ({ browser: _ }, info) => {
  expect(info.complaints, 'what the browser complained of').toEqual([])
})

for (const { engine, lang, hands, looks, how = '', scripts = true } of ways) {
  test(`registered, served, acknowledged, commented, answered, and the gate opens: ${engine}, ${lang}${how}`, async ({ browser }, info) => {
    test.skip(lacking(engine) !== '', lacking(engine))
    test.setTimeout(240_000)
    const own = await Own.start(engine)
    try {
      await journey(own, browser, info)
    } finally {
      await own.stop()
    }
  })

  async function journey(own, browser, info) {
    const good = looks ?? (async () => {})
    const words = (code, params) => say(lang, code, params)
    const button = (page, code, params) => page.getByRole('button', { name: words(code, params), exact: true })
    const link = (page, name) => page.getByRole('link', { name, exact: true })
    const as = async (name) => {
      const page = await own.as(browser, name, { lang, javaScriptEnabled: scripts })
      page.on('console', (m) => {
        if (m.type() === 'error' && !/status of 4(03|22)/.test(m.text())) info.complaints.push(m.text())
      })
      return page
    }

    /** Another model needs another notice; the first one stays as it was. */
    const changed = async (cdo, ref, no) => {
      await cdo.goto(`/${lang}/deployments/${ref}/prepare/supply`)
      await answer(cdo, 'models[0].family', 'Another family')
      await answer(cdo, 'models[0].hostingRegion', 'EU West')
      await cdo.locator('main form .govuk-button-group button[value=save]').click()
      await cdo.waitForURL(/\/prepare$/)
      await cdo.goto(`/${lang}/deployments/${ref}/changes`)
      await expect(cdo.getByText(words('material.hosting_region'))).toBeVisible()
      await good(cdo)
      await cdo.goto(`/${lang}/deployments/${ref}?to=decided`)
      await expect(cdo.locator('.app-gate--blocked')).toContainText(words('gate.change_not_served', { union: 'UNISON', version: '' }).slice(0, 12))
      await cdo.goto(`/${lang}/notices/${no}`)
      await link(cdo, words('page.notice.correct')).click()
      await expect(cdo.getByRole('row').filter({ hasText: 'EU West' })).toContainText('UK South')
      await good(cdo)
      await answer(cdo, 'correction.en', 'Another model, hosted elsewhere')
      await answer(cdo, 'correction.cy', 'Model arall, wedi’i letya mewn man arall')
      await answer(cdo, 'meetings[0]', '14 12 2026')
      await answer(cdo, 'meetings[1]', '11 1 2027')
      await button(cdo, 'page.draft.check_button').click()
      await good(cdo)
      await cdo.locator('form[action$="/serve"] button').click()
      await cdo.waitForURL(/\/served$/)
      const next = cdo.url().match(/N-\d+-\d+/)[0]
      expect(next).not.toBe(no)
      await cdo.goto(`/${lang}/notices/${next}`)
      await expect(link(cdo, no)).toBeVisible()
      await cdo.goto(`/${lang}/notices/${no}`)
      await expect(cdo.locator('main')).toContainText('UK South')
      await expect(cdo.locator('main')).not.toContainText('EU West')
    }

    const cdo = await as('cdo')
    await cdo.goto(`/${lang}/deployments/new`)
    await good(cdo)
    const ref = await registered(cdo, hands, button(cdo, 'page.registration.button'))
    await expect(cdo.getByText(words('page.prepare.state.cannot')).first()).toBeVisible()
    await good(cdo)
    for (const topic of Object.keys(record)) {
      await cdo.goto(`/${lang}/deployments/${ref}/prepare/${topic}`)
      await good(cdo)
      await fillTopic(cdo, topic, hands)
    }
    await cdo.goto(`/${lang}/deployments/${ref}/step/move`)
    await good(cdo)
    await hands.press(button(cdo, 'page.step.move.button'))
    await expect(cdo.getByText(words('page.step.move.done'))).toBeVisible()

    await cdo.goto(`/${lang}/deployments/${ref}/notices/new`)
    await good(cdo)
    await hands.press(button(cdo, 'page.draft.check_button'))
    const gap = link(cdo, words('label.meetings'))
    await expect(gap).toBeVisible()
    await good(cdo)
    await hands.press(gap)
    await answer(cdo, 'meetings[0]', '14 12 2026', hands)
    await answer(cdo, 'meetings[1]', '11 1 2027', hands)
    await hands.press(button(cdo, 'page.draft.check_button'))
    await expect(cdo.getByText(words('page.draft.no_gaps'))).toBeVisible()
    await good(cdo)
    await hands.press(cdo.locator('form[action$="/serve"] button'))
    await cdo.waitForURL(/\/served$/)
    const no = cdo.url().match(/N-\d+-\d+/)[0]
    await expect(cdo.getByRole('heading', { level: 1, name: words('page.served.title', { no }) })).toBeVisible()
    await good(cdo)
    await hands.press(link(cdo, words('page.served.deliveries')))
    await cdo.waitForURL(new RegExp(`${no}$`))
    const unions = (await cdo.locator('#service + table tbody th').allInnerTexts()).map((t) => t.split('\n')[0].trim())
    expect(unions).toContain('UNISON')
    await good(cdo)

    const unison = await as('unison')
    await unison.goto(`/${lang}/notices/${no}/acknowledge`)
    await good(unison)
    await hands.press(button(unison, 'page.acknowledge.button', { no, union: 'UNISON' }))
    await expect(unison.getByText(words('page.acknowledge.done', { no }))).toBeVisible()
    await hands.press(link(unison, words('page.notice.comment_item', { item: 9 })))
    await good(unison)
    await answer(unison, 'kind', 'concern', hands)
    await answer(unison, 'body', 'The number of calls an officer takes must not rise.', hands)
    await hands.press(button(unison, 'page.comment.button'))
    await expect(unison.getByText(words('page.comment.done'))).toBeVisible()
    await expect(unison.getByRole('article').filter({ hasText: 'must not rise' })).toContainText(`${no}`)

    if (looks) await test.step('the model changes while the notice runs', () => changed(cdo, ref, no))

    await cdo.goto(`/${lang}/answers`)
    await good(cdo)
    const waiting = cdo.locator('fieldset.app-row').filter({ hasText: 'must not rise' })
    await hands.choose(waiting.locator('[name$=".verdict"]'), 'accepted')
    await hands.fill(waiting.locator('[name$=".reason"]'), 'noted')
    await hands.press(button(cdo, 'page.answering.button'))
    await expect(cdo.locator('.govuk-error-summary')).toBeVisible()
    await good(cdo)
    await hands.fill(waiting.locator('[name$=".reason"]'), 'A guardrail on calls taken goes into the plan.')
    await hands.press(button(cdo, 'page.answering.button'))
    await expect(cdo.getByRole('alert')).toBeVisible()
    await cdo.goto(`/${lang}/deployments/${ref}/said`)
    await expect(cdo.getByText('A guardrail on calls taken goes into the plan.')).toBeVisible()
    await good(cdo)

    await cdo.goto(`/${lang}/deployments/${ref}`)
    await good(cdo)
    for (const union of unions) {
      await hands.press(link(cdo, words('page.outcome.title', { union })))
      await cdo.waitForURL(/\/outcomes\//)
      if (union === unions[0]) await good(cdo)
      await answer(cdo, 'outcome', 'consensus', hands)
      await hands.press(button(cdo, 'page.outcome.button'))
      await expect(cdo.getByText(words('page.outcome.done', { union }))).toBeVisible()
    }

    // The notice has not run.
    const approver = await as('approver')
    await approver.goto(`/${lang}/deployments/${ref}/step/move?to=decided`)
    await answer(approver, 'reason', 'Agreed with every union', hands)
    await hands.press(button(approver, 'page.step.move.button'))
    await expect(approver.locator('.govuk-error-summary')).toBeVisible()
    await expect(approver.locator('.app-gate--blocked')).toContainText(words('stage.decided'))
    await expect(approver.locator('[name=reason]')).toHaveValue('Agreed with every union')
    await good(approver)

    own.ahead(120)
    await own.signIn(approver, 'approver', lang)
    await approver.goto(`/${lang}/deployments/${ref}/step/move?to=decided`)
    await expect(approver.locator('.app-gate--open')).toBeVisible()
    await answer(approver, 'reason', 'Agreed with every union', hands)
    await hands.press(button(approver, 'page.step.move.button'))
    await expect(approver.getByText(words('page.step.move.done'))).toBeVisible()
    await expect(approver.getByText(words('stage.decided'), { exact: true }).first()).toBeVisible()
  }
}

/** Registers a draft with six answers, and prints what it took. */
async function registered(page, hands, send) {
  let clicks = 0
  let keys = 0
  for (const [name, value] of [
    ['name', 'Summarise repair calls'],
    ['purpose', 'Less time writing up calls'],
    ['serviceArea', { index: 1 }],
    ['useFamily', 'summarising'],
    ['owner', 'Head of housing'],
    ['decisionStatus', 'preferred_option'],
  ]) {
    const chosen = await page.locator(`[name="${name}"]`).evaluate((node) => node.tagName === 'SELECT')
    clicks += chosen ? 2 : 1 // into the answer, and for a list the choice
    keys += chosen ? 0 : value.length
    await answer(page, name, value, hands)
  }
  await hands.press(send)
  await page.waitForURL(/\/deployments\/DEP-\d+-\d+\/prepare$/)
  console.log(`      a draft with six answers: ${clicks + 1} clicks, ${keys} keystrokes`)
  return page.url().match(/DEP-\d+-\d+/)[0]
}
