// What is between the parties: a union's own room, meetings, disputes, joint
// statements, and what each person is told and owes.

import { expect, test } from '@playwright/test'
import { expectGood } from './axe.mjs'
import { signIn } from './people.mjs'

const about = 'DEP-2026-003'

// What one journey leaves behind, the next ones list.
test.describe.configure({ mode: 'serial' })

test.beforeEach(async ({ page }, info) => {
  info.complaints = []
  page.on('console', (m) => {
    // A form that is refused answers 422, and a page that is not there 404, which the browser reports as errors.
    if (m.type() === 'error' && !/status of 4(03|04|22)/.test(m.text())) info.complaints.push(m.text())
  })
  page.on('pageerror', (err) => info.complaints.push(String(err)))
})

test.afterEach(async ({ page: _ }, info) => {
  expect(info.complaints, 'what the browser complained of').toEqual([])
})

/** Somebody's own browser. */
async function desk(browser, name, options = {}) {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  await signIn(page, name)
  return page
}

/** Axe on this page in both languages. */
async function expectGoodInBoth(page) {
  const { pathname, search } = new URL(page.url())
  await expectGood(page)
  await page.goto(pathname.replace(/^\/en/, '/cy') + search)
  await expectGood(page)
  await page.goto(pathname + search)
}

async function fillDate(page, group, date) {
  const box = page.getByRole('group', { name: group })
  await box.getByLabel('Day').fill(String(date.getDate()))
  await box.getByLabel('Month').fill(String(date.getMonth() + 1))
  await box.getByLabel('Year').fill(String(date.getFullYear()))
}

const inDays = (n) => new Date(Date.now() + n * 86_400_000)

test('a draft stays in the room until an officer files it', async ({ page, browser }) => {
  const words = 'We ask that the limit on cases is watched from the first day.'
  await signIn(page, 'unison')
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Union room' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Room of UNISON')
  await expect(page.getByRole('heading', { name: 'Who else could see into this room' })).toBeVisible()
  await page.getByRole('link', { name: 'Write a draft reply' }).click()
  await page.getByRole('button', { name: 'Keep it in the room' }).click()
  await expect(page).toHaveTitle(/^Error: /)
  await expectGood(page)
  await page.getByLabel('Title').fill('Our answer on caseloads')
  await page.getByLabel('Deployment it is about').fill(about)
  await page.getByLabel('Text', { exact: true }).fill(words)
  await page.getByRole('button', { name: 'Keep it in the room' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Our answer on caseloads')
  await expectGoodInBoth(page)
  const entry = new URL(page.url()).pathname
  for (const step of ['edit', 'attachments', 'remove']) {
    await page.goto(`${entry}/${step}`)
    await expectGoodInBoth(page)
  }

  const employer = await desk(browser, 'cdo')
  expect((await employer.goto(entry)).status()).toBe(404)
  expect((await employer.goto('/en/room')).status()).toBe(404)
  await employer.goto(`/en/deployments/${about}`)
  await expect(employer.getByText(words)).toHaveCount(0)

  await page.goto(entry)
  await page.getByRole('link', { name: 'File this draft' }).click()
  await expect(page.getByText('From then on the employer and the other parties read it')).toBeVisible()
  await expectGoodInBoth(page)
  await page.getByRole('button', { name: `File it on ${about}` }).click()
  await expect(page.getByText('The draft is filed.')).toBeVisible()
  await employer.reload()
  await expect(employer.getByText(words)).toHaveCount(1)
  await employer.context().close()

  await page.goto('/en/room/new?kind=concern')
  await page.getByLabel('Title').fill('Drafts leave things out')
  await page.getByRole('button', { name: 'Keep it in the room' }).click()
  await page.getByLabel('Members').fill('3')
  await page.getByRole('button', { name: 'Add these members' }).click()
  await expect(page.getByText('Fewer than 5 members')).toBeVisible()
  await expectGood(page)
  await page.goto('/en/room')
  await expectGoodInBoth(page)
})

test('a meeting is cancelled, replaced and held, and its minutes are agreed', async ({ page, browser }) => {
  test.setTimeout(180_000)
  await signIn(page, 'unison')
  await page.goto(`/en/meetings/new?deployment=${about}`)
  await expectGoodInBoth(page)
  await page.getByLabel('What the meeting is about').fill('The caseload guardrail')
  await page.getByLabel('Kind of meeting').selectOption({ label: 'Consultation' })
  await fillDate(page, 'Day', inDays(10))
  await page.getByLabel('Time').fill('10:30')
  await page.getByLabel('Place').fill('County Hall')
  await page.getByRole('button', { name: 'Offer the meeting' }).click()
  await expect(page.getByText('The meeting has been offered.')).toBeVisible()
  const first = new URL(page.url()).pathname

  const employer = await desk(browser, 'hr')
  await employer.goto(first)
  await employer.getByRole('link', { name: 'Cancel the meeting' }).click()
  await expectGood(employer)
  await employer.getByRole('button', { name: 'Cancel the meeting for: The employer' }).click()
  await employer.getByRole('alert').getByRole('link', { name: /^Why it is cancelled/ }).click()
  await expect(employer.getByLabel('Why it is cancelled')).toBeFocused()
  await employer.getByLabel('Why it is cancelled').fill('The room is flooded.')
  await employer.getByRole('button', { name: 'Cancel the meeting for: The employer' }).click()
  await expect(employer.getByText('Cancelled by the employer, not replaced')).toBeVisible()
  await expectGoodInBoth(employer)
  await employer.getByRole('link', { name: 'Offer a meeting in its place' }).click()
  await expect(employer.getByLabel('What the meeting is about')).toHaveValue('The caseload guardrail')

  // A meeting is recorded as held when its time has come: this one is in a minute.
  const now = Date.now()
  const start = new Date(Math.ceil((now + 15_000) / 60_000) * 60_000)
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', year: 'numeric', month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false })
  const part = Object.fromEntries(clock.formatToParts(start).map((p) => [p.type, p.value]))
  const day = employer.getByRole('group', { name: 'Day' })
  await day.getByLabel('Day').fill(part.day)
  await day.getByLabel('Month').fill(part.month)
  await day.getByLabel('Year').fill(part.year)
  await employer.getByLabel('Time').fill(`${part.hour}:${part.minute}`)
  await employer.getByRole('button', { name: 'Offer the meeting' }).click()
  await expect(employer.getByText('In place of')).toBeVisible()
  const second = new URL(employer.url()).pathname
  await page.goto(first)
  await expect(page.getByText('Replaced by')).toBeVisible()

  await expect
    .poll(
      async () => {
        await employer.goto(second)
        return employer.getByRole('link', { name: 'Record that it was held' }).count()
      },
      { timeout: 100_000, intervals: [5_000] },
    )
    .toBe(1)
  await employer.getByRole('link', { name: 'Record that it was held' }).click()
  await employer.getByLabel('How many came of: The employer').fill('2')
  await employer.getByLabel('How many came of: UNISON').fill('3')
  await expectGood(employer)
  await employer.getByRole('button', { name: 'Record that it was held' }).click()
  await employer.getByRole('link', { name: 'Write minutes' }).click()
  await employer.getByLabel('Minutes').fill('The limit is 24 cases.\n\nIt is looked at each month.')
  await employer.getByRole('button', { name: 'Put these minutes forward' }).click()
  await expect(employer.getByRole('heading', { name: 'Minutes 1, written by The employer' })).toBeVisible()
  await page.goto(second)
  await page.getByRole('link', { name: 'Agree to the minutes' }).click()
  await expectGood(page)
  await page.getByRole('button', { name: 'Agree to minutes 1 for: UNISON' }).click()
  await expect(page.getByText('Agreed by all who came')).toBeVisible()
  await expectGoodInBoth(page)
  await employer.context().close()
})

test('a dispute keeps the status quo, and the gate says so', async ({ page, browser }) => {
  await signIn(page, 'unison')
  await page.goto(`/en/deployments/${about}/dispute`)
  await expect(page.getByText('Opening it keeps the status quo')).toBeVisible()
  await expectGoodInBoth(page)
  await page.getByLabel('What it is about').fill('Caseloads have risen')
  await page.getByRole('button', { name: 'Open the dispute' }).click()
  await expect(page).toHaveTitle(/^Error: /)
  await expect(page.getByLabel('What it is about')).toHaveValue('Caseloads have risen')
  await page.getByLabel('What you ask for').fill('The pilot stops until the limit is kept.')
  await page.getByRole('button', { name: 'Open the dispute' }).click()
  await expect(page.getByText(/The status quo holds until/)).toBeVisible()
  await expect(page.getByRole('listitem').filter({ hasText: 'Local discussion' }).first()).toContainText('Present stage')
  await expectGoodInBoth(page)
  const dispute = new URL(page.url()).pathname
  const number = dispute.split('/').at(-1)
  for (const step of ['extend', 'lift', 'advance', 'settle']) {
    await page.goto(`${dispute}/${step}`)
    await expectGoodInBoth(page)
  }
  await page.goto(`/en/deployments/${about}`)
  await expect(page.locator('#gate-verdict').locator('xpath=..')).toContainText(number)
  await expect(page.getByRole('heading', { name: 'Partnership' })).toBeVisible()
  await expectGoodInBoth(page)

  const employer = await desk(browser, 'cdo')
  await employer.goto(`${dispute}/lift`)
  await employer.getByLabel('Your reasons').fill('The limit is kept since Monday.')
  await employer.getByRole('button', { name: 'Ask the other side to lift it' }).click()
  await expect(employer.getByText('The other side has been asked.')).toBeVisible()
  await employer.context().close()
  await page.goto(dispute)
  await page.getByRole('link', { name: 'Agree to lift the status quo' }).click()
  await expectGood(page)
  await page.getByRole('button', { name: 'Agree, and lift the status quo' }).click()
  await expect(page.getByText('UNISON agreed: the status quo was lifted')).toBeVisible()
  await page.goto(`/en/deployments/${about}`)
  await expect(page.locator('#gate-verdict').locator('xpath=..')).not.toContainText(number)
})

test('a joint statement is signed by one union and refused by another', async ({ page, browser }) => {
  await signIn(page, 'hr')
  await page.goto('/en/statements/new')
  await expectGoodInBoth(page)
  await page.getByLabel('Title').fill('On the pilot')
  await page.getByLabel('UNISON').check()
  await page.getByLabel('GMB').check()
  await page.getByLabel('Text of the statement').fill('The pilot was worth doing.')
  await page.getByRole('button', { name: 'Sign and propose it' }).click()
  await expect(page.getByText('The statement has been proposed.')).toBeVisible()
  const at = new URL(page.url()).pathname

  const unison = await desk(browser, 'unison')
  await unison.goto(`${at}/sign`)
  await expectGood(unison)
  await unison.getByRole('button', { name: 'Sign the statement for: UNISON' }).click()
  await expect(unison.getByText('The statement is signed.')).toBeVisible()
  await unison.context().close()
  const gmb = await desk(browser, 'gmb')
  await gmb.goto(`${at}/refuse`)
  await expectGood(gmb)
  await gmb.getByLabel('Your own text').fill('It was done before we were asked.')
  await gmb.getByRole('button', { name: 'Record that it is not agreed, for: GMB' }).click()
  await expect(gmb.getByText('In the words of: GMB')).toBeVisible()
  await expect(gmb.getByText('The pilot was worth doing.')).toBeVisible()
  await expect(gmb.getByText('It was done before we were asked.')).toBeVisible()
  await expectGoodInBoth(gmb)
  await gmb.context().close()
})

test('everybody finds what they are told and what they owe', async ({ page }) => {
  await signIn(page, 'unison')
  await expect(page.getByRole('heading', { name: 'What you owe' })).toBeVisible()
  for (const path of ['/en/duties', '/en/inbox']) {
    await page.goto(path)
    await expectGoodInBoth(page)
  }
  await page.goto('/en/notifications')
  await page.getByRole('group', { name: 'Disputes' }).getByLabel('In the inbox only').check()
  await page.getByRole('button', { name: 'Keep these choices' }).click()
  await expect(page.getByText('Your choices are kept.')).toBeVisible()
  await expect(page.getByRole('group', { name: 'Disputes' }).getByLabel('In the inbox only')).toBeChecked()
  await expectGoodInBoth(page)
  await page.getByRole('button', { name: 'Make a private calendar address' }).click()
  await expect(page.locator('#token')).toContainText('/calendar/')
  await expectGood(page)
  const address = new URL(await page.locator('#token').innerText())
  expect(address.pathname).toMatch(/^\/calendar\/.+\.ics$/)
  await page.goto('/en/notifications')
  await page.getByRole('button', { name: 'End the address' }).click()
  await expect(page.getByText('The calendar address has ended.')).toBeVisible()
})

test('the employer’s pages are good, and those of the administrator', async ({ page, browser }) => {
  test.setTimeout(240_000)
  await signIn(page, 'cdo')
  for (const path of ['partnership', 'disputes', 'meetings', 'engagements', 'questionnaires', 'actions', 'barriers', 'statements', `deployments/${about}/costs`, 'flags', 'hooks', 'messages', 'duties', 'engagements/new', 'questionnaires/new']) {
    await page.goto(`/en/${path}`)
    await expectGoodInBoth(page)
  }
  const admin = await desk(browser, 'admin')
  for (const path of ['messages', 'notification-settings', 'inbox']) {
    await admin.goto(`/en/${path}`)
    await expectGoodInBoth(admin)
  }
  await admin.context().close()

  // One of each, so that their own pages have something to show.
  await page.goto('/en/engagements/new')
  await page.getByLabel('What it was').fill('Focus group of agency workers')
  await page.getByLabel('Kind', { exact: true }).selectOption({ label: 'Focus group' })
  await fillDate(page, 'Day on which it was held', inDays(-2))
  await page.getByLabel('Job family, row 1', { exact: true }).fill('Social work')
  await page.getByLabel('Staff, row 1', { exact: true }).fill('30')
  await page.getByLabel('Invited, row 1', { exact: true }).fill('10')
  await page.getByLabel('Attended, row 1', { exact: true }).fill('9')
  await page.getByRole('button', { name: 'Add another group' }).click()
  await expect(page.getByLabel('Job family, row 1', { exact: true })).toHaveValue('Social work')
  await page.getByLabel('Job family, row 4', { exact: true }).fill('Agency')
  await page.getByLabel('Staff, row 4', { exact: true }).fill('30')
  await page.getByLabel('What was said, row 1', { exact: true }).fill('Nobody asked us.')
  await page.getByRole('button', { name: 'Record it' }).last().click()
  await expect(page.getByText('Under-represented', { exact: true })).toBeVisible()
  await expectGoodInBoth(page)

  await page.goto('/en/questionnaires/new')
  await page.getByLabel('Title in English').fill('Yearly questions')
  await page.getByLabel('UNISON').check()
  await fillDate(page, 'Closing day', inDays(10))
  await page.getByLabel('Question in English, row 1', { exact: true }).fill('Were you told in time?')
  await page.getByRole('button', { name: 'Send it to the unions' }).last().click()
  await expect(page.getByText('The questionnaire has been sent.')).toBeVisible()
  await expectGoodInBoth(page)
  const questions = new URL(page.url()).pathname
  const union = await desk(browser, 'unison')
  await union.goto(`${questions}/answer`)
  await expectGoodInBoth(union)
  await union.getByLabel('1. Were you told in time?').fill('Not once.')
  await union.getByRole('button', { name: 'Check the answers' }).click()
  await expect(union.getByRole('heading', { level: 1 })).toHaveText('Check your answers before you file them')
  await expectGood(union)
  await union.getByRole('button', { name: 'File these answers' }).click()
  await expect(union.getByText('Your union’s answers are filed.')).toBeVisible()
  await union.context().close()

  await page.goto('/en/actions')
  await page.getByLabel('What is to be done').fill('Count the cases each month.')
  await page.getByLabel('Office that sees to it').fill('Head of adult services')
  await fillDate(page, 'Day by which it is to be done', inDays(20))
  await page.getByRole('button', { name: 'Add the action' }).click()
  await page.getByRole('link', { name: /^Say that ACT-\d+-\d+ is done/ }).first().click()
  await expectGoodInBoth(page)
  await page.goto('/en/barriers')
  await page.getByLabel('What stands in the way').fill('Meetings clash with shifts.')
  await page.getByRole('button', { name: 'Raise the barrier' }).click()
  await expect(page.getByText('The barrier has been raised.')).toBeVisible()
  await page.goto(`/en/deployments/${about}/costs`)
  await page.getByLabel('Kind of amount').selectOption({ label: 'One-off cost' })
  await page.getByLabel('Amount in pounds').fill('12,34')
  await page.getByRole('button', { name: 'Enter the amount' }).click()
  await expect(page.getByRole('link', { name: /is not an amount such as 1,234.56/ })).toBeVisible()
  await expectGood(page)
  await page.getByLabel('Amount in pounds').fill('1,234.56')
  await page.getByRole('button', { name: 'Enter the amount' }).click()
  await expect(page.getByRole('row', { name: /1,234\.56/ }).first()).toBeVisible()
  await page.getByRole('link', { name: 'Take back £1,234.56' }).click()
  await expectGood(page)
  await page.getByLabel('Why it is taken back').fill('Entered twice.')
  await page.getByRole('button', { name: 'Take back £1,234.56' }).click()
  await expect(page.locator('s', { hasText: '£1,234.56' })).toBeVisible()
  await expectGoodInBoth(page)
})

test('the lists work without JavaScript', async ({ browser }) => {
  const page = await desk(browser, 'unison', { javaScriptEnabled: false })
  for (const [path, heading] of [
    ['partnership', 'Partnership'], ['disputes', 'Disputes'], ['meetings', 'Meetings'], ['engagements', 'Engagement with staff'], ['questionnaires', 'Questionnaires'], ['actions', 'Actions'],
    ['barriers', 'Barriers to partnership'], ['statements', 'Joint statements'], ['room', 'Room of UNISON'], ['inbox', 'Inbox'], ['notifications', 'What you are told'], ['duties', 'What you owe'],
  ]) {
    await page.goto(`/en/${path}`)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading)
  }
  await page.goto('/en/barriers')
  await page.getByLabel('What stands in the way').fill('No room to meet in.')
  await page.getByRole('button', { name: 'Raise the barrier' }).click()
  await expect(page.getByText('The barrier has been raised.')).toBeVisible()
  await expect(page.getByText('No room to meet in.')).toBeVisible()
  await page.context().close()
})
