// Takes the pictures of the main pages in docs/screenshots, at the width of a
// desk and of a phone, in English and one in Welsh.

import { chromium } from '@playwright/test'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Own } from './own.mjs'

const out = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url))
mkdirSync(out, { recursive: true })
const widths = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } }
const shots = [
  ['home', 'cdo', '/en'],
  ['register', '', '/en/register'],
  ['deployment', 'unison', '/en/deployments/DEP-2026-003?to=live'],
  ['prepare', 'cdo', '/en/deployments/DEP-2026-003/prepare'],
  ['notice', 'unison', '/en/notices/N-2026-001'],
  ['claim', 'councillor', '/en/claims'],
  ['scrutiny', 'councillor', '/en/scrutiny'],
  ['room', 'unison', '/en/room'],
  ['verify', '', '/en/verify'],
  ['welsh', '', '/cy/deployments/DEP-2026-003?to=live'],
]

const own = await Own.start('sqlite')
const browser = await chromium.launch({ executablePath: process.env.BEFOREHAND_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
try {
  for (const [size, viewport] of Object.entries(widths)) {
    for (const [name, who, path] of shots) {
      const page = who ? await own.as(browser, who, { viewport }) : await (await browser.newContext({ baseURL: own.url, viewport })).newPage()
      await page.goto(path)
      await page.screenshot({ path: `${out}${name}-${size}.png` })
      await page.context().close()
    }
  }
  // A page at twice the size, and one as narrow as WCAG asks, to be looked at.
  for (const [name, viewport] of Object.entries({ 'zoomed-200': { width: 640, height: 450 }, 'narrow-320': { width: 320, height: 640 } })) {
    const page = await own.as(browser, 'unison', { viewport, deviceScaleFactor: name === 'zoomed-200' ? 2 : 1 })
    await page.goto('/en/deployments/DEP-2026-003?to=live')
    await page.screenshot({ path: `${out}${name}.png`, fullPage: false })
    await page.context().close()
  }
} finally {
  await browser.close()
  await own.stop()
}
