// Starts GOV.UK Frontend's components. Every page works without this.
//
// GOV.UK Frontend shows scripted components only below a class on the body;
// its usual place is an inline script, which our content policy forbids.
import { watchSession } from './away.js'
import { keepForms } from './forms.js'
import { initAll, isSupported } from './govuk-frontend.js'

document.body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) {
  document.body.classList.add('govuk-frontend-supported')
}
if (isSupported()) {
  initAll()
}

keepForms()
watchSession()

// What htmx swaps in holds components that have not been started yet.
document.body.addEventListener('htmx:afterSwap', (event) => {
  if (isSupported()) {
    initAll({ scope: event.detail.elt })
  }
})
