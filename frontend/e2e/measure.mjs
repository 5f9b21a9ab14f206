// Times the first load of the main pages at a quarter of the processor's speed,
// and weighs what they bring. It prints; nothing is asserted.

import { chromium } from '@playwright/test'
import { Own } from './own.mjs'

const pages = ['/en/register', '/en/deployments/DEP-2026-003']
const rounds = 5
const middle = (all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)]

const own = await Own.start('sqlite')
const browser = await chromium.launch({ executablePath: process.env.BEFOREHAND_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
try {
  for (const path of pages) {
    const seen = { lcp: [], shift: [], css: [], js: [] }
    for (let i = 0; i < rounds; i++) {
      const context = await browser.newContext({ baseURL: own.url })
      const page = await context.newPage()
      const cdp = await context.newCDPSession(page)
      await cdp.send('Network.enable')
      await cdp.send('Network.setCacheDisabled', { cacheDisabled: true })
      await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 })
      const kinds = new Map()
      const bytes = { css: 0, js: 0 }
      cdp.on('Network.responseReceived', (e) => kinds.set(e.requestId, e.type))
      cdp.on('Network.loadingFinished', (e) => {
        const kind = { Stylesheet: 'css', Script: 'js' }[kinds.get(e.requestId)]
        if (kind) bytes[kind] += e.encodedDataLength
      })
      await page.addInitScript(() => {
        window.seen = { lcp: 0, shift: 0 }
        new PerformanceObserver((list) => {
          for (const e of list.getEntries()) window.seen.lcp = e.startTime
        }).observe({ type: 'largest-contentful-paint', buffered: true })
        new PerformanceObserver((list) => {
          for (const e of list.getEntries()) window.seen.shift += e.value
        }).observe({ type: 'layout-shift', buffered: true })
      })
      await page.goto(path, { waitUntil: 'networkidle' })
      const { lcp, shift } = await page.evaluate(() => window.seen)
      for (const [name, value] of Object.entries({ lcp, shift, ...bytes })) seen[name].push(value)
      await context.close()
    }
    console.log(`${path}: largest paint ${Math.round(middle(seen.lcp))} ms (${seen.lcp.map(Math.round).join(', ')}), layout shift ${Math.max(...seen.shift)}, CSS ${middle(seen.css)} bytes, JavaScript ${middle(seen.js)} bytes`)
  }
} finally {
  await browser.close()
  await own.stop()
}
