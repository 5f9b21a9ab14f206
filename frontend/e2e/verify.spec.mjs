// The page that checks receipts: it says what the program says of every vector,
// with the network off; no bit of a receipt can be turned; and what is written
// in a receipt is only ever text.

import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { expectAccessible } from './axe.mjs'

const testdata = new URL('../../internal/receipt/testdata/', import.meta.url)
const vectors = JSON.parse(readFileSync(new URL('receipts.json', testdata), 'utf8'))
const small = vectors.find((v) => v.name === 'valid')
const large = readFileSync(new URL('large.json', testdata))
const words = { en: ['Receipt', /^The key your union was given/, 'Check'], cy: ['Derbynneb', /^Yr allwedd a roddwyd/, 'Gwirio'] }

// Nothing here alters what others read.
test.describe.configure({ mode: 'parallel' })

/** What the browser itself complains of: a blocked script, a missing file. */
test.beforeEach(async ({ page }, info) => {
  info.complaints = []
  page.on('console', (m) => m.type() === 'error' && info.complaints.push(m.text()))
  page.on('pageerror', (err) => info.complaints.push(String(err)))
  page.on('dialog', (d) => info.complaints.push(`a dialog: ${d.message()}`))
})

test.afterEach(async ({ page: _ }, info) => {
  expect(info.complaints, 'what the browser complained of').toEqual([])
})

function bytesOf(v) {
  const many = v.file.match(/^spaces:(x+)$/)
  return many ? Buffer.alloc(many[1].length << 18, ' ') : Buffer.from(v.file, 'base64')
}

function file(name, buffer) {
  return { name, mimeType: 'application/json', buffer }
}

/** Checks files as a person does, and gives what the page says of each. */
async function checked(page, files, keys = [], lang = 'en') {
  const [receipt, key, button] = words[lang]
  await page.getByLabel(receipt, { exact: true }).setInputFiles(files)
  await page.getByLabel(key).fill(keys.join('\n'))
  await page.getByRole('button', { name: button, exact: true }).click()
  const results = page.locator('[data-verify-results] section')
  await expect(results).toHaveCount([files].flat().length)
  await expect(page.locator('[data-verify-results]')).toBeFocused()
  return results.evaluateAll((all) =>
    all.map((result) => ({
      verdict: result.dataset.verdict,
      title: result.querySelector('h2').textContent,
      lines: [...result.querySelectorAll('h3, li')].map((part) => part.textContent),
    })),
  )
}

/** Axe, in the usual width and on a narrow screen, which nothing may be wider than. */
async function expectGood(page) {
  await expectAccessible(page)
  const size = page.viewportSize()
  await page.setViewportSize({ width: 360, height: 740 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
  await expectAccessible(page)
  await page.setViewportSize(size)
}

for (const lang of ['en', 'cy']) {
  test(`every vector is said as the program says it, offline: ${lang}`, async ({ page, context }) => {
    await page.goto(`/${lang}/verify`, { waitUntil: 'networkidle' })
    await expect(page.locator('main')).not.toContainText('⟦')
    await context.setOffline(true)
    const asked = []
    page.on('request', (request) => asked.push(request.url()))
    expect(vectors.length).toBeGreaterThanOrEqual(65)
    for (const [i, v] of vectors.entries()) {
      const [result] = await checked(page, file(`vector-${i}.json`, bytesOf(v)), v.keys, lang)
      expect(result.title).toContain(`vector-${i}.json`)
      expect({ verdict: result.verdict, lines: result.lines }, v.name).toEqual({ verdict: v.verdict, lines: v[lang] })
    }
    expect(asked, 'what was asked of the network').toEqual([])
  })
}

/**
 * Turns bits in the browser, one at a time, and gives what was not refused. The
 * module is the one that the page itself runs, found by the page's own imports.
 */
function turn(page, bytes, keys, places) {
  return page.evaluate(
    async ({ base64, keys, places }) => {
      const { src } = document.querySelector('script[src*="/verify-receipt."]')
      const glue = await (await fetch(src)).text()
      const { check } = await import(new URL(glue.match(/from '(\.\/receipt\.[0-9a-f]+\.js)'/)[1], src))
      const say = JSON.parse(document.getElementById('verify-words').textContent)
      const good = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
      const bits = places ?? Array.from({ length: good.length * 8 }, (_, i) => [i >> 3, i & 7])
      const found = { turned: 0, faults: {}, wrong: [], whole: (await check(good, keys, say)).verdict }
      const one = async ([at, bit]) => {
        const bad = good.slice()
        bad[at] ^= 1 << bit
        const { verdict, fault, lines } = await check(bad, keys, say)
        found.turned++
        found.faults[fault] = (found.faults[fault] ?? 0) + 1
        const refused = verdict === 'invalid' && fault !== 'unexpected' && lines.length === 2 && !lines.join().includes('⟦')
        if (!refused) found.wrong.push({ at, bit, verdict, fault, lines })
      }
      for (let i = 0; i < bits.length; i += 32) await Promise.all(bits.slice(i, i + 32).map(one))
      return found
    },
    { base64: bytes.toString('base64'), keys, places },
  )
}

for (const keys of [small.keys, []]) {
  test(`no bit of a small receipt can be turned, with ${keys.length} keys given`, async ({ page }, info) => {
    test.setTimeout(300_000)
    await page.goto('/en/verify')
    const found = await turn(page, bytesOf(small), keys)
    info.annotations.push({ type: 'turned', description: JSON.stringify([found.turned, found.faults]) })
    expect(found.whole).toBe(keys.length > 0 ? 'valid' : 'unproven')
    expect(found.wrong).toEqual([])
    expect(found.turned).toBe(bytesOf(small).length * 8)
  })
}

/** Marsaglia's xorshift, as in the Go test: the same bits are turned there. */
function shift(x) {
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return x >>> 0
  }
}

test('10,000 bits of a large receipt cannot be turned', async ({ page }, info) => {
  test.setTimeout(300_000)
  await page.goto('/en/verify')
  const next = shift(20260907)
  const places = Array.from({ length: 10_000 }, () => [next() % large.length, next() % 8])
  const found = await turn(page, large, small.keys, places)
  info.annotations.push({ type: 'turned', description: JSON.stringify([found.turned, found.faults]) })
  expect(found.whole).toBe('valid')
  expect(found.wrong).toEqual([])
  expect(found.turned).toBe(10_000)
})

/** Writes a receipt of one entry, signed with a key of our own. */
function makeReceipt({ name = 'Rota', union = 'UNISON', origin = 'a.example/ledger/a-aaaaaaaaaaaa', alter = (f) => f }) {
  const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts.map((p) => Buffer.from(p)))).digest()
  const pair = generateKeyPairSync('ed25519')
  const raw = Buffer.concat([Buffer.of(1), pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)])
  const hash = sha256(`${origin}\n`, raw).subarray(0, 4)
  const key = `${origin}+${hash.toString('hex')}+${raw.toString('base64')}`
  const document = JSON.stringify({ name: { cy: name, en: name }, no: 'N-1', parties: [{ union, unionId: 'u1' }] })
  const notice = sha256(document).toString('hex')
  const body = JSON.stringify({ at: '2026-09-07T09:00:00Z', data: { notice }, org: 'aaaaaaaaaaaa', seq: 0, verb: 'notice.serve' })
  const text = `${origin}\n1\n${sha256([0], body).toString('base64')}\n`
  const signature = Buffer.concat([hash, sign(null, Buffer.from(text), pair.privateKey)]).toString('base64')
  const checkpoint = `${text}\n— ${origin} ${signature}\n`
  const entries = [{ body, proof: [], seq: 0 }]
  const whole = alter({ checkpoint, document, entries, keys: [key], type: 'beforehand-receipt', v: 1, witnesses: [] })
  return { key, buffer: Buffer.from(JSON.stringify(whole)) }
}

test('what stands in a receipt is only text', async ({ page }) => {
  await page.goto('/en/verify')
  const name = '</script><img src=x onerror="alert(1)">{{.no}} $& ⟦x⟧'
  const union = '<script>alert(2)</script>'
  const evil = makeReceipt({ name, union })
  const [shown] = await checked(page, file('<img src=x onerror=alert(3)>.json', evil.buffer), [evil.key])
  expect(shown.verdict).toBe('valid')
  expect(shown.title).toBe('Result: <img src=x onerror=alert(3)>.json')
  expect(shown.lines[1]).toContain(`(${name}) was recorded on 7 September 2026 at 09:00`)
  expect(shown.lines[2]).toBe(`Nothing in this receipt shows that it reached ${union}.`)
  expect(await page.locator('main img, main script:not([type="application/json"])').count()).toBe(0)

  const alike = makeReceipt({ alter: (f) => ({ ...f, checkpoint: f.checkpoint.replace('a.example', 'а.example') }) })
  const big = file('big.json', Buffer.alloc(5_000_000, '['))
  const results = await checked(page, [file('alike.json', alike.buffer), big, file('evil.json', evil.buffer)], [evil.key])
  expect(results.map((r) => r.verdict)).toEqual(['invalid', 'invalid', 'valid'])
  expect(results[0].lines[1]).toContain('“[U+0430].example/ledger/a-aaaaaaaaaaaa”')
  expect(results[1].lines[1]).toBe('The file is larger than 4 MB: it is no receipt.')
  const deep = Buffer.from(`{"a":${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}}`)
  expect((await checked(page, file('deep.json', deep)))[0].lines[1]).toContain('it cannot be read as JSON')
})

test('a key that is none is said beside the field', async ({ page }) => {
  await page.goto('/en/verify')
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  await expect(page.locator('.govuk-error-summary')).toBeFocused()
  await expect(page.getByRole('alert').getByRole('link', { name: 'Choose a receipt' })).toBeVisible()
  await expect(page).toHaveTitle(/^Error: Check a receipt/)
  await expectGood(page)

  const keys = page.getByLabel(words.en[1])
  for (const rubbish of ['hello', 'a+b+c', `${small.keys[0]}=`, small.keys[0].replace('+', '+ '), '<b>+1+2']) {
    await page.getByLabel('Receipt', { exact: true }).setInputFiles(file('good.json', bytesOf(small)))
    await keys.fill(`${small.keys[0]}\n\n  ${rubbish}`)
    await page.getByRole('button', { name: 'Check', exact: true }).click()
    await expect(page.locator('#keys-error')).toContainText('Line 3 is not a whole key')
    await expect(page.locator('[data-verify-results] section')).toHaveCount(0)
  }
  await expect(keys).toHaveAccessibleDescription(/Error:\s+Line 3 is not a whole key/)
  await page.getByRole('link', { name: /Line 3/ }).click()
  await expect(keys).toBeFocused()
  await keys.fill(small.keys[0].replace('tywi', 'tуwi'))
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  await expect(page.locator('#keys-error')).toContainText('Line 1: the name “ai.t[U+0443]wi.example')
  await expectGood(page)

  // Put right, nothing of it is left.
  const [result] = await checked(page, file('good.json', bytesOf(small)), [`  ${small.keys[0]}\r`, ''])
  expect(result.lines).toEqual(small.en)
  await expect(page.locator('.govuk-error-summary, .govuk-error-message')).toHaveCount(0)
  await expect(page).toHaveTitle(/^Check a receipt/)
})

test('with the keyboard alone, narrow, printed, and without JavaScript', async ({ page, browser }) => {
  // Asked for first: a browser that is told only as the key is pressed may open its own.
  const choosing = page.waitForEvent('filechooser')
  await page.goto('/en/verify')
  await expectGood(page)
  const receipt = page.getByLabel('Receipt', { exact: true })
  for (let i = 0; i < 20 && !(await receipt.evaluate((e) => e === document.activeElement)); i++) await page.keyboard.press('Tab')
  await expect(receipt).toBeFocused()
  await page.keyboard.press('Enter')
  const chooser = await choosing
  expect(chooser.isMultiple()).toBe(true)
  await chooser.setFiles([file('one.json', bytesOf(small)), file('two.json', large)])
  await page.keyboard.press('Tab')
  await expect(page.getByLabel(words.en[1])).toBeFocused()
  await page.keyboard.type(small.keys[0])
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  const results = page.getByRole('status')
  await expect(results.getByRole('heading', { level: 3 })).toHaveText([small.en[0], small.en[0]])
  await expect(results).toBeFocused()
  await expectGood(page)
  await page.getByLabel(words.en[1]).fill('')
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  await expect(results.getByRole('heading', { level: 3 }).first()).toHaveText(/whose key signed it/)
  await expectGood(page)

  await page.emulateMedia({ media: 'print' })
  await expect(results).toBeVisible()
  await expect(page.locator('form[data-verify-form]')).toBeHidden()

  const quiet = await browser.newContext({ javaScriptEnabled: false })
  const plain = await quiet.newPage()
  await plain.goto('/cy/verify')
  await expect(plain.getByText('beforehand verify receipt FILE --key KEY')).toBeVisible()
  await expect(plain.locator('form[data-verify-form]')).toBeHidden()
  await quiet.close()
})
