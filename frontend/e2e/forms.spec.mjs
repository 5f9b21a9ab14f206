// What is typed is never lost, and what is sent twice counts once.

import { expect, test } from '@playwright/test'
import { answer } from './answers.mjs'
import { expectGood } from './axe.mjs'
import { password, signIn } from './people.mjs'

/** Registers a draft of one's own, and gives its reference. */
async function draft(page, name) {
  await page.goto('/en/deployments/new')
  await answer(page, 'name', name)
  await answer(page, 'purpose', 'Something to try')
  await answer(page, 'serviceArea', { index: 1 })
  await answer(page, 'useFamily', 'drafting')
  await answer(page, 'owner', 'Head of libraries')
  await answer(page, 'decisionStatus', 'idea')
  await page.getByRole('button', { name: 'Register and go on' }).click()
  await page.waitForURL(/\/prepare$/)
  return page.url().match(/DEP-\d+-\d+/)[0]
}

test('two people who save at once see both texts, and nothing is lost', async ({ page, browser }) => {
  await signIn(page, 'cdo')
  const ref = await draft(page, `Answer letters ${Date.now()}`)
  const path = `/en/deployments/${ref}/prepare/purpose`
  await page.goto(path)
  const other = await (await browser.newContext()).newPage()
  await signIn(other, 'cdo')
  await other.goto(path)
  await answer(other, 'purpose.en', 'What the other wrote')
  await answer(other, 'problem.en', 'A problem that only the other saw')
  await other.getByRole('button', { name: 'Save and go back to the list' }).click()
  await other.waitForURL(/\/prepare$/)

  await answer(page, 'purpose.en', 'What I wrote')
  await answer(page, 'expectedBenefit.en', 'A benefit that only I saw')
  await page.getByRole('button', { name: 'Save and go back to the list' }).click()
  await expect(page.getByText('Somebody else saved this meanwhile')).toBeVisible()
  await expect(page.getByRole('row', { name: /^Purpose/ })).toContainText('What the other wrote')
  await expect(page.getByRole('row', { name: /^Purpose/ })).toContainText('What I wrote')
  await expect(page.locator('[name="purpose.en"]')).toHaveValue('What I wrote')
  await expect(page.locator('[name="problem.en"]')).toHaveValue('A problem that only the other saw')
  await expectGood(page)
  await page.getByRole('button', { name: 'Save and go back to the list' }).click()
  await page.waitForURL(/\/prepare$/)
  await page.goto(`/en/deployments/${ref}`)
  for (const text of ['What I wrote', 'A problem that only the other saw', 'A benefit that only I saw']) {
    await expect(page.getByText(text).first()).toBeVisible()
  }
  await page.goto(`/en/deployments/${ref}/versions/3`)
  await expect(page.locator('#changed + table, #changed ~ table').first()).toContainText('What the other wrote')
  await expectGood(page)
})

test('what was typed and not sent is offered again, and is nobody else’s', async ({ page, browser }) => {
  await signIn(page, 'cdo')
  const ref = await draft(page, `Sort letters ${Date.now()}`)
  const path = `/en/deployments/${ref}/prepare/purpose`
  await page.goto(path)
  await answer(page, 'purpose.en', 'Half a thought')
  await answer(page, 'alternatives[0].text.en', 'A first way')
  await page.getByRole('button', { name: 'Add an alternative' }).click()
  await answer(page, 'alternatives[1].text.en', 'A second way')
  await expect(page.getByText('What you have typed is kept, and not yet sent.')).toBeVisible()
  const elsewhere = await (await browser.newContext()).newPage()
  await signIn(elsewhere, 'cdo')
  await elsewhere.goto(path)
  await expect(elsewhere.getByText(/you typed something here that was not sent/)).toBeVisible()
  await expectGood(elsewhere)
  await elsewhere.getByRole('button', { name: 'Put it back' }).click()
  await expect(elsewhere.locator('[name="alternatives[1].text.en"]')).toHaveValue('A second way')
  await expect(elsewhere.locator('[name="purpose.en"]')).toHaveValue('Half a thought')
  const manager = await (await browser.newContext()).newPage()
  await signIn(manager, 'approver')
  const kept = await manager.request.get(`/en/keep?path=${encodeURIComponent(path.slice(3))}`)
  expect(kept.status()).toBe(204)
  await elsewhere.getByRole('button', { name: 'Save and go back to the list' }).click()
  await elsewhere.waitForURL(/\/prepare$/)
  await elsewhere.goto(path)
  await expect(elsewhere.getByText(/you typed something here that was not sent/)).toHaveCount(0)
})

test('without a network nothing is sent, and the text stays', async ({ page, context }) => {
  await signIn(page, 'cdo')
  const ref = await draft(page, `Read letters ${Date.now()}`)
  await page.goto(`/en/deployments/${ref}/prepare/purpose`)
  await answer(page, 'purpose.en', 'Typed on a train')
  await context.setOffline(true)
  await page.getByRole('button', { name: 'Save and go back to the list' }).click()
  await expect(page.getByText('There is no network.')).toBeVisible()
  await expect(page.locator('[name="purpose.en"]')).toHaveValue('Typed on a train')
  await context.setOffline(false)
  await page.getByRole('button', { name: 'Save and go back to the list' }).click()
  await page.waitForURL(/\/prepare$/)
})

test('a session that has ended asks for a sign-in, and the form goes on', async ({ page, context }) => {
  await signIn(page, 'cdo')
  const ref = await draft(page, `Fold letters ${Date.now()}`)
  await page.goto(`/en/deployments/${ref}/prepare/purpose`)
  await answer(page, 'purpose.en', 'Typed before lunch')
  await context.clearCookies()
  await page.getByRole('button', { name: 'Save and go back to the list' }).click()
  await expect(page.getByRole('heading', { name: 'You have been signed out' })).toBeVisible()
  await expectGood(page)
  const [tab] = await Promise.all([context.waitForEvent('page'), page.getByRole('link', { name: 'Sign in (opens in a new tab)' }).click()])
  await tab.locator('#email').fill('cdo@tywi.example')
  await tab.locator('#password').fill(password)
  await tab.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(tab).toHaveURL('/en')
  await page.getByRole('button', { name: 'Send it again' }).click()
  await page.waitForURL(/\/prepare$/)
  await page.goto(`/en/deployments/${ref}`)
  await expect(page.getByText('Typed before lunch')).toBeVisible()
})

test('scripts, other directions and long texts are only text', async ({ page }) => {
  page.on('dialog', () => {
    throw new Error('a script ran')
  })
  await signIn(page, 'cdo')
  const ref = await draft(page, `Weigh <script>alert(1)</script> letters ${Date.now()}`)
  await page.goto(`/en/deployments/${ref}/prepare/purpose`)
  const rtl = '\u202eنص من اليمين\u202c <img src=x onerror=alert(1)> "quoted" \'text\' {{.name}}'
  await answer(page, 'problem.en', rtl)
  await answer(page, 'previousProcess.en', 'word '.repeat(2000))
  await page.getByRole('button', { name: 'Save and go back to the list' }).click()
  await page.waitForURL(/\/prepare$/)
  await page.goto(`/en/deployments/${ref}`)
  await expect(page.getByText(rtl)).toBeVisible()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('<script>alert(1)</script>')
  await page.setViewportSize({ width: 320, height: 640 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
  await page.goto(`/en/deployments/${ref}/prepare/about`)
  await answer(page, 'name.en', 'x'.repeat(101))
  await page.locator('main form .govuk-button-group button[value=save]').click()
  await expect(page.getByRole('link', { name: /^Name, in English: .*100/ })).toBeVisible()
  await page.getByRole('link', { name: /^Name, in English: / }).click()
  await expect(page.locator('[name="name.en"]')).toBeFocused()
})

test('a form that is sent twice counts once, and a 403 says who can', async ({ page }) => {
  await signIn(page, 'unison')
  const words = `Sent twice ${Date.now()}`
  await page.goto('/en/deployments/DEP-2026-003/requests/new')
  await page.locator('[name=question]').fill(words)
  const button = page.getByRole('button', { name: 'Send the request' })
  const sent = await page.locator('main form').evaluate((form) => Object.fromEntries(new FormData(form)))
  await button.dblclick()
  await expect(page).toHaveURL(/#requests$/)
  // The very same form once more, as a browser sends it that loads the answer again.
  const again = await page.request.post('/en/deployments/DEP-2026-003/requests/new', { form: sent, maxRedirects: 0 })
  expect(again.status()).toBe(303)
  await page.reload()
  await expect(page.getByText(words, { exact: true })).toHaveCount(1)
  await page.goto('/en/deployments/new')
  await expect(page.getByText('Who can: Chief digital officer’s team', { exact: false })).toBeVisible()
})

test('what is put back does not undo what somebody else saved meanwhile', async ({ page, browser }) => {
  await signIn(page, 'cdo')
  const ref = await draft(page, `File letters ${Date.now()}`)
  const path = `/en/deployments/${ref}/prepare/purpose`
  await page.goto(path)
  await answer(page, 'problem.en', 'Kept, and not sent')
  await expect(page.getByText('What you have typed is kept, and not yet sent.')).toBeVisible()
  const other = await (await browser.newContext()).newPage()
  await signIn(other, 'cdo')
  await other.goto(path)
  await other.getByRole('button', { name: 'Throw it away' }).click()
  await answer(other, 'purpose.en', 'What the other saved')
  await other.getByRole('button', { name: 'Save and go back to the list' }).click()
  await other.waitForURL(/\/prepare$/)
  // The first tab kept it against the version before.
  await answer(page, 'problem.en', 'Kept, and not sent, once more')
  await expect(page.getByText('What you have typed is kept, and not yet sent.')).toBeVisible()
  const kept = page.waitForResponse((r) => r.url().includes('/keep') && r.request().method() === 'POST')
  await answer(page, 'problem.en', 'Kept to the end')
  await kept
  await page.goto(path)
  await page.getByRole('button', { name: 'Put it back' }).click()
  await page.getByRole('button', { name: 'Save and go back to the list' }).click()
  await expect(page.getByText('Somebody else saved this meanwhile')).toBeVisible()
  await expect(page.locator('[name="purpose.en"]')).toHaveValue('What the other saved')
  await expect(page.locator('[name="problem.en"]')).toHaveValue('Kept to the end')
})
