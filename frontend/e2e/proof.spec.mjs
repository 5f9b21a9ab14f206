// Proof: a receipt is had, printed and checked by those whom it concerns; the
// log is read by everybody, and its forms by those who may.

import { createHash, generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { expectGood } from './axe.mjs'
import { expectLetter } from './mail.mjs'
import { signIn } from './people.mjs'

// Its parties are three unions; UNISON and GMB have acknowledged it in the
// story, and Unite does here.
const notice = 'N-2026-001'

// The acknowledgement comes first, and what is printed after it.
test.describe.configure({ mode: 'serial' })

test.beforeEach(async ({ page }, info) => {
  info.complaints = []
  page.on('console', (m) => {
    // A form that is refused answers 422, which the browser reports as an error.
    if (m.type() === 'error' && !/status of 4(03|22)/.test(m.text())) info.complaints.push(m.text())
  })
  page.on('pageerror', (err) => info.complaints.push(String(err)))
})

test.afterEach(async ({ page: _ }, info) => {
  expect(info.complaints, 'what the browser complained of').toEqual([])
})

test('a union acknowledges a notice, has its receipt, and checks it with the network off', async ({ page, context }, info) => {
  await signIn(page, 'unite')
  await page.goto(`/en/notices/${notice}/acknowledge`)
  await page.getByRole('button', { name: `Acknowledge notice ${notice} for Unite` }).click()
  await expect(page.getByRole('alert')).toContainText('The receipt is on its way to you by e-mail')
  await page.getByRole('link', { name: 'Receipt of this notice' }).click()
  await expect(page).toHaveURL(`/en/notices/${notice}/receipt`)
  await expect(page.getByText('Valid: dated, signed and unchanged.')).toBeVisible()
  await expect(page.getByRole('row', { name: /^Unite Acknowledged after sign-in/ })).toBeVisible()
  await expect(page.getByRole('img', { name: /^Code that holds/ })).toBeVisible()
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download the receipt (JSON)' }).click()
  const download = await downloading
  expect(download.suggestedFilename()).toMatch(new RegExp(`^${notice}-\\d+\\.receipt\\.json$`))
  const path = info.outputPath('receipt.json')
  await download.saveAs(path)
  const api = await page.request.get(`/api/v1/notices/${notice}/receipt`)
  expect(await api.text()).toBe(readFileSync(path, 'utf8'))

  await page.getByRole('contentinfo').getByRole('link', { name: 'Log and checkpoints' }).click()
  const key = await page.getByRole('table', { name: /^Keys that the log/ }).locator('code').first().innerText()
  await page.getByRole('contentinfo').getByRole('link', { name: 'Check a receipt' }).click()
  await expect(page).toHaveURL('/en/verify')
  await page.waitForLoadState('networkidle')
  await context.setOffline(true)
  await page.getByLabel('Receipt', { exact: true }).setInputFiles(path)
  await page.getByLabel(/^The key your union was given/).fill(key)
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  const result = page.locator('[data-verify-results] section')
  await expect(result.getByRole('heading', { level: 3 })).toHaveText('Valid: dated, signed and unchanged.')
  await expect(result).toContainText('Unite acknowledged it on')
  await context.setOffline(false)
  await expectLetter('unite@tywi.example', `Subject: Receipt of notice ${notice}`)
})

for (const [lang, title, acknowledged] of [
  ['en', `Receipt of notice ${notice}`, / acknowledged it on /],
  ['cy', `Derbynneb hysbysiad ${notice}`, /^Cydnabu .* ei dderbyn ar /],
]) {
  test(`a receipt prints on one sheet of A4: ${lang}`, async ({ page }, info) => {
    await signIn(page, 'cdo', lang)
    await page.goto(`/${lang}/notices/${notice}/receipt`)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title)
    await expect(page.getByRole('listitem').filter({ hasText: acknowledged })).toHaveCount(3)
    const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: false })
    const path = info.outputPath(`receipt-${lang}.pdf`)
    writeFileSync(path, pdf)
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g).length
    expect(pages).toBe(1)
    await page.emulateMedia({ media: 'print' })
    await expect(page.locator('.app-receipt .govuk-button')).toBeHidden()
    await expect(page.locator('.app-qr__code')).toBeVisible()
    // Nothing is cut off: on paper nobody can scroll.
    await page.setViewportSize({ width: 672, height: 990 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(672)
  })
}

/** The public key of a new witness, as `beforehand witness new` prints it. */
function witness(name) {
  const { publicKey } = generateKeyPairSync('ed25519')
  const key = Buffer.concat([Buffer.from([4]), publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)])
  const hash = createHash('sha256').update(`${name}\n`).update(key).digest('hex').slice(0, 8)
  return `${name}+${hash}+${key.toString('base64')}`
}

test('everybody reads the log, and an officer has it signed, sent and countersigned', async ({ page, browser }) => {
  await page.goto('/en/ledger')
  await expect(page.getByText('Nobody has countersigned this yet.')).toBeVisible()
  await expect(page.getByRole('button')).toHaveCount(0)
  for (const name of ['Newest checkpoint', 'Public keys', 'Atom feed of the checkpoints']) {
    const at = await page.getByRole('main').getByRole('link', { name, exact: true }).getAttribute('href')
    expect((await page.request.get(at)).status(), name).toBe(200)
  }
  const first = await page.getByRole('row').filter({ hasText: 'a notice was' }).first().getByRole('link').getAttribute('href')
  expect(await (await page.request.get(first)).text()).toContain('/ledger/tywi-')

  const context = await browser.newContext()
  const officer = await context.newPage()
  await signIn(officer, 'gmb')
  await officer.getByRole('contentinfo').getByRole('link', { name: 'Log and checkpoints' }).click()
  await officer.getByRole('button', { name: 'Have the log signed now' }).click()
  await expect(officer.getByRole('alert')).toContainText('The log is signed at')
  await officer.getByLabel('E-mail address of your union').fill('not an address')
  await officer.getByRole('button', { name: 'Send each day’s checkpoint' }).click()
  await expect(officer).toHaveTitle(/^Error: Log and checkpoints/)
  await officer.getByRole('alert').getByRole('link', { name: /^E-mail address of your union/ }).click()
  await expect(officer.getByLabel('E-mail address of your union')).toBeFocused()
  await expectGood(officer)
  await officer.getByLabel('E-mail address of your union').fill('log@gmb-tywi.example')
  await officer.getByRole('button', { name: 'Send each day’s checkpoint' }).click()
  await expect(officer.getByText('Each day’s checkpoint is sent to log@gmb-tywi.example, in English.')).toBeVisible()
  await officer.getByRole('button', { name: 'End these mails' }).click()
  await expect(officer.getByText('The day’s checkpoint is no longer sent.')).toBeVisible()

  const key = witness('gmb.example/witness')
  await officer.getByLabel('Name of the witness').fill('GMB Tywi')
  await officer.getByLabel('Public key of the witness').fill(key.slice(0, -2))
  await officer.getByRole('button', { name: 'Add the witness' }).click()
  await expect(officer.getByRole('link', { name: /This is not the key of a witness/ })).toBeVisible()
  await expect(officer.getByLabel('Name of the witness')).toHaveValue('GMB Tywi')
  await officer.getByLabel('Public key of the witness').fill(key)
  await officer.getByRole('button', { name: 'Add the witness' }).click()
  await expect(officer.getByRole('row', { name: /^GMB Tywi/ })).toContainText('Countersigns')
  await expectGood(officer)
  await officer.getByRole('button', { name: 'End GMB Tywi' }).click()
  await expect(officer.getByText('It can countersign no more with this key')).toBeVisible()
  await expectGood(officer)
  await officer.getByRole('button', { name: 'End the witness' }).click()
  await expect(officer.getByRole('row', { name: /^GMB Tywi/ })).toContainText('Ended on')
  await context.close()
})

for (const lang of ['en', 'cy']) {
  test(`the pages of proof are good, wide and narrow: ${lang}`, async ({ page }) => {
    for (const path of [`/notices/${notice}/receipt`, '/ledger']) {
      await page.goto(`/${lang}${path}`)
      await expectGood(page)
    }
    await signIn(page, 'admin', lang)
    for (const path of [`/notices/${notice}/receipt`, '/ledger', '/ledger/new-key', '/backups']) {
      await page.goto(`/${lang}${path}`)
      await expectGood(page)
    }
  })
}
