// Importing a list from elsewhere: the file, its columns, what would become of
// each row, and what did.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { expectGood } from './axe.mjs'
import { signIn } from './people.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const sample = join(here, '../../internal/report/testdata/sample.csv')
const real = join(here, '../../../shared/data/us-federal-ai-inventory-2024.csv')

async function send(page, file) {
  await page.goto('/en/imports')
  await page.getByLabel('CSV file or Excel workbook').setInputFiles(file)
  await page.getByRole('button', { name: 'Send the file and look at it' }).click()
}

test.describe.configure({ mode: 'serial' })

test('a list of one’s own is mapped by hand, and known when it comes again', async ({ page }) => {
  await signIn(page, 'cdo')
  await send(page, { name: 'plan.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n') })
  await expect(page.getByRole('alert')).toContainText('it looks like a PDF')
  await expectGood(page)
  const rows = 'Tool,Why,Department,Misc\nPlan gritting,Fewer miles,Highways depot,x\nCount cars,,Highways depot,y\n'
  const file = { name: 'tools.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) }
  await send(page, file)
  await expectGood(page)
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByLabel('Column 1: Tool')).toHaveValue('name.en')
  await page.getByRole('button', { name: 'Look at what would happen' }).click()
  await expect(page.getByRole('alert')).toContainText('Say which column holds the purpose')
  await expectGood(page)
  await page.getByLabel('Column 2: Why').selectOption('Purpose (English)')
  await page.getByLabel('What it is used for').last().selectOption('Other')
  await page.getByLabel('Decision status').last().selectOption('An idea')
  await page.getByLabel('Owner', { exact: true }).fill('Head of highways')
  await page.getByLabel('Make the service areas that are not there yet').check()
  await page.getByRole('button', { name: 'Look at what would happen' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('What would become of tools.csv')
  await expect(page.getByRole('table')).toContainText('The answer “Purpose” is needed')
  await expectGood(page)
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('Nothing was imported.')
  await page.getByLabel('What is new, and leave out the rest').check()
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Import of tools.csv')
  await expectGood(page)
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download the rows that were left out' }).click()
  expect((await download).suggestedFilename()).toBe('tools-left-out.csv')

  await send(page, file)
  await expect(page.getByRole('main')).toContainText('A file with the same headings was imported before')
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByLabel('Column 2: Why')).toHaveValue('purpose.en')
  await page.goto('/cy/imports')
  await expectGood(page)
  await page.getByRole('button', { name: /Dinistrio’r ffeil/ }).click()
  await expect(page.getByRole('main')).not.toContainText('Ffeiliau sy’n aros')
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  // Some of its rows are of systems in use, which everybody reads at once: here it
  // is previewed, and TestTheSampleThroughThePages imports it.
  test('the federal inventory fits its own map: a sample of its shape and dirt', async ({ page }) => {
    await signIn(page, 'cdo')
    await send(page, sample)
    await expect(page.getByLabel('Inventory of United States federal agencies, 2024')).toBeChecked()
    await page.getByRole('button', { name: 'Continue' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toContainText('What would become of sample.csv')
    await expect(page.getByRole('table')).toContainText('Stage of Development')
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await expect(page.getByRole('alert')).toContainText('Nothing was imported.')
    await page.getByRole('button', { name: /Destroy the file/ }).click()
    await expect(page.getByRole('main')).toContainText('The file has been destroyed.')
  })
})

// The whole of it would fill the register that the other journeys read: here it
// is sent and previewed, and TestTheRealInventoryThroughThePages imports it.
test('the federal inventory of 2024 is previewed', async ({ page }) => {
  test.skip(!existsSync(real), 'the federal inventory of 2024 is not beside the repository')
  await signIn(page, 'cdo')
  await send(page, real)
  await expect(page.getByRole('main')).toContainText('Rows in the file: 2133')
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByRole('main')).toContainText('2,133')
  await expect(page.getByRole('main')).toContainText('Only if every row can be taken')
  await page.getByRole('button', { name: /Destroy the file/ }).click()
  await expect(page.getByRole('main')).toContainText('The file has been destroyed.')
})
