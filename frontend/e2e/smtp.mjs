// A mail server of a few lines that takes what it is given, save for the
// addresses that it refuses.

import { createServer } from 'node:net'

/** Starts it; refuses(address) says for whom there is no mailbox. */
export function mailServer(refuses) {
  const server = createServer((socket) => {
    let data = false
    let rest = ''
    const say = (line) => socket.write(`${line}\r\n`)
    socket.on('error', () => {})
    say('220 mail.example ESMTP')
    socket.on('data', (chunk) => {
      rest += chunk
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 2)
        if (data) {
          if (line !== '.') continue
          data = false
          say('250 2.0.0 taken')
        } else if (/^EHLO/i.test(line)) say('250-mail.example\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME')
        else if (/^RCPT TO:/i.test(line)) say(refuses(line.slice(8)) ? '550 5.1.1 no such mailbox' : '250 2.1.5 ok')
        else if (/^DATA/i.test(line)) {
          data = true
          say('354 go on')
        } else if (/^QUIT/i.test(line)) {
          say('221 2.0.0 bye')
          socket.end()
        } else say('250 2.0.0 ok')
      }
    })
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({ port: server.address().port, close: () => server.close() })))
}
