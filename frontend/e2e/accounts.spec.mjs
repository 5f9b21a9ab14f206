// Journeys through accounts: how people come in, prove who they are, invite
// others and lose nothing on the way. Each makes a person of its own.

import { createHmac } from 'node:crypto'
import { expect, test } from '@playwright/test'
import { expectAccessible } from './axe.mjs'
import { expectLetter, linkIn } from './mail.mjs'

const demo = 'beforehand-demo'
const phrase = 'a wholly new phrase'

test.beforeEach(async ({ page }, info) => {
  info.complaints = []
  page.on('console', (m) => {
    if (m.type() === 'error' && !/status of 4(01|03|04|09|22)/.test(m.text())) info.complaints.push(m.text())
  })
  page.on('pageerror', (err) => info.complaints.push(String(err)))
})

test.afterEach(async ({ page: _ }, info) => {
  expect(info.complaints, 'what the browser complained of').toEqual([])
})

async function signIn(page, name, password = demo, path = '/en/sign-in') {
  await page.goto(path)
  await page.getByLabel('E-mail address').fill(`${name}@tywi.example`)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Has an administrator invite somebody, who then makes an account. */
async function newcomer(browser, page, name, role = 'HR or workforce lead') {
  const admin = await browser.newContext()
  const desk = await admin.newPage()
  await signIn(desk, 'admin')
  await desk.goto('/en/people')
  await desk.getByLabel('E-mail address').fill(`${name}@tywi.example`)
  await desk.getByLabel('Their name').fill(`E2E ${name}`)
  await desk.getByLabel('Role', { exact: true }).selectOption({ label: role })
  await desk.getByRole('button', { name: 'Send the invitation' }).click()
  await expect(desk.getByText(`An invitation is on its way to ${name}@tywi.example.`)).toBeVisible()
  await admin.close()
  const link = await linkIn(`${name}@tywi.example`, '/en/invitation')
  await page.goto(link)
  await expect(page).toHaveURL('/en/invitation') // the code is out of the address
  await expect(page.getByLabel('Code from the mail')).not.toHaveValue('')
  await page.getByRole('button', { name: 'Look at the invitation' }).click()
  await expect(page.getByText('Non Griffiths invites you')).toBeVisible()
  await page.getByLabel('New password').fill(phrase)
  await page.getByRole('button', { name: 'Make my account' }).click()
  await expect(page.getByText('You have accepted the invitation.')).toBeVisible()
  await expect(page.getByText(`Signed in: E2E ${name}`)).toBeVisible()
  return link
}

/** A security key of the browser's own, which says yes to everything. */
async function authenticator(page) {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

/** The one-time code of a secret in base32 (RFC 6238). */
function totp(secret, at = Date.now()) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => Number.parseInt(b, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  const value = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff
  return String(value % 1_000_000).padStart(6, '0')
}

async function signOut(page) {
  await page.getByRole('button', { name: 'Sign out' }).click()
}

test('an invitation is accepted once', async ({ page, browser }) => {
  const link = await newcomer(browser, page, 'once')
  await expectAccessible(page)
  await signOut(page)
  await page.goto(link)
  await page.getByRole('button', { name: 'Look at the invitation' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'This invitation has been used, taken back, or has lapsed.' })).toBeVisible()
})

test('a forgotten password is reset by mail, and the old one is worth nothing', async ({ page, browser }) => {
  await newcomer(browser, page, 'forgetful')
  await signOut(page)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'Forgotten your password?' }).click()
  await page.getByLabel('E-mail address').fill('forgetful@tywi.example')
  await page.getByRole('button', { name: 'Mail me a code' }).click()
  await expect(page.getByText('If there is an account with this address')).toBeVisible()
  await page.goto(await linkIn('forgetful@tywi.example', '/en/reset-password'))
  await expect(page).toHaveURL('/en/reset-password')
  await page.getByLabel('New password').fill('password1234')
  await page.getByRole('button', { name: 'Change my password' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'This password is among the first' })).toBeVisible()
  await page.getByLabel('New password').fill('another quite new phrase')
  await page.getByRole('button', { name: 'Change my password' }).click()
  await expect(page.getByText('Your password has been changed.')).toBeVisible()
  await signIn(page, 'forgetful', phrase)
  await expect(page.getByRole('alert').filter({ hasText: 'The e-mail address or the password is wrong.' })).toBeVisible()
  await signIn(page, 'forgetful', 'another quite new phrase')
  await expect(page).toHaveURL('/en')
  await expectLetter('forgetful@tywi.example', 'The password was reset.')
})

test('one-time codes are set up, asked for, and taken once', async ({ page, browser }) => {
  await newcomer(browser, page, 'coded')
  await page.getByRole('link', { name: 'Your account' }).click()
  await page.getByRole('link', { name: 'Manage One-time codes' }).click()
  await page.getByRole('button', { name: 'Set up one-time codes' }).click()
  await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible()
  await expectAccessible(page)
  const secret = await page.locator('#secret').innerText()
  await page.getByLabel('Code').fill('000')
  await page.getByRole('button', { name: 'Confirm the code' }).click()
  await expect(page.locator('#secret')).toHaveText(secret)
  // The steps beside the present one count too: so a code is never late here.
  // Of the step before, that is so until the present one ends.
  await expect.poll(() => Date.now() % 30_000, { timeout: 20_000 }).toBeLessThan(20_000)
  await page.getByLabel('Code').fill(totp(secret, Date.now() - 30_000))
  await page.getByRole('button', { name: 'Confirm the code' }).click()
  await expect(page.getByRole('heading', { name: 'Keep these codes' })).toBeVisible()
  await expect(page.locator('.app-codes li')).toHaveCount(10)
  const recovery = await page.locator('.app-codes li').first().innerText()
  await expectAccessible(page)
  await signOut(page)

  await signIn(page, 'coded', phrase)
  await expect(page).toHaveURL('/en/sign-in/code')
  await authenticator(page) // which holds no key: the code still counts
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'No passkey was given.' })).toBeVisible()
  const code = totp(secret)
  await page.getByLabel('Code').fill(code)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL('/en')
  await signOut(page)
  await signIn(page, 'coded', phrase)
  await page.getByLabel('Code').fill(code)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'The code is wrong or has been used.' })).toBeVisible()
  await expectAccessible(page)
  await page.getByLabel('Code').fill(recovery)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL('/en')
})

test('a passkey is added, signs in, and proves who is there', async ({ page, browser }) => {
  await authenticator(page)
  await newcomer(browser, page, 'keyed')
  await page.goto('/en/account/passkeys')
  await expect(page.getByText('You have no passkeys.')).toBeVisible()
  await page.getByLabel('Name').fill('work laptop')
  await page.getByRole('button', { name: 'Add this passkey' }).click()
  await expect(page.getByRole('heading', { name: 'Keep these codes' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Keep these codes' }).getByRole('listitem')).toHaveCount(10)
  await expectAccessible(page)
  await page.getByRole('link', { name: 'I have kept them' }).click()
  await expect(page.getByRole('row', { name: /work laptop/ })).toContainText('Never')
  await signOut(page)

  await page.goto('/en/sign-in?next=/en/account/passkeys')
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await expect(page).toHaveURL('/en/account/passkeys')
  await expect(page.getByText('Signed in: E2E keyed')).toBeVisible()
  await expect(page.getByRole('row', { name: /work laptop/ })).not.toContainText('Never')

  await page.goto('/en/prove?next=/en/account/sessions')
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page).toHaveURL('/en/account/sessions')

  await page.goto('/en/account/passkeys')
  await page.getByRole('button', { name: 'Remove work laptop' }).click()
  await expect(page.getByText('The passkey has been removed.')).toBeVisible()
})

test('a passkey takes the place of the code in the second step', async ({ page, browser }) => {
  await authenticator(page)
  await newcomer(browser, page, 'second')
  await page.goto('/en/account/passkeys')
  await page.getByRole('button', { name: 'Add this passkey' }).click()
  await page.getByRole('link', { name: 'I have kept them' }).click()
  await signOut(page)
  await signIn(page, 'second', phrase)
  await expect(page).toHaveURL('/en/sign-in/code')
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await expect(page.getByText('Signed in: E2E second')).toBeVisible()
})

test('a refused passkey is said, and nobody is signed in', async ({ page }) => {
  await authenticator(page) // which holds no key
  await page.goto('/en/sign-in')
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'No passkey was given.' })).toBeVisible()
  await expectAccessible(page)
})

/** Gives name and password at the provider, where it asks for them. */
async function atProvider(page, name) {
  await page.getByLabel('Username').fill(name)
  await page.getByLabel('Password').fill('idp-secret-phrase')
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test.describe('the organisation’s own sign-in', () => {
  test('gives the role that its groups say, and is left again', async ({ page }) => {
    await page.goto('/en/sign-in?next=/en/account')
    await page.getByRole('link', { name: 'Sign in with Tywi Council sign-in' }).click()
    await atProvider(page, 'cdo-idp')
    await expect(page).toHaveURL('/en/account')
    await expect(page.getByRole('row', { name: /Tywi Council sign-in/ })).toBeVisible()
    await expectAccessible(page)
    await page.goto('/en/account/permissions')
    await expect(page.getByRole('row', { name: /^Draft a notice/ })).toContainText('Yes')
    await signOut(page)
    await expect(page).toHaveURL('/en/signed-out')
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Sign out at Tywi Council sign-in too' }).click()
    await expect(page.getByText('Signed in:')).toHaveCount(0)
    await page.goto('/en/account')
    await expect(page).toHaveURL(/\/en\/sign-in/)
  })

  test('refuses whoever it gives no role', async ({ page }) => {
    await page.goto('/cy/sign-in')
    await page.getByRole('link', { name: 'Mewngofnodi gyda Mewngofnodi Cyngor Tywi' }).click()
    await atProvider(page, 'nobody-idp')
    await expect(page.getByText('Mae’r darparwr yn eich adnabod, ond nid yw’n rhoi rôl i chi yma.')).toBeVisible()
    await page.goto('/cy')
    await expect(page.getByText('Wedi mewngofnodi')).toHaveCount(0)
  })

  test('proves again who is there', async ({ page }) => {
    await page.goto('/en/sign-in')
    await page.getByRole('link', { name: 'Sign in with Tywi Council sign-in' }).click()
    await atProvider(page, 'manager-idp')
    await page.goto('/en/prove?next=/en/account/tokens')
    await page.getByRole('link', { name: 'Prove it with Tywi Council sign-in' }).click()
    await atProvider(page, 'manager-idp')
    await expect(page).toHaveURL('/en/account/tokens')
  })
})

test('without JavaScript a token is made and a role lent', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await signIn(page, 'gmb')
  await page.goto('/en/account/passkeys')
  await expect(page.getByText('Adding a passkey needs JavaScript')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Add this passkey' })).toBeHidden()
  await page.goto('/en/account/tokens')
  await page.getByLabel('Name').fill('reader')
  await page.getByLabel('Read gates').check()
  await page.getByRole('button', { name: 'Make the token' }).click()
  await expect(page.locator('#token')).toHaveText(/^\S{20,}$/)
  await page.goto('/en/people')
  await page.getByRole('link', { name: /^Lend/ }).first().click()
  await page.getByLabel('E-mail address').fill('cdo@tywi.example')
  await page.getByRole('button', { name: 'Lend the role' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'First day: Give an answer.' })).toBeVisible()
  await expect(page.getByLabel('E-mail address')).toHaveValue('cdo@tywi.example')
  await context.close()
})

test('another system is let in and shut out', async ({ page }) => {
  await signIn(page, 'admin')
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Organisation', exact: true }).click()
  await page.getByRole('main').getByRole('link', { name: 'Service accounts' }).click()
  await page.getByLabel('Name').fill('e2e pipeline')
  await page.getByRole('button', { name: 'Add the service account' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'What it may do: Give an answer.' })).toBeVisible()
  await expectAccessible(page)
  await expect(page.getByLabel('Name')).toHaveValue('e2e pipeline')
  await page.getByLabel('Read the organisation').check()
  await page.getByRole('button', { name: 'Add the service account' }).click()
  await expect(page.locator('#token')).toHaveText(/^\S{20,}$/)
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Back to the service accounts' }).click()
  await expect(page.getByRole('row', { name: /^e2e pipeline/ })).toContainText('Never')
  await expectAccessible(page)
  await page.setViewportSize({ width: 320, height: 800 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.getByRole('button', { name: 'End e2e pipeline' }).click()
  await expect(page.getByText('the other system is shut out')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'End the service account' }).click()
  await expect(page.getByText('The service account has ended.')).toBeVisible()
})

test('an account is removed, behind a warning', async ({ page, browser }) => {
  await newcomer(browser, page, 'leaver')
  const context = await browser.newContext()
  const desk = await context.newPage()
  await signIn(desk, 'admin')
  await desk.goto('/en/people')
  await desk.getByRole('link', { name: 'Remove account E2E leaver' }).click()
  await expect(desk.getByText('such as “HR or workforce lead”')).toBeVisible()
  await expectAccessible(desk)
  await desk.getByRole('link', { name: 'Cymraeg' }).click()
  await expectAccessible(desk)
  await desk.getByRole('button', { name: 'Dileu’r cyfrif' }).click()
  await expect(desk.getByText('Mae’r cyfrif wedi’i ddileu.')).toBeVisible()
  await context.close()
  await page.goto('/en')
  await expect(page.getByText('Signed in:')).toHaveCount(0)
})

const open = ['/sign-in', '/forgot-password', '/reset-password', '/invitation', '/signed-out']
const account = ['', '/password', '/email', '/codes', '/passkeys', '/sessions', '/tokens', '/permissions', '/data']
const pages = {
  admin: [...account.map((path) => `/account${path}`), '/prove', '/people', '/access', '/service-accounts'],
  unite: ['/people', '/addresses', '/security-log', '/account/tokens'],
  auditor: ['/people', '/access', '/security-log', '/service-accounts'],
}

for (const lang of ['en', 'cy']) {
  test(`the pages of accounts are accessible, and narrow enough: ${lang}`, async ({ page, browser }) => {
    test.setTimeout(180_000)
    const narrow = async (p, path) => {
      await p.setViewportSize({ width: 320, height: 800 })
      const wide = await p.evaluate(() => document.documentElement.scrollWidth)
      expect(wide, `${path} at 320 px`).toBeLessThanOrEqual(320)
      await p.setViewportSize({ width: 1280, height: 800 })
    }
    for (const path of open) {
      await page.goto(`/${lang}${path}`)
      await expectAccessible(page)
      await narrow(page, path)
    }
    for (const [name, paths] of Object.entries(pages)) {
      const context = await browser.newContext()
      const own = await context.newPage()
      await signIn(own, name)
      for (const path of paths) {
        await own.goto(`/${lang}${path}`)
        await expectAccessible(own)
        await narrow(own, `${name} ${path}`)
      }
      await context.close()
    }
  })
}
