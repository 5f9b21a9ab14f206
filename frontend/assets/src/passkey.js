// Signs in, proves who is there, or adds a key, with a passkey. Its place is
// an element with data-passkey, hidden until this has run: a page works without.

const begin = {
  'sign-in': '/api/v1/session/passkey/begin',
  prove: '/api/v1/session/passkey/begin',
  add: '/api/v1/account/passkeys/begin',
}

/** What base64url says, as the bytes that older browsers want. */
function bytes(text) {
  const plain = text.replace(/-/g, '+').replace(/_/g, '/')
  return Uint8Array.from(atob(plain.padEnd(Math.ceil(plain.length / 4) * 4, '=')), (c) => c.charCodeAt(0))
}

function text(buffer) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)))
  return plain.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

function named(list) {
  return (list ?? []).map((key) => ({ ...key, id: bytes(key.id) }))
}

function creation(options) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) {
    return PublicKeyCredential.parseCreationOptionsFromJSON(options)
  }
  return {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: named(options.excludeCredentials),
  }
}

function request(options) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) {
    return PublicKeyCredential.parseRequestOptionsFromJSON(options)
  }
  return { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) }
}

/** The credential as JSON. Some browsers know no toJSON, and some wallets break it. */
function plain(credential) {
  try {
    return credential.toJSON()
  } catch {
    const from = credential.response
    const response = { clientDataJSON: text(from.clientDataJSON) }
    for (const name of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      if (from[name]) response[name] = text(from[name])
    }
    if (from.getTransports) response.transports = from.getTransports()
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
      clientExtensionResults: credential.getClientExtensionResults(),
    }
  }
}

/** Sends JSON. What is refused is thrown, with the server's own sentence. */
async function send(address, body) {
  const answer = await fetch(address, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'Accept-Language': document.documentElement.lang },
    body: JSON.stringify(body),
  })
  const said = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Refusal(said)
  return said
}

class Refusal extends Error {
  constructor(problem) {
    const fields = (problem.errors ?? []).map((field) => field.message).filter(Boolean)
    super(fields.length > 0 ? fields.join(' ') : problem.detail)
    this.code = problem.code
  }
}

async function run(place) {
  const task = place.dataset.passkey
  const { publicKey } = await send(begin[task], {})
  if (task === 'add') {
    const made = await navigator.credentials.create({ publicKey: creation(publicKey) })
    const name = place.querySelector('input').value
    const { recoveryCodes } = await send('/api/v1/account/passkeys', { name, response: plain(made) })
    if (recoveryCodes?.length > 0) return showCodes(place, recoveryCodes)
    return location.assign(place.dataset.next)
  }
  const shown = await navigator.credentials.get({ publicKey: request(publicKey) })
  const organisation = document.getElementById('organisation')?.value || place.dataset.organisation
  try {
    await send('/api/v1/session/passkey', { response: plain(shown), organisation })
  } catch (err) {
    if (err.code !== 'organisation_required') throw err
    return location.assign(place.dataset.choose)
  }
  const form = document.querySelector('main form')
  if (task === 'prove' && form) return form.submit() // carries along what was typed
  return location.assign(place.dataset.next)
}

function showCodes(place, codes) {
  const panel = document.querySelector('[data-passkey-codes]')
  for (const code of codes) {
    const item = panel.querySelector('ol').appendChild(document.createElement('li'))
    item.appendChild(document.createElement('code')).textContent = code
  }
  place.hidden = true
  panel.hidden = false
  panel.focus()
}

function say(place, err) {
  const fault = place.querySelector('[data-passkey-fault]')
  // Whoever closes the browser's own window has not done anything wrong.
  const stopped = err instanceof DOMException
  fault.textContent = stopped ? place.dataset.stopped : (err instanceof Refusal && err.message) || place.dataset.failed
}

function start(place) {
  const button = place.querySelector('button')
  button.addEventListener('click', async () => {
    place.querySelector('[data-passkey-fault]').textContent = ''
    button.setAttribute('aria-busy', 'true')
    try {
      await run(place)
    } catch (err) {
      say(place, err)
    } finally {
      button.removeAttribute('aria-busy')
    }
  })
  place.hidden = false
}

if (window.PublicKeyCredential) {
  document.querySelectorAll('[data-passkey]').forEach(start)
  document.querySelectorAll('[data-passkey-missing]').forEach((note) => note.remove())
}
