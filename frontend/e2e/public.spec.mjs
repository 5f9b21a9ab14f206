// What anybody may read and do without an account, in both languages, with
// scripts and without; and the reports, which unions speak in before councillors
// take them away.

import { readFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { expectGood } from './axe.mjs'
import { signIn } from './people.mjs'

const ref = 'DEP-2026-003'

test.beforeEach(async ({ page }, info) => {
  info.complaints = []
  page.on('console', (m) => {
    // A form that is refused answers 422, which the browser reports as an error.
    if (m.type() === 'error' && !/status of 4(04|22)/.test(m.text())) info.complaints.push(m.text())
  })
  page.on('pageerror', (err) => info.complaints.push(String(err)))
})

test.afterEach(async ({ page: _ }, info) => {
  expect(info.complaints, 'what the browser complained of').toEqual([])
})

/** Every page that is for everybody. */
const everyPage = [
  '', '/register', '/register?q=case+notes', '/register?stage=pilot', '/register?q=nothing-like-it', `/deployments/${ref}`, '/deployments/DEP-2026-007', `/deployments/${ref}/history`,
  `/deployments/${ref}/history?on=nonsense`, `/deployments/${ref}/versions/4`, `/deployments/${ref}/as-at/2026-10-01`, '/missing', '/open-data', '/flag', '/flagged', '/notices/N-2026-001',
  '/verify', '/ledger', '/nowhere',
]

const words = {
  en: {
    name: 'English', open: 'Open data', flag: 'Flag a system', what: 'What it is', text: 'What you met', raise: 'Flag this system', taken: /^Taken down as FLG-/, code: 'Code', show: 'Show the answer',
    none: 'There is no answer yet.', unknown: 'There is no flag with this code.', error: /^Error: /,
  },
  cy: {
    name: 'Cymraeg', open: 'Data agored', flag: 'Nodi system', raise: 'Nodi’r system hon', taken: /^Cofnodwyd fel FLG-/, show: 'Dangos yr ateb',
    none: 'Nid oes ateb eto.', unknown: 'Nid oes dim wedi’i nodi â’r cod hwn.', error: /^Gwall: /,
  },
}

for (const lang of ['en', 'cy']) {
  const other = lang === 'en' ? 'cy' : 'en'

  test(`every page for everybody is good, and has its twin: ${lang}`, async ({ page }) => {
    test.setTimeout(180_000)
    for (const path of everyPage) {
      const answer = await page.goto(`/${lang}${path}`)
      const said = answer.status()
      expect(said, path).toBe(path === '/nowhere' ? 404 : path.endsWith('nonsense') ? 422 : 200)
      await expect(page.locator('html')).toHaveAttribute('lang', lang)
      await expectGood(page)
      const title = await page.title()
      await page.getByRole('link', { name: words[other].name, exact: true }).click()
      await expect(page).toHaveURL(`/${other}${path}`)
      await expect(page.locator('html')).toHaveAttribute('lang', other)
      if (path !== '/verify') expect(await page.title(), path).not.toBe(title)
    }
  })

  for (const scripts of [true, false]) {
    test(`a system is flagged and looked up ${scripts ? 'with' : 'without'} JavaScript: ${lang}`, async ({ browser }) => {
      const context = await browser.newContext({ javaScriptEnabled: scripts })
      const page = await context.newPage()
      const w = words[lang]
      const good = async () => (scripts ? expectGood(page) : expect(page.locator('main')).not.toContainText('⟦'))
      const typed = `It said no to my claim (${Date.now()}).`

      await page.goto(`/${lang}`)
      await page.getByRole('main').getByRole('link', { name: w.flag, exact: true }).click()
      await expect(page).toHaveURL(`/${lang}/flag`)
      await page.locator('#text').fill(typed)
      await page.getByRole('button', { name: w.raise }).click()
      await expect(page).toHaveTitle(w.error)
      await expect(page.locator('#text')).toHaveValue(typed)
      await good()
      await page.locator('#system').fill('Benefits checker')
      await page.getByRole('button', { name: w.raise }).click()
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(w.taken)
      await good()
      const link = page.getByRole('main').getByRole('link').filter({ hasText: '#code=' })
      const address = new URL(await link.getAttribute('href'))
      expect(address.pathname).toBe(`/${lang}/flagged`)
      const code = new URLSearchParams(address.hash.slice(1)).get('code')
      expect(code.length).toBeGreaterThan(15)

      await link.click()
      await expect(page).toHaveURL(/\/flagged/)
      if (scripts) {
        await expect(page.locator('#code')).toHaveValue(code)
        expect(page.url()).not.toContain(code)
      } else {
        await expect(page.locator('#code')).toHaveValue('')
        await page.locator('#code').fill('no-such-code')
        await page.getByRole('button', { name: w.show }).click()
        await expect(page.getByRole('alert')).toContainText(w.unknown)
        await page.locator('#code').fill(code)
      }
      await good()
      await page.getByRole('button', { name: w.show }).click()
      await expect(page.getByRole('main')).toContainText(typed)
      await expect(page.getByRole('main')).toContainText(w.none)
      await good()
      await context.close()
    })
  }
}

test('the register is searched and narrowed by a facet, with and without JavaScript', async ({ browser }) => {
  for (const javaScriptEnabled of [true, false]) {
    const context = await browser.newContext({ javaScriptEnabled })
    const page = await context.newPage()
    await page.goto('/en/register')
    await page.getByRole('link', { name: 'Pilot', exact: true }).click()
    await expect(page).toHaveURL(/stage=pilot/)
    await expect(page.getByText('1 deployment', { exact: true })).toBeVisible()
    await expect(page.getByLabel('Stage', { exact: true })).toHaveValue('pilot')
    await page.getByLabel('Search').fill('case notes')
    await page.getByRole('button', { name: 'Show' }).click()
    await expect(page).toHaveURL(/q=case\+notes.*stage=pilot/)
    await page.getByRole('row', { name: new RegExp(ref) }).getByRole('link').click()
    await page.getByRole('link', { name: 'History', exact: true }).click()
    await page.getByLabel('Show it as it was on a day').fill('2026-10-01')
    await page.getByRole('button', { name: 'Show' }).click()
    await expect(page).toHaveURL(`/en/deployments/${ref}/as-at/2026-10-01`)
    await expect(page.getByText('As it was at the end of')).toBeVisible()
    await context.close()
  }
})

test('pages without JavaScript are whole', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  for (const path of everyPage) {
    for (const lang of ['en', 'cy']) {
      await page.goto(`/${lang}${path}`)
      await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1)
      await expect(page.getByRole('main')).not.toContainText('⟦')
      await expect(page.getByRole('link', { name: 'Cymraeg', exact: true })).toHaveCount(lang === 'en' ? 1 : 0)
    }
  }
  await context.close()
})

test('a first page costs less than 60 kB, style and scripts included', async ({ browser }, info) => {
  for (const path of ['/en', '/en/register', `/en/deployments/${ref}`]) {
    const context = await browser.newContext()
    const page = await context.newPage()
    const cdp = await context.newCDPSession(page)
    await cdp.send('Network.enable')
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true })
    let bytes = 0
    cdp.on('Network.loadingFinished', (e) => {
      bytes += e.encodedDataLength
    })
    const packed = []
    page.on('response', (r) => packed.push([new URL(r.url()).pathname, r.headers()['content-encoding']]))
    await page.goto(path, { waitUntil: 'networkidle' })
    console.log(`      ${path}: ${bytes} bytes in ${packed.length} answers`)
    info.annotations.push({ type: 'bytes', description: `${path}: ${bytes}` })
    expect(bytes, path).toBeGreaterThan(1000)
    expect(bytes, path).toBeLessThan(60_000)
    for (const [what, how] of packed) expect(how, what).toBe('gzip')
    await context.close()
  }
})

test('open data is followed from its page', async ({ page, request }) => {
  for (const lang of ['en', 'cy']) {
    await page.goto(`/${lang}/open-data`)
    const links = await page.getByRole('main').getByRole('link').evaluateAll((all) => all.map((a) => a.href))
    expect(links.length).toBeGreaterThanOrEqual(8)
    await page.goto(`/${lang}/deployments/${ref}`)
    links.push(...(await page.getByRole('main').locator('a[href^="/open/"]').evaluateAll((all) => all.map((a) => a.href))))
    expect(links.length).toBeGreaterThanOrEqual(11)
    for (const link of links) {
      const answer = await request.get(link)
      expect(answer.status(), link).toBe(200)
      expect((await answer.body()).length, link).toBeGreaterThan(100)
    }
  }
})

test('a union speaks in the report before a councillor takes it away', async ({ page, browser }) => {
  test.setTimeout(180_000)
  const said = `Agency workers are not in it (${Date.now()}).`
  await signIn(page, 'unison')
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Reports', exact: true }).click()
  await page.getByRole('link', { name: /2026/ }).first().click()
  await expect(page).toHaveURL('/en/reports/annual/2026')
  await page.getByLabel('We do not agree with it').check()
  await page.getByRole('button', { name: 'Say this for the union' }).click()
  await expect(page).toHaveTitle(/^Error: /)
  await expect(page.getByLabel('We do not agree with it')).toBeChecked()
  await expectGood(page)
  await page.locator('#statement').fill(said)
  await page.getByRole('button', { name: 'Say this for the union' }).click()
  await expect(page.getByText('What your union says of the report is recorded.')).toBeVisible()
  await expect(page.locator('blockquote', { hasText: said })).toBeVisible()

  const context = await browser.newContext()
  const councillor = await context.newPage()
  await signIn(councillor, 'councillor')
  for (const path of ['/reports', '/reports/annual/2026', '/reports/scrutiny/2026']) {
    for (const lang of ['en', 'cy']) {
      await councillor.goto(`/${lang}${path}`)
      await expectGood(councillor)
    }
    await councillor.getByRole('link', { name: 'English', exact: true }).click()
    await expect(councillor).toHaveURL(`/en${path}`)
  }
  await councillor.goto('/en/reports/annual/2026')
  await expect(councillor.locator('blockquote', { hasText: said })).toBeVisible()
  await expect(councillor.getByRole('button', { name: 'Say this for the union' })).toHaveCount(0)

  // A number leads to the records behind it, and each of them to its page.
  const numbers = councillor.getByRole('main').locator('td a[href^="#records-"]')
  const behind = await numbers.evaluateAll((all) => all.map((a) => a.getAttribute('href')))
  expect(behind.length).toBeGreaterThan(10)
  for (const at of behind) await expect(councillor.locator(at), at).toHaveCount(1)
  await councillor.getByRole('row', { name: /^Deployments registered \d/ }).getByRole('link').click()
  await expect(councillor).toHaveURL('/en/reports/annual/2026#records-registered')
  const records = await councillor.getByRole('main').locator('h3[id^="records-"] + ul a').evaluateAll((all) => [...new Set(all.map((a) => a.href))])
  expect(records.length).toBeGreaterThan(3)
  // What a councillor may not read is the employer's own: an idea, and the list of flags.
  const own = []
  for (const record of records) {
    const status = (await councillor.goto(record)).status()
    expect([200, 403, 404], record).toContain(status)
    if (status !== 200) own.push(record)
  }
  expect(own.length).toBeLessThan(records.length / 2)
  const employer = await (await browser.newContext()).newPage()
  await signIn(employer, 'cdo')
  for (const record of own) {
    expect((await employer.goto(record)).status(), record).toBe(200)
    if (!record.endsWith('/flags')) await expect(employer.getByRole('main').locator('.govuk-tag').first()).toHaveText('Idea')
  }
  await employer.context().close()

  for (const [path, lang] of [['annual', 'en'], ['annual', 'cy'], ['scrutiny', 'en']]) {
    await councillor.goto(`/${lang}/reports/${path}/2026`)
    for (const [form, first] of [['pdf', '%PDF'], ['docx', 'PK']]) {
      const [download] = await Promise.all([councillor.waitForEvent('download'), councillor.locator(`a[href$="/document.${form}"]`).click()])
      expect(download.suggestedFilename()).toBe(`${path}-2026-${lang}.${form}`)
      const bytes = await readFile(await download.path())
      expect(bytes.subarray(0, first.length).toString('latin1'), form).toBe(first)
      expect(bytes.length).toBeGreaterThan(3000)
    }
  }
  await context.close()
})
