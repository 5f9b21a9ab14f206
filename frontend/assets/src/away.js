// Warns before a session ends by itself, and lets it go on.

const notice = 5 * 60 * 1000

export function watchSession() {
  const place = document.querySelector('[data-session-left]')
  if (!place) return
  let timer = 0
  const wait = () => {
    clearTimeout(timer)
    place.hidden = true
    timer = setTimeout(
      () => {
        place.hidden = false // it is an alert: it is read out, and takes nobody from what they are typing
      },
      Math.max(0, Number(place.dataset.sessionLeft) * 1000 - notice),
    )
  }
  place.querySelector('button').addEventListener('click', async () => {
    const answer = await fetch(place.dataset.sessionStay, { credentials: 'same-origin', redirect: 'manual' }).catch(() => null)
    if (answer?.ok) wait()
    else location.reload()
  })
  document.addEventListener('session-used', wait)
  wait()
}
