// Accessibility as a machine can see it: axe-core on a page of a journey.
// Keyboard, zoom, forced colours and plain language are not among it.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect } from '@playwright/test'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

// The rules of WCAG 2.2 at levels A and AA, those of earlier versions included.
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa']

/**
 * Fails with one line for each element that breaks a rule.
 *
 * The source goes in through the debugger, which the page's content policy does
 * not govern: so the policy stays in force, and a journey finds what it blocks.
 */
export async function expectAccessible(page, { within, except = [] } = {}) {
  await page.evaluate(source)
  const violations = await page.evaluate(
    async ({ tags, within, except }) => {
      const context = { exclude: except.map((selector) => [selector]) }
      if (within) context.include = [[within]]
      const results = await globalThis.axe.run(context, { runOnly: { type: 'tag', values: tags } })
      return results.violations.flatMap(({ id, help, nodes }) =>
        nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')}`),
      )
    },
    { tags, within, except },
  )
  expect(violations, `accessibility of ${page.url()}`).toEqual([])
}

/** Axe, in the usual width and on a narrow screen, which nothing may be wider than. */
export async function expectGood(page) {
  await expect(page.locator('main')).not.toContainText('⟦')
  await expectAccessible(page)
  const size = page.viewportSize()
  await page.setViewportSize({ width: 360, height: 740 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth), page.url()).toBeLessThanOrEqual(360)
  await expectAccessible(page)
  await page.setViewportSize(size)
}
