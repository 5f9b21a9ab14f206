// Checks a receipt: docs/receipt-format.md, in the browser. It asks nobody
// anything and touches no page; the program's own verifier (internal/receipt)
// says the same, letter for letter, and tests hold the two together.
//
// What is wrong with a receipt is thrown as a Fault, so that each check is one
// line. Nothing gets out of check() but its answer.

const mostBytes = 4 << 20
const mostEntries = 500
const mostKeys = 64
const mostProof = 64
const mostBody = 16 << 10
const slack = 3_600_000 // how far a clock may have been put back, in milliseconds
const mostSignatures = 64
const mostNote = 1 << 16
const deepest = 10_000 // as deep as the other verifier reads JSON
const hashBytes = 32
const timeBytes = 8
const log = 1
const witness = 4

const fields = ['checkpoint', 'document', 'entries', 'keys', 'type', 'v', 'witnesses']
const events = ['accepted', 'deferred', 'bounced', 'abandoned', 'delivered', 'handed', 'posted', 'acknowledged']
const reached = ['accepted', 'delivered', 'handed', 'posted', 'acknowledged']

class Fault extends Error {
  constructor(code, params = {}) {
    super(code)
    this.code = code
    this.params = params
  }
}

function unless(good, code, params) {
  if (!good) throw new Fault(code, params)
}

/**
 * Says what a receipt comes to. The verdict is valid, unproven or invalid; or
 * unchecked, when this browser or the keys given are no good for a check.
 *
 * @param {Uint8Array} bytes the file
 * @param {string[]} keys the public keys that the reader has from elsewhere
 * @param {{language: string, templates: Object<string, string>, months: string[], at: string}} say
 * @returns {Promise<{verdict: string, fault: string, lines: string[]}>}
 */
export async function check(bytes, keys, say) {
  try {
    unless(await capable(), 'browser_too_old')
    const known = await given(keys)
    const found = await read(bytes, known)
    const verdict = known.length > 0 ? 'valid' : 'unproven'
    return { verdict, fault: '', lines: words(found, verdict, known, say) }
  } catch (err) {
    return refusal(err, say)
  }
}

// What only a browser says: none of the three is found in the receipt itself.
const unchecked = ['browser_too_old', 'key_given']
const ours = [...unchecked, 'unexpected']

function refusal(err, say) {
  const { code, params } = err instanceof Fault ? err : new Fault('unexpected')
  const verdict = unchecked.includes(code) ? 'unchecked' : 'invalid'
  const why = fill(say, `receipt.${ours.includes(code) ? '' : 'fault.'}${code}`, params)
  return { verdict, fault: code, lines: [fill(say, `receipt.verdict.${verdict}`), why] }
}

async function read(bytes, known) {
  const file = parse(bytes)
  const note = await signatures(file, known)
  const bodies = await entries(file, note)
  return { note, ...(await meaning(file, bodies)) }
}

// Keys and signatures.

let able

/**
 * Says whether the browser checks Ed25519, by the first example of RFC 8032.
 * Old ones do not; and none does on a page that came without encryption.
 */
export function capable() {
  able ??= example().catch(() => false)
  return able
}

async function example() {
  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16))
  const key = bytes('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
  const signature = bytes(
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155' +
      '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  )
  const good = await ed25519(key, signature, new Uint8Array())
  signature[0] ^= 1
  return good && !(await ed25519(key, signature, new Uint8Array())) && ''.isWellFormed()
}

async function ed25519(key, signature, message) {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify'])
  return crypto.subtle.verify({ name: 'Ed25519' }, imported, signature, message)
}

async function verifies(key, signature, message) {
  if (signature.length !== 64 || small(signature)) return false
  // A key that is no point of the curve is thrown by some browsers.
  return ed25519(key.raw, signature, message).catch(() => false)
}

// The points of small order, whose sign is the last byte's first bit. Anybody
// can make signatures for such a key, and browsers do not agree about them.
const smallOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]

function small(bytes) {
  const point = bytes.slice(0, 32)
  point[31] &= 0x7f
  return smallOrder.includes(hex(point))
}

/** The keys of the reader, who has made a mistake when one is malformed. */
async function given(keys) {
  const out = []
  for (const text of keys) {
    const key = await readKey(text).catch(() => null)
    unless(key, 'key_given')
    out.push(key)
  }
  return out
}

/** Reads NAME+HASH+BASE64. What is no key is thrown: look_alike or key_malformed. */
export async function readKey(text) {
  const [name, rest] = cut(text, '+')
  unless(rest !== null && name !== '', 'key_malformed')
  unless(plain(name), 'look_alike', { name: spelled(name), hash: '' })
  const [hash, base64] = cut(rest, '+')
  const raw = base64 === null ? null : unbase64(base64)
  unless(raw?.length === 33 && [log, witness].includes(raw[0]) && !small(raw.subarray(1)), 'key_malformed')
  const sum = await sha256(joined(utf8(`${name}\n`), raw))
  unless(hex(sum.subarray(0, 4)) === hash, 'key_malformed')
  return { name, hash, text, raw: raw.slice(1), witness: raw[0] === witness }
}

function plain(name) {
  return /^[\x21-\x2a\x2c-\x7e]{1,200}$/.test(name)
}

/** Writes a name so that its odd letters show. */
export function spelled(name) {
  const letter = (c) => `[U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`
  return Array.from(name, (c) => (c > ' ' && c < '\x7f' ? c : letter(c))).join('')
}

/** Checks every signature of the checkpoint. */
async function signatures(file, known) {
  const keys = []
  for (const [i, text] of [...file.keys, ...file.witnesses].entries()) {
    const key = await readKey(text)
    // One short name for two keys would leave open whose signature it is.
    unless(key.witness === i >= file.keys.length && !keys.some((other) => same(other, key)), 'key_malformed')
    keys.push(key)
  }
  const note = readNote(file.checkpoint)
  const stranger = keys.find((key) => !key.witness && key.name !== note.origin)
  unless(!stranger, 'other_origin', { origin: note.origin, name: stranger?.name })
  for (const [i, signature] of note.signatures.entries()) {
    unless(!note.signatures.slice(0, i).some((earlier) => same(earlier, signature)), 'signed_twice', signature)
    await checkSignature(note, signature, keys)
  }
  const logs = note.signatures.find((signature) => !signature.by.witness)
  unless(logs, 'unsigned', { name: note.origin, hash: '' })
  const idle = keys.find((key) => !note.signatures.some((signature) => signature.by.text === key.text))
  unless(!idle, 'key_unused', idle)
  recognise(note, logs, known)
  return note
}

function same(a, b) {
  return a.name === b.name && a.hash === b.hash
}

async function checkSignature(note, signature, keys) {
  const key = keys.find((k) => same(k, signature))
  unless(key, signature.name === note.origin ? 'unknown_key' : 'unknown_witness', signature)
  signature.by = key
  if (!key.witness) {
    unless(await verifies(key, signature.raw, utf8(note.text)), 'signature', signature)
    return
  }
  signature.seconds = cosignedAt(signature.raw)
  const message = utf8(`cosignature/v1\ntime ${signature.seconds}\n${note.text}`)
  const good = signature.seconds !== null && (await verifies(key, signature.raw.slice(timeBytes), message))
  unless(good, 'cosignature', signature)
}

/** The seconds that a cosignature begins with: above 0 and below 2^40. */
function cosignedAt(raw) {
  if (raw.length < timeBytes) return null
  const seconds = new DataView(raw.buffer, raw.byteOffset).getBigUint64(0)
  return seconds > 0n && seconds < 1n << 40n ? Number(seconds) : null
}

/** Finds, among the log's signatures, one by a key that the reader has. */
function recognise(note, first, known) {
  const logs = known.filter((key) => !key.witness)
  const knows = note.signatures.some((s) => logs.some((key) => key.text === s.by.text))
  if (known.length === 0 || knows) return
  const foreign = logs.length > 0 && logs.every((key) => key.name !== note.origin)
  unless(!foreign, 'other_origin', { origin: note.origin, name: logs[0]?.name })
  throw new Fault('unknown_key', first)
}

/** Reads a checkpoint, without checking a signature. */
function readNote(text) {
  const [signed, below] = cut(text, '\n\n')
  const lines = signed.split('\n')
  unless(below !== null && lines.length === 3 && utf8(text).length <= mostNote, 'checkpoint_malformed')
  const [origin, digits, base64] = lines
  unless(plain(origin), 'look_alike', { name: spelled(origin), hash: '' })
  unless(/^(0|[1-9]\d{0,15})$/.test(digits) && BigInt(digits) <= 1n << 53n, 'checkpoint_malformed')
  const root = unbase64(base64)
  unless(root?.length === hashBytes && below.endsWith('\n'), 'checkpoint_malformed')
  const all = below.slice(0, -1).split('\n').map(readSignature)
  unless(all.length <= mostSignatures, 'checkpoint_malformed')
  return { origin, size: BigInt(digits), root, text: `${signed}\n`, signatures: all }
}

function readSignature(line) {
  unless(line.startsWith('— '), 'checkpoint_malformed')
  const [name, base64] = cut(line.slice(2), ' ')
  unless(base64 !== null && name !== '', 'checkpoint_malformed')
  unless(plain(name), 'look_alike', { name: spelled(name), hash: '' })
  const raw = unbase64(base64)
  unless(raw?.length >= 5, 'checkpoint_malformed')
  return { name, hash: hex(raw.subarray(0, 4)), raw: raw.slice(4) }
}

// The file.

/** Reads the file: size, JSON, type, version, shape, canonical form. */
function parse(bytes) {
  unless(bytes.length <= mostBytes, 'too_large', { max: String(mostBytes >> 20) })
  const text = utf16(bytes)
  const top = text === null ? undefined : json(text)
  unless(isObject(top), bytes[bytes.length - 1] === 0x7d ? 'not_json' : 'truncated')
  unless(own(top, 'type') === 'beforehand-receipt', 'not_receipt')
  unless(own(top, 'v') === 1, 'version', { version: figure(own(top, 'v')) })
  const field = misshapen(top)
  unless(field === '', 'shape', { field })
  unless(canonical(top) === text, 'not_canonical')
  return top
}

/** Writes a version that is not ours: a small whole number, or a question mark. */
function figure(v) {
  return Number.isInteger(v) && v >= 0 && v < 1000 ? String(v) : '?'
}

/** Names the first field that is missing, of the wrong kind or not ours. */
function misshapen(top) {
  const shaped = {
    checkpoint: isText,
    document: isText,
    entries: (v) => Array.isArray(v) && v.length > 0 && v.length <= mostEntries && v.every(isEntry),
    keys: (v) => texts(v, mostKeys) && v.length > 0,
    type: isText,
    v: (v) => v === 1,
    witnesses: (v) => texts(v, mostKeys),
  }
  const first = fields.find((name) => !shaped[name](own(top, name)))
  if (first) return first
  return Object.keys(top).length === fields.length ? '' : '?'
}

function isEntry(v) {
  if (!isObject(v) || Object.keys(v).length !== 3) return false
  const seq = own(v, 'seq')
  return isText(own(v, 'body')) && texts(own(v, 'proof'), mostProof) && Number.isSafeInteger(seq) && seq >= 0
}

function isText(v) {
  return typeof v === 'string'
}

function isObject(v) {
  return typeof v === 'object' && v !== null && !Array.isArray(v)
}

function texts(v, most) {
  return Array.isArray(v) && v.length <= most && v.every(isText)
}

/** A field of an object itself: never of what all objects have. */
function own(object, name) {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/** What JSON says; undefined when it says nothing. */
function json(text) {
  if (!sound(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Says whether JSON is no deeper than the other verifier reads, and has no
 * number beyond what can be held, which JSON.parse makes infinite, or forgets
 * when the same name comes again.
 */
function sound(text) {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (c === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++
    } else if (c === '{' || c === '[') {
      if (++depth > deepest) return false
    } else if (c === '}' || c === ']') {
      depth--
    } else if (c >= '0' && c <= '9') {
      const from = i
      while (/[\d.eE+-]/.test(text[i + 1] ?? '')) i++
      if (!Number.isFinite(Number(text.slice(from, i + 1)))) return false
    }
  }
  return true
}

/**
 * Writes JSON in canonical form (RFC 8785); null when a text in it is not
 * well-formed. It keeps a list of its own of what is still to be written: a
 * deep value must not use up the browser's stack.
 */
export function canonical(value) {
  const out = []
  const todo = [[value]] // a value in brackets, or a text that is written as it is
  while (todo.length > 0) {
    const next = todo.pop()
    if (isText(next)) {
      out.push(next)
      continue
    }
    const [v] = next
    if (Array.isArray(v)) {
      todo.push(']')
      for (let i = v.length - 1; i >= 0; i--) todo.push([v[i]], i > 0 ? ',' : '[')
      if (v.length === 0) todo.push('[')
    } else if (isObject(v)) {
      const names = Object.keys(v).sort()
      if (!names.every((name) => name.isWellFormed())) return null
      todo.push('}')
      for (let i = names.length - 1; i >= 0; i--) todo.push([v[names[i]]], `${i > 0 ? ',' : '{'}${JSON.stringify(names[i])}:`)
      if (names.length === 0) todo.push('{')
    } else if (isText(v) && !v.isWellFormed()) {
      return null
    } else {
      out.push(JSON.stringify(v))
    }
  }
  return out.join('')
}

/** What a text says when it is canonical JSON of an object; else null. */
function canonicalObject(text) {
  const v = json(text)
  return isObject(v) && canonical(v) === text ? v : null
}

// The entries.

/**
 * Checks that every entry is what the log holds at its place. The proofs are
 * reckoned all at once, for a browser hashes elsewhere and one waits for it;
 * the fault is that of the first entry all the same.
 */
async function entries(file, note) {
  const bodies = []
  const proofs = []
  let fault = null
  try {
    for (const [i, entry] of file.entries.entries()) {
      const seq = { seq: String(entry.seq) }
      unless(i === 0 || entry.seq > file.entries[i - 1].seq, 'entry_order', seq)
      const body = readBody(entry)
      unless(body, 'entry_malformed', seq)
      unless((i === 0 || body.org === bodies[0].org) && isOf(note.origin, body.org), 'other_organisation', seq)
      const hashes = entry.proof.map(unbase64)
      unless(
        hashes.every((h) => h?.length === hashBytes),
        'proof',
        seq,
      )
      proofs.push(included(hashes, note.size, note.root, BigInt(entry.seq), entry.body))
      bodies.push(body)
    }
  } catch (err) {
    fault = err
  }
  const wrong = (await Promise.all(proofs)).indexOf(false)
  unless(wrong < 0, 'proof', { seq: String(file.entries[wrong]?.seq) })
  if (fault) throw fault
  return bodies
}

/** What a verifier reads of an entry; null when that is not as it should be. */
function readBody(entry) {
  const top = utf8(entry.body).length > mostBody ? null : canonicalObject(entry.body)
  if (!top || own(top, 'seq') !== entry.seq) return null
  return strict(() => {
    const data = record(top, 'data')
    return {
      at: line(top, 'at'),
      org: line(top, 'org'),
      verb: line(top, 'verb'),
      data: { at: line(data, 'at'), event: line(data, 'event'), notice: line(data, 'notice'), union: line(data, 'union') },
    }
  })
}

class Misfit extends Error {}

function strict(make) {
  try {
    return make()
  } catch (err) {
    if (err instanceof Misfit) return null
    throw err
  }
}

/** A field of a kind; what is missing or null is empty, and another kind is a Misfit. */
function kind(object, name, is, empty) {
  const v = own(object, name) ?? empty
  if (!is(v)) throw new Misfit(name)
  return v
}

function line(object, name) {
  return kind(object, name, isText, '')
}

function record(object, name) {
  return kind(object, name, isObject, {})
}

/** Says whether an origin is of the log of an organisation. */
function isOf(origin, org) {
  return org !== '' && origin.endsWith(`-${org.slice(-12)}`)
}

/** RFC 6962 section 2.1.1, from the leaf up. */
async function included(proof, size, root, seq, body) {
  const path = sides(size, seq)
  if (path?.length !== proof.length) return false
  let hash = await sha256(joined(Uint8Array.of(0), utf8(body)))
  for (const [i, left] of path.entries()) {
    hash = await sha256(joined(Uint8Array.of(1), left ? proof[i] : hash, left ? hash : proof[i]))
  }
  return equal(hash, root)
}

/**
 * Says, from a leaf up, on which side of the way each sibling stands: true for
 * the left. A tree is parted at the greatest power of two below its size, so
 * one that is not full has a shorter way on its right.
 */
export function sides(size, seq) {
  if (seq < 0n || seq >= size) return null
  const out = []
  for (let [n, at] = [size, seq]; n > 1n; ) {
    let half = 1n
    while (half * 2n < n) half *= 2n
    const right = at >= half
    out.unshift(right)
    if (right) at -= half
    n = right ? n - half : half
  }
  return out
}

// What the entries, now known to be the log's, say.

async function meaning(file, bodies) {
  const [first, ...later] = bodies
  unless(['notice.serve', 'override.sign'].includes(first.verb), 'not_notice')
  const hash = hex(await sha256(utf8(file.document)))
  const doc = readDocument(file.document)
  unless(doc && doc.no !== '' && first.data.notice === hash, 'document')
  const recordedAt = instant(first.at)
  unless(recordedAt !== null, 'entry_malformed', { seq: String(file.entries[0].seq) })
  const heard = new Set()
  const all = []
  for (const [i, body] of later.entries()) {
    const seq = { seq: String(file.entries[i + 1].seq) }
    const party = doc.parties.find((p) => p.id === body.data.union)
    const good = ['notice.acknowledge', 'delivery.record'].includes(body.verb) && body.data.notice === hash
    unless(good && party, 'other_notice', seq)
    const [at, recorded] = [instant(body.data.at), instant(body.at)]
    unless(at !== null && recorded !== null, 'entry_malformed', seq)
    unless((body.verb === 'notice.acknowledge') === (body.data.event === 'acknowledged'), 'other_notice', seq)
    unless(at <= recorded && at >= recordedAt - slack, 'entry_times', seq)
    all.push({ union: party.union, event: body.data.event, at, recorded })
    if (reached.includes(body.data.event)) heard.add(party.id)
  }
  const silent = doc.parties.filter((p) => !heard.has(p.id)).map((p) => p.union)
  return { ...doc, recordedAt, events: all, silent }
}

/** What a verifier reads of a notice; null when that is not as it should be. */
function readDocument(text) {
  const top = canonicalObject(text)
  if (!top) return null
  return strict(() => {
    const both = (name) => ({ en: line(record(top, name), 'en'), cy: line(record(top, name), 'cy') })
    const parties = kind(top, 'parties', Array.isArray, []).map((p) => {
      const party = kind({ p }, 'p', isObject, {})
      return { id: line(party, 'unionId'), union: line(party, 'union') }
    })
    for (const [i, p] of parties.entries()) {
      // Whose event would it be?
      if (parties.slice(0, i).some((o) => o.id === p.id || o.union === p.union)) throw new Misfit('parties')
    }
    const zone = line(record(record(top, 'rules'), 'clock'), 'zone')
    return { no: line(top, 'no'), name: both('name'), organisation: both('organisation'), parties, zone }
  })
}

/** Reads a time of the log, RFC 3339 in UTC, as milliseconds; null when it is none. */
export function instant(text) {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text)) return null
  const whole = text.slice(0, 19)
  const at = Date.parse(`${whole}Z`)
  // 30 February is another day to a browser, and no time to us.
  const real = at >= 0 && new Date(at).toISOString().slice(0, 19) === whole
  return real ? at : null
}

// What is said.

function words(found, verdict, known, say) {
  const zone = clock(found.zone)
  const at = (ms) => dateTime(say, zone, ms)
  const inOurs = (both) => ((say.language === 'cy' && both.cy !== '') || both.en === '' ? both.cy : both.en)
  const out = [fill(say, `receipt.verdict.${verdict}`)]
  const notice = { no: found.no, name: inOurs(found.name), organisation: inOurs(found.organisation) }
  out.push(fill(say, 'receipt.recorded', { ...notice, at: at(found.recordedAt) }))
  for (const e of found.events) {
    const code = events.includes(e.event) ? e.event : 'other'
    out.push(fill(say, `receipt.event.${code}`, { union: e.union, event: e.event, at: at(e.at), recorded: at(e.recorded) }))
  }
  for (const union of found.silent) out.push(fill(say, 'receipt.silent', { union }))
  return [...out, ...signers(found.note, verdict, known, say, at), fill(say, 'receipt.limits')]
}

function signers(note, verdict, known, say, at) {
  const size = String(note.size).replace(/\B(?=(\d{3})+$)/g, ',')
  const out = note.signatures.map(({ name, hash, by, seconds }) => {
    const knows = known.some((key) => key.text === by.text)
    const when = by.witness ? at(seconds * 1000) : ''
    let code = verdict === 'unproven' ? 'signed_unproven' : 'signed_besides'
    if (knows) code = 'signed'
    if (by.witness) code = knows ? 'witness' : 'witness_stranger'
    return fill(say, `receipt.${code}`, { name, hash, size, key: by.text, at: when })
  })
  if (!note.signatures.some((s) => s.by.witness)) out.push(fill(say, 'receipt.no_witness'))
  return out
}

/** The sentence of a code with its blanks filled, as frontend/words says it. */
export function fill(say, code, params = {}) {
  const template = own(say.templates, code)
  if (template === undefined) return `⟦${code}⟧`
  const blank = /\{\{(soft )?\.(\w+)\}\}/g
  for (const [, , name] of template.matchAll(blank)) {
    const without = `${code}.no_${name}`
    if ((params[name] ?? '') === '' && own(say.templates, without) !== undefined) return fill(say, without, params)
  }
  return template.replace(blank, (_, soft, name) => {
    const text = unbroken(params[name] ?? `⟦${name}⟧`)
    return soft && text.startsWith('dydd ') ? `d${text}` : text
  })
}

/** Spells what would break a line, or turn its reading about. */
function unbroken(text) {
  const odd = /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g
  return text.replace(odd, (c) => `[U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`)
}

function dateTime(say, zone, ms) {
  const part = Object.fromEntries(zone.formatToParts(ms).map(({ type, value }) => [type, value]))
  const two = (n) => n.padStart(2, '0')
  return `${Number(part.day)} ${say.months[part.month - 1]} ${part.year}${say.at}${two(part.hour)}:${two(part.minute)}`
}

/** The clock of a zone; of UTC when the browser does not know the zone. */
function clock(zone) {
  const options = { hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' }
  const of = (timeZone) => new Intl.DateTimeFormat('en-GB-u-ca-gregory-nu-latn', { ...options, timeZone })
  try {
    if (isZone(zone)) return of(zone)
  } catch {
    // Nobody knows it, then.
  }
  return of('UTC')
}

// A zone as IANA writes it, for browsers take them in any letters, and know
// some that the other verifier does not: Area/Place_of_Place, and old ones.
const word = '[A-Z][a-z]+'
const place = `${word}([_-]((?!(Of|Au|Es)(?![a-z]))${word}|of|au|es))*`
const old =
  'CET|CST6CDT|EET|EST|EST5EDT|GB|GB-Eire|GMT[+-]?0|GMT|HST|MET|MST|MST7MDT|NZ|NZ-CHAT|PRC|PST8PDT|ROC|ROK|UCT|UTC|W-SU|WET|' +
  'America/Argentina/ComodRivadavia|America/Knox_IN|Antarctica/DumontDUrville|Antarctica/McMurdo|Australia/(ACT|LHI|NSW)|' +
  'Brazil/DeNoronha|Chile/EasterIsland|Etc/(GMT|GMT0|GMT[+-]\\d|GMT[+-]1[0-4]|UCT|UTC)|Mexico/Baja(Norte|Sur)|' +
  'US/(Alaska|Aleutian|Arizona|Central|East-Indiana|Eastern|Hawaii|Indiana-Starke|Michigan|Mountain|Pacific|Samoa)'
const zonePattern = new RegExp(`^((Etc|[A-Z][a-z]{3,})(/${place})*|${old})$`)

export function isZone(zone) {
  return zonePattern.test(zone)
}

// Bytes.

function cut(text, sign) {
  const at = text.indexOf(sign)
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + sign.length)]
}

function utf8(text) {
  return new TextEncoder().encode(text)
}

function utf16(bytes) {
  try {
    // A byte order mark is kept, for it is not JSON.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** Reads base64 that is written in the one right way; null when it is not. */
function unbase64(text) {
  try {
    const raw = atob(text)
    return btoa(raw) === text ? Uint8Array.from(raw, (c) => c.charCodeAt(0)) : null
  } catch {
    return null
  }
}

function hex(bytes) {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
}

function joined(...parts) {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

function equal(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}
