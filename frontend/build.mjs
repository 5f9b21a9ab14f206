// Makes assets/dist from GOV.UK Frontend, htmx and assets/src.
//
// There is no bundler: what we take is already built, and what we add is small.
// Each file gets its content's hash into its name, so that a browser may keep
// it for ever; manifest.json tells the server which name is the present one.

import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const here = dirname(fileURLToPath(import.meta.url))
const src = join(here, 'assets/src')
const dist = join(here, 'assets/dist')
const modules = join(here, 'node_modules')

// We are not GOV.UK: its typeface is licensed to GOV.UK alone, and the crown
// and the royal arms may only stand on government services.
const notOurs = /crest|crown|copyright-logo|govuk-header__logo|govuk-logo/

/** Returns css without @font-face and without the rules that match notOurs. */
function withoutBrand(css) {
  let out = ''
  let at = 0
  while (at < css.length) {
    const open = css.indexOf('{', at)
    const semicolon = css.indexOf(';', at)
    if (open === -1) {
      return out + css.slice(at)
    }
    if (semicolon !== -1 && semicolon < open) {
      out += css.slice(at, semicolon + 1) // @charset and the like
      at = semicolon + 1
      continue
    }
    const close = matchingBrace(css, open)
    out += rule(css.slice(at, open), css.slice(open + 1, close))
    at = close + 1
  }
  return out
}

function rule(prelude, body) {
  const head = prelude.trim()
  if (head.startsWith('@font-face')) {
    return ''
  }
  if (/^@(media|supports|layer|container)/.test(head)) {
    const inner = withoutBrand(body)
    return inner.trim() === '' ? '' : `${prelude}{${inner}}`
  }
  const selectors = head.split(',').filter((s) => !notOurs.test(s))
  return selectors.length === 0 ? '' : `${selectors.join(',')}{${body}}`
}

function matchingBrace(css, open) {
  let depth = 0
  for (let i = open; i < css.length; i++) {
    if (css[i] === '{') depth++
    if (css[i] === '}' && --depth === 0) return i
  }
  throw new Error('the stylesheet has an unclosed brace')
}

async function stylesheet() {
  const vendor = await readFile(join(modules, 'govuk-frontend/dist/govuk/govuk-frontend.min.css'), 'utf8')
  const own = await readFile(join(src, 'app.css'), 'utf8')
  const css =
    withoutBrand(withoutComments(vendor)).replace(/["']?GDS Transport["']?,\s*/g, '').trim() +
    '\n/*! The above: GOV.UK Frontend, MIT licence, (c) Crown copyright */\n' +
    withoutComments(own).replace(/\s*\n\s*/g, '') +
    '\n'
  // A new release of GOV.UK Frontend may bring what we do not look for above.
  for (const left of [/GDS Transport/, /@font-face/, /crest/i, /url\(/]) {
    if (left.test(css)) {
      throw new Error(`the stylesheet still holds ${left}: see notOurs in build.mjs`)
    }
  }
  return css
}

function withoutComments(css) {
  return css.replace(/\/\*[\s\S]*?\*\//g, '')
}

function stripSourceMap(text) {
  return text.replace(/\n?\/\/# sourceMappingURL=.*$/m, '').trimEnd() + '\n'
}

const manifest = {}

async function put(name, text) {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8)
  const dot = name.lastIndexOf('.')
  const hashed = `${name.slice(0, dot)}.${hash}${name.slice(dot)}`
  await writeFile(join(dist, hashed), text)
  manifest[name] = hashed
  const kB = (n) => `${(n / 1024).toFixed(1)} kB`.padStart(9)
  console.log(`${hashed.padEnd(34)}${kB(Buffer.byteLength(text))}  gzip ${kB(gzipSync(text, { level: 9 }).length)}`)
}

/** Points the imports of a module at the hashed names of what it imports. */
function resolveImports(name, text) {
  return text.replace(/(from\s*|import\s*)(['"])\.\/([\w.-]+)\2/g, (_, keyword, quote, file) => {
    if (!manifest[file]) {
      throw new Error(`${name} imports ./${file}, which is not built before it`)
    }
    return `${keyword}${quote}./${manifest[file]}${quote}`
  })
}

async function main() {
  await mkdir(dist, { recursive: true })
  for (const file of await readdir(dist)) {
    if (file !== '.gitkeep') await rm(join(dist, file), { recursive: true })
  }
  await put('app.css', await stylesheet())
  const vendor = {
    'govuk-frontend.js': 'govuk-frontend/dist/govuk/govuk-frontend.min.js',
    'htmx.js': 'htmx.org/dist/htmx.min.js',
  }
  for (const [name, path] of Object.entries(vendor)) {
    await put(name, stripSourceMap(await readFile(join(modules, path), 'utf8')))
  }
  const own = (await readdir(src)).filter((file) => file.endsWith('.js')).sort()
  for (const file of own) {
    await put(basename(file), resolveImports(file, await readFile(join(src, file), 'utf8')))
  }
  // Last, for its date tells make that everything before it is there.
  await writeFile(join(dist, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n')
}

await main()
