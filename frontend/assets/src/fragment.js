// Fills in a code that came in a link after its #, which no server is ever
// sent, and takes it out of the address. Without this the code is typed.
const given = new URLSearchParams(location.hash.slice(1)).get('code')
const field = document.getElementById('code')
if (given && field) {
  field.value = given
  history.replaceState(null, '', location.pathname + location.search)
}
