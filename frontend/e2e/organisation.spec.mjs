// The organisation: what HR and an administrator keep of it, whom a notice would
// go to, and what these pages say of themselves.

import { expect, test } from '@playwright/test'
import { expectAccessible, expectGood } from './axe.mjs'
import { signIn } from './people.mjs'

test.beforeEach(async ({ page }, info) => {
  info.complaints = []
  page.on('console', (m) => {
    // A form that is refused answers 412 or 422, which the browser reports as an error.
    if (m.type() === 'error' && !/status of 4(12|22)/.test(m.text())) info.complaints.push(m.text())
  })
  page.on('pageerror', (err) => info.complaints.push(String(err)))
})

test.afterEach(async ({ page: _ }, info) => {
  expect(info.complaints, 'what the browser complained of').toEqual([])
})

/** Opens a page of the organisation by its contents page. */
async function open(page, name) {
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Organisation', exact: true }).click()
  await page.getByRole('main').getByRole('link', { name, exact: true }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name)
}

test('HR adds a job role, and two who change it at once see both', async ({ page, browser }) => {
  await signIn(page, 'hr')
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Organisation', exact: true }).click()
  await expectGood(page)
  await open(page, 'Job roles')
  await expectGood(page)
  await page.getByRole('link', { name: 'Add a job role' }).click()
  await page.getByLabel('Headcount, without agency staff').fill('a dozen')
  await page.getByRole('button', { name: 'Add the job role' }).click()
  await expect(page).toHaveTitle(/^Error: Add a job role/)
  await page.getByRole('alert').getByRole('link', { name: /^Headcount/ }).click()
  await expect(page.getByLabel('Headcount, without agency staff')).toBeFocused()
  await expectGood(page)
  await page.getByLabel('Title').fill('Lifeguard (e2e)')
  await page.getByLabel('Service area of the role').selectOption({ index: 1 })
  await page.getByLabel('Headcount, without agency staff').fill('12')
  await page.getByRole('button', { name: 'Add the job role' }).click()
  await expect(page.getByRole('row', { name: /^Lifeguard \(e2e\)/ })).toContainText('In no bargaining unit')

  await page.getByRole('link', { name: 'Lifeguard (e2e)' }).click()
  const context = await browser.newContext()
  const other = await context.newPage()
  await signIn(other, 'hr')
  await other.goto(page.url())
  await other.getByLabel('Site').fill('Pwll Nofio')
  await other.getByRole('button', { name: 'Save the job role' }).click()
  await expect(other.getByRole('alert')).toContainText('The job role is saved.')
  await context.close()
  await page.getByLabel('Headcount, without agency staff').fill('14')
  await page.getByRole('button', { name: 'Save the job role' }).click()
  await expect(page.getByRole('row', { name: /^Site/ })).toContainText('Pwll Nofio')
  await expect(page.getByLabel('Headcount, without agency staff')).toHaveValue('14')
  await expectGood(page)
})

test('whoever reads the organisation tries out who would be told', async ({ page }) => {
  await signIn(page, 'councillor')
  await open(page, 'Who would be told?')
  await page.getByLabel(/^Social worker/).first().check()
  await page.getByRole('button', { name: 'Show who would be told' }).click()
  await expect(page.getByRole('row', { name: /^UNISON/ })).toContainText('has been recognised since')
  await expect(page.getByLabel(/^Social worker/).first()).toBeChecked()
  await expectGood(page)
  await page.getByLabel('Year').fill('1999')
  await page.getByRole('button', { name: 'Show who would be told' }).click()
  await expect(page.getByText('These staff are told directly.')).toBeVisible()
})

test('the header takes a colour that white stands out from', async ({ page }) => {
  await signIn(page, 'admin')
  await open(page, 'Employer’s settings')
  const colour = page.getByLabel('Colour of the pages’ header')
  await colour.fill('#ffdd00')
  await page.getByRole('button', { name: 'Save the settings' }).click()
  await expect(page.getByRole('link', { name: /has a contrast of 1\.34 to 1/ })).toBeVisible()
  await expectGood(page)
  await colour.fill('#7a1f3d')
  await page.getByRole('button', { name: 'Save the settings' }).click()
  await expect(page.getByRole('alert')).toContainText('The settings are saved.')
  await expect(page.locator('.govuk-generic-header')).toHaveCSS('background-color', 'rgb(122, 31, 61)')
  await expectGood(page)
  // The other journeys go on with the header as it was.
  await colour.fill('')
  await page.getByRole('button', { name: 'Save the settings' }).click()
  await expect(page.locator('.govuk-generic-header')).toHaveCSS('background-color', 'rgb(11, 12, 12)')
})

const everybody = ['/accessibility', '/privacy', '/organisation/welsh']
const ofHR = [
  '/organisation/services', '/organisation/bargaining-units', '/organisation/unions', '/organisation/branches/new', '/organisation/recognitions', '/organisation/recognitions/new',
  '/organisation/service-addresses/new', '/organisation/closure-days', '/organisation/settings', '/organisation/profiles', '/organisation/profiles/wales-partnership',
]
const ofAdmin = ['/organisation', '/organisation/services', '/organisation/unions/new', '/organisation/officers/new']

// In English on a narrow screen, which nothing may be wider than; in Welsh in the usual width.
for (const lang of ['en', 'cy']) {
  test(`the pages of the organisation are good: ${lang}`, async ({ page }) => {
    if (lang === 'en') await page.setViewportSize({ width: 360, height: 740 })
    const good = async () => {
      await expect(page.locator('main')).not.toContainText('⟦')
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), page.url()).toBe(true)
      await expectAccessible(page)
    }
    for (const path of everybody) {
      await page.goto(`/${lang}${path}`)
      await good()
    }
    if (lang === 'cy') await expect(page.getByText('Nid yw cyfieithydd wedi gwirio’r holl Gymraeg hon eto.')).toBeVisible()
    await signIn(page, 'hr', lang)
    for (const path of ofHR) {
      await page.goto(`/${lang}${path}`)
      await good()
    }
    await page.goto(`/${lang}/organisation/recognitions`)
    await page.getByRole('main').getByRole('table').getByRole('link').first().click()
    await good()
    await page.context().clearCookies()
    await signIn(page, 'admin', lang)
    for (const path of ofAdmin) {
      await page.goto(`/${lang}${path}`)
      await good()
    }
  })
}
