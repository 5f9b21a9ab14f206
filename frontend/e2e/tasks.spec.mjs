// Tasks of the demo story that no other journey walks; docs/tasks.md says which
// one walks which.

import { expect, test } from '@playwright/test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answer, fillTopic, record } from './answers.mjs'
import { expectGood } from './axe.mjs'
import { mouse } from './hands.mjs'
import { Own } from './own.mjs'
import { mailServer } from './smtp.mjs'

test('a message is refused, and the notice is served by hand with proof', async ({ browser }) => {
  const mail = await mailServer((address) => address.includes('unison-tywi'))
  const own = await Own.start('sqlite', '--smtp-host', '127.0.0.1', '--smtp-port', String(mail.port), '--smtp-tls', 'none')
  try {
    const cdo = await own.as(browser, 'cdo')
    await cdo.goto('/en/deployments/new')
    for (const [name, value] of [
      ['name', 'Sort parcels'],
      ['purpose', 'Less lifting'],
      ['serviceArea', { index: 1 }],
      ['useFamily', 'other'],
      ['owner', 'Head of post'],
      ['decisionStatus', 'preferred_option'],
    ]) {
      await answer(cdo, name, value)
    }
    await cdo.getByRole('button', { name: 'Register and go on' }).click()
    await cdo.waitForURL(/\/prepare$/)
    const ref = cdo.url().match(/DEP-\d+-\d+/)[0]
    for (const topic of Object.keys(record)) {
      await cdo.goto(`/en/deployments/${ref}/prepare/${topic}`)
      await fillTopic(cdo, topic)
    }
    await cdo.goto(`/en/deployments/${ref}/step/move`)
    await mouse.press(cdo.getByRole('button', { name: 'Enter the stage' }))
    await cdo.goto(`/en/deployments/${ref}/notices/new`)
    await answer(cdo, 'meetings[0]', '14 12 2026')
    await answer(cdo, 'meetings[1]', '11 1 2027')
    await cdo.getByRole('button', { name: 'Save and check the notice' }).click()
    await cdo.getByRole('button', { name: /^Serve notice to/ }).click()
    await cdo.waitForURL(/\/served$/)
    const no = cdo.url().match(/N-\d+-\d+/)[0]
    const row = cdo.getByRole('row', { name: /^UNISON/ })
    await expect(async () => {
      await cdo.goto(`/en/notices/${no}`)
      await expect(row).toContainText('A message was refused, and the period has not begun.', { timeout: 500 })
    }).toPass({ timeout: 60_000 })
    await expectGood(cdo)
    // The gate has no evidence of service on UNISON.
    await cdo.goto(`/en/deployments/${ref}?to=decided`)
    await expect(cdo.locator('.app-gate--blocked')).toContainText('UNISON')
    await cdo.goto(`/en/notices/${no}`)
    await row.getByRole('link', { name: 'Record service by hand or post' }).click()
    await answer(cdo, 'event', 'handed')
    const now = new Date()
    await answer(cdo, 'at', `${now.getDate()} ${now.getMonth() + 1} ${now.getFullYear()}`)
    await answer(cdo, 'time', now.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/London' }))
    await cdo.getByRole('button', { name: 'Record the service' }).click()
    await expect(cdo.locator('.govuk-error-summary')).toContainText('Proof')
    await expectGood(cdo)
    await cdo.locator('[name="proof.file"]').setInputFiles({ name: 'receipt.txt', mimeType: 'text/plain', buffer: Buffer.from('Received with thanks') })
    // Served within this very minute: its beginning is before the notice.
    own.ahead(1)
    await own.signIn(cdo, 'cdo')
    await cdo.goto(`/en/notices/${no}/delivery`)
    await answer(cdo, 'union', { label: (await cdo.locator('#union option', { hasText: 'UNISON' }).textContent()).trim() })
    await answer(cdo, 'event', 'handed')
    const later = new Date(Date.now() + 24 * 3600_000 - 60_000)
    await answer(cdo, 'at', `${later.getDate()} ${later.getMonth() + 1} ${later.getFullYear()}`)
    await answer(cdo, 'time', later.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/London' }))
    await cdo.locator('[name="proof.file"]').setInputFiles({ name: 'receipt.txt', mimeType: 'text/plain', buffer: Buffer.from('Received with thanks') })
    await cdo.getByRole('button', { name: 'Record the service' }).click()
    await expect(cdo.getByText('The service is recorded.')).toBeVisible()
    await expect(row).toContainText('Handed over')
    await expect(row).toContainText('Served')
  } finally {
    await own.stop()
    mail.close()
  }
})

test('fourteen months later somebody asks what was said: the day, the notice, the answer, the file', async ({ page, request }) => {
  await page.goto('/en/deployments/DEP-2026-003/as-at/2026-09-20')
  await expect(page.getByText('As it was at the end of Sunday 20 September 2026', { exact: false })).toBeVisible()
  await page.goto('/en/notices/N-2026-001')
  await expect(page.getByRole('row', { name: /UNISON/ })).toBeVisible()
  await page.goto('/en/deployments/DEP-2026-003/said')
  await expect(page.getByRole('heading', { level: 1, name: 'You said, we did' })).toBeVisible()
  await expectGood(page)
  const history = await request.get('/open/tywi/history.json')
  expect(history.status()).toBe(200)
  expect(JSON.stringify(await history.json())).toContain('DEP-2026-003')
  const atrs = await request.get('/open/tywi/deployments/DEP-2026-003/atrs.json')
  expect(atrs.status()).toBe(200)
  expect(JSON.stringify(await atrs.json())).toContain('DEP-2026-003')
})

test('a backup is restored elsewhere, and says the same', async ({ browser }) => {
  const own = await Own.start('sqlite')
  const file = mkdtempSync(join(tmpdir(), 'beforehand-backup-'))
  try {
    own.run('backup', join(file, 'tywi.backup'))
    const published = async () => (await (await fetch(`${own.url}/open/tywi/register.json`)).json()).deployments
    const before = await published()
    expect(before.length).toBeGreaterThan(0)
    await own.halt()
    rmSync(own.data, { recursive: true, force: true })
    own.run('restore', join(file, 'tywi.backup'))
    own.ahead(0)
    await own.serve()
    expect(await published()).toEqual(before)
    const page = await own.as(browser, 'cdo')
    await page.goto('/en/deployments/DEP-2026-003')
    await expect(page.getByRole('heading', { level: 1 })).toContainText('case notes')
  } finally {
    await own.stop()
    rmSync(file, { recursive: true, force: true })
  }
})
