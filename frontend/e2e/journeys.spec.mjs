// The main journeys, through the real binary with the demo's data. Those that
// change a record are made so that the order of the tests does not matter.

import { expect, test } from '@playwright/test'
import { expectAccessible } from './axe.mjs'
import { password, signIn } from './people.mjs'

/** What the browser itself complains of: a blocked script, a missing file. */
test.beforeEach(async ({ page }, info) => {
  info.complaints = []
  page.on('console', (m) => {
    // A form that is refused answers 422, which the browser reports as an error.
    if (m.type() === 'error' && !/status of 4(01|03|04|22)/.test(m.text())) info.complaints.push(m.text())
  })
  page.on('pageerror', (err) => info.complaints.push(String(err)))
})

test.afterEach(async ({ page: _ }, info) => {
  expect(info.complaints, 'what the browser complained of').toEqual([])
})

test('a digital officer signs in, opens a deployment and reads its gate', async ({ page }) => {
  await signIn(page, 'cdo')
  await expect(page.getByText('Deployments whose next gate is shut').first()).toBeVisible()
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Register' }).click()
  await page.getByRole('row', { name: /DEP-2026-003/ }).getByRole('link').click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('case notes')
  await page.getByLabel('Gate into which stage').selectOption({ label: 'Live' })
  await page.getByRole('button', { name: 'Read the gate' }).click()
  const verdict = page.getByRole('region', { name: /The gate into “Live” is shut/ })
  await expect(verdict).toContainText('What to do:')
  await expect(verdict).toContainText('A guardrail has been breached')
  await expect(page.getByText('UNISON, before the pilot: Wednesday 4 November 2026')).toBeVisible()
  await expect(page.getByText(/2 days, .* are not counted, so Monday 2 November 2026 becomes Wednesday 4 November 2026/)).toBeVisible()
})

test('the same gate is read in Welsh', async ({ page }) => {
  await page.goto('/en/deployments/DEP-2026-003?to=live')
  await page.getByRole('link', { name: 'Cymraeg' }).click()
  await expect(page).toHaveURL('/cy/deployments/DEP-2026-003?to=live')
  await expect(page.locator('html')).toHaveAttribute('lang', 'cy')
  await expect(page.getByRole('region', { name: /mae’r porth i’r cam “Ar waith” ar gau/ })).toBeVisible()
  await expect(page.getByText('UNISON, cyn y peilot: dydd Mercher 4 Tachwedd 2026')).toBeVisible()
})

test('somebody without an account reads what is published', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Register' }).click()
  await expect(page.getByText('2 deployments')).toBeVisible()
  await page.getByRole('link', { name: /Rank applications/ }).click()
  await expect(page.getByText('Late', { exact: true }).first()).toBeVisible()
  await expect(page.getByText(/Marked late on/)).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Information requests' })).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Send comment' })).toHaveCount(0)
})

test('the register is searched, filtered and found empty', async ({ page }) => {
  await page.goto('/en/register')
  await page.getByLabel('Search').fill('case notes')
  await page.getByRole('button', { name: 'Show' }).click()
  await expect(page.getByText('1 deployment', { exact: true })).toBeVisible()
  await expect(page).toHaveURL(/q=case\+notes/)
  await page.getByLabel('Stage', { exact: true }).selectOption({ label: 'Retired' })
  await page.getByRole('button', { name: 'Show' }).click()
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible()
  await expect(page.getByLabel('Search')).toHaveValue('case notes')
  await page.getByRole('link', { name: 'Clear the filters' }).click()
  await expect(page.getByText('2 deployments')).toBeVisible()
})

test('a refused sign-in keeps the address and moves the focus', async ({ page }) => {
  await page.goto('/en/sign-in')
  await page.getByLabel('E-mail address').fill('unison@tywi.example')
  await page.getByLabel('Password').fill('wrong')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveTitle(/^Error: Sign in/)
  await expect(page.locator('.govuk-error-summary')).toBeFocused()
  await expect(page.getByLabel('E-mail address')).toHaveValue('unison@tywi.example')
  await page.getByRole('link', { name: 'The e-mail address or the password is wrong.' }).click()
  await expect(page.getByLabel('E-mail address')).toBeFocused()
  await expectAccessible(page)
})

test('the skip link leads past the header by keyboard', async ({ page }) => {
  await page.goto('/en/register')
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: 'Skip to main content' })
  await expect(skip).toBeFocused()
  await expect(skip).toBeInViewport()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await expect(page.getByLabel('Search')).toBeFocused()
})

test('nothing is wider than a narrow screen', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 })
  for (const path of ['/en/register', '/cy/deployments/DEP-2026-003?to=live', '/cy/notices/N-2026-001']) {
    await page.goto(path)
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width, path).toBeLessThanOrEqual(320)
  }
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('a UNISON officer comments on a deployment', async ({ page }) => {
    const words = `Caseloads must not rise (${Date.now()}).`
    await signIn(page, 'unison')
    await page.goto('/en/deployments/DEP-2026-003')
    await page.getByLabel('Your comment').fill(words)
    await page.getByRole('button', { name: 'Send comment' }).click()
    await expect(page).toHaveTitle(/^Error: /)
    await expect(page.getByRole('link', { name: 'Kind of comment: Give an answer.' })).toBeVisible()
    await expect(page.getByLabel('Your comment')).toHaveValue(words)
    await page.getByLabel('Kind of comment').selectOption({ label: 'Concern' })
    await page.getByLabel('What it touches').selectOption({ label: 'Workload and intensity' })
    await page.getByRole('button', { name: 'Send comment' }).click()
    await expect(page).toHaveURL('/en/deployments/DEP-2026-003#comments')
    await expect(page.getByRole('alert')).toContainText('Your comment is on the record.')
    await expect(page.getByRole('article').filter({ hasText: words })).toContainText('UNISON: Concern')
  })

  test('a union officer follows the mail, signs in and acknowledges a notice', async ({ page }) => {
    await page.goto('/en/notices/N-2026-002/acknowledge')
    await expect(page).toHaveURL(/\/en\/sign-in\?next=/)
    await page.getByLabel('E-mail address').fill('gmb@tywi.example')
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page).toHaveURL('/en/notices/N-2026-002/acknowledge')
    await page.getByRole('button', { name: 'Acknowledge notice N-2026-002 for GMB' }).click()
    await expect(page).toHaveURL('/en/notices/N-2026-002')
    await expect(page.getByText('Notice N-2026-002 is acknowledged.')).toBeVisible()
    await expect(page.getByRole('row', { name: /GMB/ })).toContainText('Acknowledged')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page).toHaveURL('/en')
  })
})

for (const lang of ['en', 'cy']) {
  test(`what a machine can see of accessibility: ${lang}`, async ({ page }) => {
    const paths = [
      '',
      '/sign-in',
      '/register',
      '/register?q=nothing-like-it',
      '/deployments/DEP-2026-003?to=live',
      '/deployments/DEP-2026-003?to=live&at=nonsense',
      '/deployments/DEP-2026-007',
      '/notices/N-2026-001',
      '/nowhere',
    ]
    for (const path of paths) {
      await page.goto(`/${lang}${path}`)
      await expectAccessible(page)
    }
    await signIn(page, 'gmb', lang)
    for (const path of ['', '/deployments/DEP-2026-003', '/notices/N-2026-001', '/notices/N-2026-001/acknowledge']) {
      await page.goto(`/${lang}${path}`)
      await expectAccessible(page)
    }
  })
}
