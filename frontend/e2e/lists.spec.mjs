// The register as a list, the questions of a councillor, and the first page.

import { readFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { expectGood } from './axe.mjs'
import { signIn } from './people.mjs'

test.describe.configure({ mode: 'serial' })

test('a view of the register is kept, and taken away as a file', async ({ page }) => {
  await signIn(page, 'auditor')
  await page.goto('/en/register')
  await page.getByLabel('Change class', { exact: true }).selectOption('C: people-affecting')
  await page.getByLabel('Column: Service area').check()
  await page.getByRole('button', { name: 'Show' }).click()
  await expect(page.getByRole('columnheader', { name: 'Service area' })).toBeVisible()
  await page.getByRole('button', { name: 'Keep this view' }).click()
  await expect(page.getByRole('alert')).toContainText('A name for this view: Give an answer.')
  await expectGood(page)
  await page.getByLabel('A name for this view').fill('People-affecting')
  await page.getByRole('button', { name: 'Keep this view' }).click()
  await expect(page.getByRole('link', { name: 'People-affecting', exact: true })).toBeVisible()
  await expectGood(page)
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: /Download this list as CSV/ }).click()
  const file = await readFile(await (await download).path(), 'utf8')
  expect(file).toContain('Reference,Name (English),Name (Welsh),')
  expect(file).toContain('DEP-2026-007')
  await page.goto('/en/register')
  await page.getByRole('button', { name: /Remove People-affecting/ }).click()
  await expect(page.getByRole('main')).toContainText('The view has been removed.')
})

test('the register of a past day, and what to do when nothing is found', async ({ page }) => {
  await signIn(page, 'cdo')
  await page.goto('/en/register?at-day=10&at-month=9&at-year=2026')
  await expect(page.getByRole('main')).toContainText('The register as it was at the end of Thursday 10 September 2026.')
  await expect(page.getByRole('row', { name: /DEP-2026-003/ })).toContainText('Notice served')
  await expect(page.getByRole('table')).not.toContainText('DEP-2026-007')
  await expectGood(page)
  await page.getByLabel('Month').fill('13')
  await page.getByRole('button', { name: 'Show' }).click()
  await expect(page.getByRole('alert')).toContainText('is not a date')
  await expectGood(page)
  await page.goto('/en/register?stage=withdrawn&class=C')
  await expect(page.getByRole('main')).toContainText('Something is found when one of these is left out:')
  await expectGood(page)
  await page.goto('/cy/register?at-day=10&at-month=9&at-year=2026')
  await expectGood(page)
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('a councillor asks the whole register, reads both sides, and asks for an action', async ({ page }) => {
    await signIn(page, 'councillor')
    await page.getByRole('link', { name: 'Questions', exact: true }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Questions')
    await page.getByRole('link', { name: 'In dispute, or a challenge has no answer' }).click()
    await expect(page.getByRole('table')).toContainText('DEP-2026-007')
    await expect(page.getByRole('heading', { name: 'What the employer and the unions say' })).toBeVisible()
    await page.getByRole('link', { name: 'Ask for an action about DEP-2026-007' }).click()
    await expect(page.getByLabel('Deployment')).toHaveValue('DEP-2026-007')
  })
})

test('the questions and the first page are good, in both languages', async ({ page }) => {
  await signIn(page, 'councillor')
  await expect(page.getByRole('heading', { name: 'Since you were last here' })).toBeVisible()
  await expectGood(page)
  await page.goto('/en/scrutiny')
  await expectGood(page)
  await page.goto('/en/register?ask=disputed')
  await expectGood(page)
  await page.goto('/cy/scrutiny')
  await expectGood(page)
  await page.goto('/cy')
  await expectGood(page)
})

test('a page that is open says when there is something new', async ({ page, browser }) => {
  await signIn(page, 'auditor')
  await page.waitForLoadState()
  const news = page.getByRole('status').filter({ hasText: 'There is something new on the register.' })
  await expect(news).toHaveCount(0)
  const other = await browser.newContext()
  const cdo = await other.newPage()
  await signIn(cdo, 'cdo')
  const areas = await (await cdo.request.get('/api/v1/service-areas')).json()
  const made = await cdo.request.post('/api/v1/deployments', {
    data: {
      name: { en: 'Sort parcels' },
      serviceArea: areas.items[0].id,
      useFamily: 'other',
      purpose: { en: 'Faster parcels' },
      owner: 'Head of post',
      decisionStatus: 'idea',
    },
  })
  expect(made.status(), await made.text()).toBe(201)
  await other.close()
  await expect(news).toBeVisible()
  await expectGood(page)
  await news.getByRole('link', { name: 'Reload the page' }).click()
  await expect(page.getByRole('main')).toContainText('What others have done since')
})
