// A server of a journey's own, whose clock it moves: the demo's data in a
// folder and database of its own, on SQLite or PostgreSQL.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { password } from './people.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const binary = process.env.BEFOREHAND_MOVABLE ?? join(here, '../../build/beforehand-movable')

/** The tests' PostgreSQL server, or nothing. */
const cluster = process.env.BEFOREHAND_TEST_POSTGRES

export const engines = ['sqlite', 'postgres']

/** Why there is no server on an engine, or nothing. */
export function lacking(engine) {
  return engine === 'postgres' && !cluster ? 'no PostgreSQL server: run it by `make e2e`' : ''
}

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

/** Makes an empty database on the tests' server, and gives its address. */
export function newDatabase() {
  const name = `e2e_${process.pid}_${Date.now()}`
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').sort() : []
  const tool = versions.length > 0 ? `/usr/lib/postgresql/${versions.at(-1)}/bin/createdb` : 'createdb'
  const made = spawnSync(tool, ['--maintenance-db', cluster, name], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`createdb: ${made.error?.message ?? made.stderr}`)
  const address = new URL(cluster)
  address.pathname = `/${name}`
  return address.toString()
}

export class Own {
  /** Starts a server of an engine with the demo's data. */
  static async start(engine, ...more) {
    const own = new Own()
    own.data = mkdtempSync(join(tmpdir(), 'beforehand-own-'))
    own.port = await freePort()
    own.url = `http://localhost:${own.port}`
    own.clock = join(own.data, 'clock')
    own.ahead(0)
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BEFOREHAND_')))
    own.env = { ...env, BEFOREHAND_CLOCK_FILE: own.clock, BEFOREHAND_DATA: own.data }
    if (engine === 'postgres') own.env.BEFOREHAND_DATABASE = newDatabase()
    own.run('demo')
    await own.serve(...more)
    return own
  }

  /** Serves what is in the folder, until it is stopped. */
  async serve(...more) {
    const log = join(this.data, 'log')
    this.server = spawn(binary, ['serve', '--addr', `127.0.0.1:${this.port}`, '--base-url', this.url, '--rate-limit', '0', ...more], {
      env: this.env,
      stdio: ['ignore', 'ignore', openSync(log, 'w')],
    })
    const began = Date.now()
    while (true) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => null)
      if (answer?.ok) return
      if (this.server.exitCode !== null || Date.now() - began > 30_000) {
        throw new Error(`the server does not answer: ${readFileSync(log, 'utf8').slice(-2000)}`)
      }
    }
  }

  /** Runs a command on the server's data, and gives what it printed. */
  run(...args) {
    const done = spawnSync(binary, args, { env: this.env, encoding: 'utf8' })
    if (done.status !== 0) throw new Error(`${args.join(' ')}: exit ${done.status}: ${done.stderr}`)
    return done.stdout
  }

  /** Puts the clock ahead of the machine's by so many days. */
  ahead(days) {
    this.days = days
    writeFileSync(this.clock, `${days * 24}h`)
  }

  /** Stops the server and waits until it has ended; the data stays. */
  async halt() {
    const ended = new Promise((resolve) => this.server.on('exit', resolve))
    this.server.kill('SIGTERM')
    await ended
  }

  async stop() {
    if (this.server?.exitCode === null) await this.halt()
    rmSync(this.data, { recursive: true, force: true })
  }

  /** A page in which somebody has signed in. */
  async as(browser, name, { lang = 'en', ...rest } = {}) {
    const context = await browser.newContext({ baseURL: this.url, locale: 'en-GB', timezoneId: 'Europe/London', ...rest })
    const page = await context.newPage()
    await this.signIn(page, name, lang)
    return page
  }

  /** Signs somebody in, again where the clock has moved on. */
  async signIn(page, name, lang = 'en') {
    await page.context().clearCookies()
    await page.goto(`/${lang}/sign-in`)
    await page.locator('#email').fill(`${name}@tywi.example`)
    await page.locator('#password').fill(password)
    await page.locator('main form button[type=submit]').first().click()
    await page.waitForURL(`${this.url}/${lang}`)
  }
}
