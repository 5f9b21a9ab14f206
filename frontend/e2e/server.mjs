// Serves the demo from a folder of its own, for the browser tests, until it is
// told to stop; then takes the folder away. Beside it runs an OpenID provider,
// which is a program of its own.

import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { newDatabase } from './own.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const binary = process.env.BEFOREHAND_BIN ?? join(here, '../../bin/beforehand')
const port = process.env.BEFOREHAND_E2E_PORT ?? '8099'
const base = `http://localhost:${port}`
const data = process.env.BEFOREHAND_E2E_DATA
const secret = 'client-secret-phrase'
rmSync(data, { recursive: true, force: true })
mkdirSync(data, { recursive: true })
process.on('exit', () => rmSync(data, { recursive: true, force: true }))

// The product must not see the settings of whoever runs the tests.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BEFOREHAND_')))

// Once on PostgreSQL, for the journeys that are walked on both.
if (process.env.BEFOREHAND_E2E_ENGINE === 'postgres') env.BEFOREHAND_DATABASE = newDatabase()

const demo = spawnSync(binary, ['demo', '--data', data], { env, stdio: ['ignore', 'ignore', 'inherit'] })
if (demo.status !== 0) {
  console.error(`${binary} demo failed:`, demo.error?.message ?? `exit code ${demo.status}`)
  process.exit(1)
}

/** Starts the provider, and gives its address. */
function provider() {
  const idp = spawn(
    process.env.BEFOREHAND_IDP ?? join(here, '../../build/idp'),
    ['-port', '0', '-client-secret', secret, '-redirect-uri', `${base}/auth/return`, '-post-logout-uri', `${base}/`],
    { env, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  process.on('exit', () => idp.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    idp.on('error', reject)
    idp.on('exit', (code) => reject(new Error(`the provider stopped with ${code}: is build/idp made?`)))
    createInterface({ input: idp.stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length).trim())
    })
  })
}

const issuer = await provider()
const oidc = join(data, 'providers.yaml')
writeFileSync(
  oidc,
  `providers:
  - organisation: tywi
    id: council
    name: { en: Tywi Council sign-in, cy: Mewngofnodi Cyngor Tywi }
    issuer: ${issuer}
    clientID: beforehand
    clientSecret: ${secret}
    roleClaim: groups
    secondFactor: trusted
    roles:
      - { value: digital-team, role: cdo }
      - { value: social-care-managers, role: manager }
`,
)

let stopping = false
const serve = ['serve', '--addr', `127.0.0.1:${port}`, '--data', data, '--base-url', base, '--rate-limit', '0']
const server = spawn(binary, [...serve, '--oidc', oidc, '--allow-private', '127.0.0.0/8,::1/128'], {
  env,
  stdio: ['ignore', 'inherit', 'inherit'],
})
server.on('error', (err) => {
  console.error(err.message)
  process.exit(1)
})
server.on('exit', (code, signal) => process.exit(stopping ? 0 : (code ?? signal) || 1))

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    stopping = true
    server.kill('SIGTERM')
  })
}
