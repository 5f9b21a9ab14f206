// The words of the pages, for journeys that are walked in either language.

import { readFileSync } from 'node:fs'

const read = (lang) => {
  const text = readFileSync(new URL(`../words/${lang}.toml`, import.meta.url), 'utf8')
  return Object.fromEntries([...text.matchAll(/^"([^"]+)" = "(.*)"$/gm)].map(([, key, value]) => [key, value]))
}
const catalogue = { en: read('en'), cy: read('cy') }

/** Says a code with its blanks filled in. One without words fails the journey. */
export function say(lang, code, params = {}) {
  const words = catalogue[lang][code]
  if (words === undefined) throw new Error(`no words for ${code} in ${lang}`)
  return words.replace(/\{\{\.(\w+)\}\}/g, (_, name) => String(params[name] ?? ''))
}
