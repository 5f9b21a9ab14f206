// Reads the mails that the server under test writes instead of sending them.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'

/** The text of quoted-printable. */
function decoded(text) {
  const plain = text.replace(/=\r?\n/g, '')
  return Buffer.from(
    plain.replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')
}

function letters(to) {
  const folder = join(process.env.BEFOREHAND_E2E_DATA, 'mail')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.eml'))
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .filter((mail) => new RegExp(`^To:.*${to.replaceAll('.', '\\.')}`, 'im').test(mail))
    .map(decoded)
}

/** Waits for a letter to an address that holds a link to a page, and gives the link. */
export async function linkIn(to, page) {
  let found
  await expect
    .poll(() => {
      for (const mail of letters(to)) found = mail.match(new RegExp(`https?://[^\\s"<>]*${page}#code=[a-z2-7-]+`)) ?? found
      return found?.[0]
    })
    .toBeTruthy()
  return found[0]
}

/** Waits for a letter to an address that says something. */
export async function expectLetter(to, text) {
  await expect.poll(() => letters(to).some((mail) => mail.includes(text))).toBe(true)
}
