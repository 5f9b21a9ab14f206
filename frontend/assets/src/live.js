// Says on the page when there is something new: the server tells that there is,
// and nothing of what. Without this the page is as new as its last load.
const place = document.querySelector('[data-live]')
const words = document.getElementById('live-words')
if (place && words && 'EventSource' in window) {
  const source = new EventSource(place.dataset.live)
  source.addEventListener('changed', () => {
    // The region is read out when something comes into it, so it comes once.
    if (place.childElementCount === 0) place.append(words.content.cloneNode(true))
  })
  // To try again and again would keep a session alive that nobody uses.
  source.addEventListener('error', () => source.close())
  window.addEventListener('pagehide', () => source.close())
}
