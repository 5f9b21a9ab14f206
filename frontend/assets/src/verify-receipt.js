// The page that checks receipts: takes the files and keys, and shows what
// receipt.js says of them. Once it is loaded it asks for nothing more, so that
// the network may be off. The page's own words and markup come with the page.

import { check, fill, readKey } from './receipt.js'

const say = JSON.parse(document.getElementById('verify-words').textContent)
const form = document.querySelector('[data-verify-form]')
const results = document.querySelector('[data-verify-results]')
const title = document.title
const most = 4 << 20 // bytes of a receipt; more is not even read

/** A copy of a part that the page holds ready. */
function part(name) {
  return document.querySelector(`template[data-verify-${name}]`).content.firstElementChild.cloneNode(true)
}

/** The keys that were typed, and what is wrong with the first that is none. */
async function keysGiven() {
  const keys = []
  for (const [i, line] of form.elements.keys.value.split('\n').entries()) {
    const key = line.trim()
    if (key === '' || key.startsWith('#')) continue
    try {
      await readKey(key)
    } catch (err) {
      const code = err.code === 'look_alike' ? 'page.verify.oddkey' : 'page.verify.badkey'
      return { keys, fault: fill(say, code, { ...err.params, line: String(i + 1) }) }
    }
    keys.push(key)
  }
  return { keys }
}

function forget() {
  document.querySelector('.govuk-error-summary')?.remove()
  document.title = title
  results.replaceChildren()
  for (const field of [form.elements.receipts, form.elements.keys]) {
    document.getElementById(`${field.id}-error`)?.remove()
    field.closest('.govuk-form-group').classList.remove('govuk-form-group--error')
    field.classList.remove(`${field.classList[0]}--error`)
    field.setAttribute('aria-describedby', `${field.id}-hint`)
  }
}

/** Says what is wrong with the form: above it, and beside each answer. */
function refuse(faults) {
  const summary = part('problem')
  summary.classList.add('app-hash-words') // a name may be long, and without a blank
  const list = summary.querySelector('ul')
  for (const [field, text] of faults) {
    const link = list.appendChild(document.createElement('li')).appendChild(document.createElement('a'))
    link.href = `#${field.id}`
    link.textContent = text
    const message = part('error')
    message.id = `${field.id}-error`
    message.append(` ${text}`)
    field.before(message)
    field.closest('.govuk-form-group').classList.add('govuk-form-group--error')
    field.classList.add(`${field.classList[0]}--error`)
    field.setAttribute('aria-describedby', `${field.id}-hint ${message.id}`)
    document.title = `${message.firstElementChild.textContent} ${title}`
  }
  form.closest('[data-verify]').prepend(summary)
  summary.tabIndex = -1
  summary.focus()
}

async function judge(file, keys) {
  let bytes
  try {
    bytes = new Uint8Array(await file.slice(0, most + 1).arrayBuffer())
  } catch {
    // Moved or altered since it was chosen.
    return { verdict: 'unchecked', lines: [fill(say, 'receipt.verdict.unchecked'), fill(say, 'page.verify.unread')] }
  }
  return check(bytes, keys, say)
}

function show(file, { verdict, lines }, no) {
  const panel = part('result')
  const head = panel.querySelector('h2')
  head.id = `result-${no}`
  head.textContent = fill(say, 'page.verify.result', { file: file.name })
  panel.setAttribute('aria-labelledby', head.id)
  panel.dataset.verdict = verdict
  panel.classList.toggle('govuk-notification-banner--success', verdict === 'valid')
  panel.querySelector('h3').textContent = lines[0]
  for (const line of lines.slice(1)) {
    panel.querySelector('ul').appendChild(document.createElement('li')).textContent = line
  }
  results.append(panel)
}

async function run() {
  forget()
  const files = [...form.elements.receipts.files]
  const { keys, fault } = await keysGiven()
  const faults = []
  if (files.length === 0) faults.push([form.elements.receipts, fill(say, 'page.verify.nofile')])
  if (fault) faults.push([form.elements.keys, fault])
  if (faults.length > 0) return refuse(faults)
  for (const [i, file] of files.entries()) show(file, await judge(file, keys), i + 1)
  results.focus()
}

let busy = false

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  if (busy) return
  busy = true
  form.setAttribute('aria-busy', 'true')
  try {
    await run()
  } finally {
    form.removeAttribute('aria-busy')
    busy = false
  }
})
form.hidden = false
document.querySelector('[data-verify-missing]').remove()
