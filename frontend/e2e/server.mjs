// Serves the demo from a folder of its own, for the browser tests, until it is
// told to stop; then takes the folder away.

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const binary = process.env.BEFOREHAND_BIN ?? join(here, '../../bin/beforehand')
const port = process.env.BEFOREHAND_E2E_PORT ?? '8099'
const data = mkdtempSync(join(tmpdir(), 'beforehand-e2e-'))
process.on('exit', () => rmSync(data, { recursive: true, force: true }))

// The product must not see the settings of whoever runs the tests.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BEFOREHAND_')))

const demo = spawnSync(binary, ['demo', '--data', data], { env, stdio: ['ignore', 'ignore', 'inherit'] })
if (demo.status !== 0) {
  console.error(`${binary} demo failed:`, demo.error?.message ?? `exit code ${demo.status}`)
  process.exit(1)
}

let stopping = false
const server = spawn(binary, ['serve', '--addr', `127.0.0.1:${port}`, '--data', data], {
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
