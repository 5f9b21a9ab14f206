// A whole inventory is taken in, on a server of its own, and a councillor asks
// what is live without evidence: on both databases.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { expectAccessible } from './axe.mjs'
import { engines, lacking, Own } from './own.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const sample = join(here, '../../internal/report/testdata/sample.csv')
const whole = join(here, '../../../shared/data/us-federal-ai-inventory-2024.csv')

for (const engine of engines) {
  test(`an inventory is imported, and a councillor finds what is live without evidence: ${engine}`, async ({ browser }, info) => {
    test.skip(lacking(engine) !== '', lacking(engine))
    const own = await Own.start(engine)
    try {
      const files = [[sample, 'sample.csv']]
      if (existsSync(whole)) files.push([whole, 'us-federal-ai-inventory-2024.csv'])
      else info.annotations.push({ type: 'skipped', description: 'the federal inventory of 2024 is not beside the repository: its sample alone is imported' })
      const cdo = await own.as(browser, 'cdo')
      for (const [file, name] of files) {
        await cdo.goto('/en/imports')
        await cdo.getByLabel('CSV file or Excel workbook').setInputFiles(file)
        await cdo.getByRole('button', { name: 'Send the file and look at it' }).click()
        await expect(cdo.getByLabel('Inventory of United States federal agencies, 2024')).toBeChecked()
        await cdo.getByRole('button', { name: 'Continue' }).click()
        await expect(cdo.getByRole('heading', { level: 1 })).toContainText(`What would become of ${name}`)
        await expectAccessible(cdo)
        await cdo.getByLabel('What is new, and leave out the rest').check()
        const began = Date.now()
        await cdo.getByRole('button', { name: 'Import', exact: true }).click()
        await expect(cdo.getByRole('heading', { level: 1 })).toContainText(`Import of ${name}`, { timeout: 60_000 })
        console.log(`      ${name} on ${engine}: ${Date.now() - began} ms from the button to the result`)
        await expectAccessible(cdo)
      }
      for (const javaScriptEnabled of [true, false]) {
        const councillor = await own.as(browser, 'councillor', { javaScriptEnabled })
        await councillor.getByRole('link', { name: 'Questions', exact: true }).click()
        await councillor.getByRole('link', { name: 'In use, and no result was ever shared' }).click()
        await expect(councillor).toHaveURL(/ask=/)
        const table = councillor.getByRole('table').first()
        await expect(table).toBeVisible()
        await expect(table.getByRole('row').nth(1).getByRole('link')).toBeVisible()
        await expect(councillor.getByRole('main')).toContainText('In use, and no result was ever shared')
        if (javaScriptEnabled) await expectAccessible(councillor)
        await councillor.context().close()
      }
    } finally {
      await own.stop()
    }
  })
}
