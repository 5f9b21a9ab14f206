// The browser tests: journeys through the real binary, with the demo's data, in
// the system's Chromium. Nothing is downloaded.

import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from '@playwright/test'

// Workers read this file too and must find the same port: hence the environment.
process.env.BEFOREHAND_E2E_PORT ??= String(await freePort())
// Passkeys want the name of a host, and no certificate for this one.
const baseURL = `http://localhost:${process.env.BEFOREHAND_E2E_PORT}`
// Where the server writes its mails, for the journeys that read them.
process.env.BEFOREHAND_E2E_DATA ??= join(tmpdir(), `beforehand-e2e-${process.env.BEFOREHAND_E2E_PORT}`)

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.mjs',
  outputDir: 'test-results',
  // Journeys share one server and its database; those that change the same
  // record say so with test.describe.configure({ mode: 'serial' }).
  fullyParallel: false,
  workers: 2,
  // A test that passes the second time has failed.
  retries: 0,
  forbidOnly: process.env.CI === 'true',
  // Long enough for a machine that others use too: how fast pages are is measured
  // by make bench-pages, and here only whether they come to be right.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    baseURL,
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    screenshot: 'only-on-failure',
    // A trace of each journey costs a quarter of its time.
    trace: process.env.BEFOREHAND_TRACE ? 'retain-on-failure' : 'off',
    launchOptions: {
      executablePath: process.env.BEFOREHAND_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: {
    command: 'node server.mjs',
    // A server without its assets answers 503 here, and the run stops at once.
    url: baseURL,
    timeout: 60_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
    stdout: 'ignore',
    stderr: 'pipe',
  },
})
