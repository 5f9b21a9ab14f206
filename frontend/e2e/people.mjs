// People of the demo story, and how they come in.

import { expect } from '@playwright/test'

/** What everybody in the story signs in with. */
export const password = 'beforehand-demo'

/** Signs somebody in and arrives on their first page. */
export async function signIn(page, name, lang = 'en') {
  await page.goto(`/${lang}/sign-in`)
  await page.getByLabel(lang === 'cy' ? 'Cyfeiriad e-bost' : 'E-mail address').fill(`${name}@tywi.example`)
  await page.getByLabel(lang === 'cy' ? 'Cyfrinair' : 'Password').fill(password)
  await page.getByRole('button', { name: lang === 'cy' ? 'Mewngofnodi' : 'Sign in', exact: true }).click()
  await expect(page).toHaveURL(`/${lang}`)
}
