// How a journey does things to a page: with a mouse, or with the keyboard alone.

import { expect } from '@playwright/test'

/** What everybody does, with whatever is at hand. */
export const mouse = {
  press: (target) => target.click(),
  fill: (target, text) => target.fill(text),
  check: (target) => target.check(),
  choose: (target, option) => target.selectOption(option),
}

/** Tabs to an element as somebody without a mouse does, from where they are. */
async function reach(target) {
  const page = target.page()
  await expect(target).toHaveCount(1)
  // A group of radio buttons is one stop: its chosen button, or its first.
  const here = () =>
    target.evaluate((node) => {
      const now = document.activeElement
      return now === node || (node.type === 'radio' && now?.type === 'radio' && now.name === node.name)
    })
  for (let stops = 0; stops < 600; stops++) {
    if (await here()) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`the keyboard does not reach ${target}`)
}

export const keyboard = {
  async press(target) {
    await reach(target)
    await target.page().keyboard.press('Enter')
  },
  async fill(target, text) {
    await reach(target)
    await target.page().keyboard.press('ControlOrMeta+a')
    await target.page().keyboard.insertText(text)
  },
  async check(target) {
    await reach(target)
    const page = target.page()
    if (await target.isChecked()) return
    if ((await target.getAttribute('type')) !== 'radio') return page.keyboard.press('Space')
    const first = await target.evaluate((node) => document.activeElement === node)
    if (first) return page.keyboard.press('Space')
    for (let i = 0; i < 30 && !(await target.isChecked()); i++) await page.keyboard.press('ArrowDown')
  },
  async choose(target, option) {
    await reach(target)
    const page = target.page()
    const at = await target.evaluate(
      (node, wanted) => [...node.options].findIndex((o, i) => (typeof wanted === 'string' ? o.value === wanted : (o.label === wanted.label || i === wanted.index))),
      option,
    )
    await page.keyboard.press('Home')
    for (let i = 0; i < 200 && (await target.evaluate((node) => node.selectedIndex)) !== at; i++) await page.keyboard.press('ArrowDown')
    expect(await target.evaluate((node) => node.selectedIndex)).toBe(at)
  },
}
