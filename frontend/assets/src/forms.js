// Keeps on the server what somebody types into a form, until the form is sent;
// offers it again when they come back; and says so when there is no network.

const pause = 2000
// What belongs to this very page. The version goes along with what was typed
// against it, so that what somebody else saved meanwhile is not undone.
const left = new Set(['kept', 'key', 'do', 'end'])

export function keepForms() {
  document.querySelectorAll('form[data-keep]').forEach(start)
}

/** What is typed, without what belongs to this very page. */
function answers(form) {
  const out = new URLSearchParams()
  for (const [name, value] of new FormData(form)) {
    if (!left.has(name) && typeof value === 'string') out.append(name, value)
  }
  return out
}

function start(form) {
  const { keep, keepSaid, keepOffline, keepFailed } = form.dataset
  const said = document.createElement('p')
  said.className = 'govuk-hint'
  said.setAttribute('role', 'status')
  form.append(said)
  let before = answers(form).toString()
  let timer = 0
  let sent = false
  const send = async () => {
    clearTimeout(timer)
    const typed = answers(form)
    if (sent || typed.toString() === before) return
    try {
      // A browser lets no more than this outlive its page.
      const keepalive = typed.toString().length < 60_000
      const answer = await fetch(keep, { method: 'POST', body: typed, credentials: 'same-origin', keepalive })
      if (!answer.ok) {
        said.textContent = keepFailed
        return
      }
      document.dispatchEvent(new Event('session-used'))
      before = typed.toString()
      mark(form)
      said.textContent = keepSaid
    } catch {
      said.textContent = keepOffline
    }
  }
  form.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(send, pause)
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') send()
  })
  form.addEventListener('submit', (event) => {
    clearTimeout(timer)
    if (!navigator.onLine) {
      event.preventDefault()
      said.textContent = keepOffline
    } else sent = true
  })
  // Whoever comes back by the browser's own button finds the form as it was.
  addEventListener('pageshow', () => {
    sent = false
  })
  // A page that was refused holds what was typed already.
  if (!document.querySelector('.govuk-error-summary')) find(form)
}

/** Says with the form that something of it is kept. */
function mark(form) {
  if (!form.elements.namedItem('kept')) hide(form, 'kept', '1')
}

function hide(form, name, value) {
  const input = document.createElement('input')
  Object.assign(input, { type: 'hidden', name, value })
  form.append(input)
}

async function find(form) {
  const { keep, keepFound, keepBack, keepDrop } = form.dataset
  const answer = await fetch(keep, { credentials: 'same-origin', headers: { Accept: 'application/json' } }).catch(() => null)
  if (answer?.status !== 200) return
  const kept = await answer.json()
  const typed = new URLSearchParams()
  for (const [name, all] of Object.entries(kept.answers)) all.forEach((value) => typed.append(name, value))
  typed.sort()
  const now = answers(form)
  now.sort()
  if (form.elements.namedItem('version') && !typed.has('version')) return
  if (typed.toString() === now.toString()) return mark(form)
  const box = document.createElement('div')
  box.className = 'govuk-inset-text'
  const text = document.createElement('p')
  text.className = 'govuk-body'
  text.textContent = keepFound.replace('{time}', kept.at)
  const row = document.createElement('div')
  row.className = 'govuk-button-group'
  row.append(
    button(keepBack, () => {
      box.remove()
      mark(form)
      putBack(form, typed)
    }),
    button(keepDrop, async () => {
      await fetch(`${keep}&drop=1`, { method: 'POST', credentials: 'same-origin' })
      box.remove()
    }),
  )
  box.append(text, row)
  form.before(box)
}

function button(text, click) {
  const out = document.createElement('button')
  out.type = 'button'
  out.className = 'govuk-button govuk-button--secondary'
  out.textContent = text
  out.addEventListener('click', click)
  return out
}

/** Fills a form. One that lacks rows is asked for anew, with all of them. */
function putBack(form, typed) {
  let lacks = false
  for (const name of new Set(typed.keys())) {
    const all = typed.getAll(name)
    const fields = [...form.elements].filter((field) => field.name === name)
    if (fields.length === 0) {
      all.forEach((value) => hide(form, name, value))
      lacks = true
    }
    for (const field of fields) {
      if (field.type === 'checkbox' || field.type === 'radio') field.checked = all.includes(field.value)
      else field.value = all[0]
    }
  }
  for (const field of form.elements) {
    if (field.type === 'checkbox' && !typed.has(field.name)) field.checked = false
  }
  if (lacks) {
    hide(form, 'do', 'again')
    form.submit()
  }
}
