import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createHttpServer, createResponseCounts } from '../../src/http/http.ts'
import { listen } from '../../src/http/listen.ts'

test('a connection that was opened ahead is closed in silence, one whose request is not complete is answered', async () => {
  const server = createHttpServer({
    graphql: () => {},
    rest: () => {},
    metrics: () => {},
    demoTokens: () => {},
    console: undefined,
    page: () => false,
    unreadiness: () => undefined,
    responses: createResponseCounts(),
  })
  const port = await listen(server, 0, '127.0.0.1')
  server.headersTimeout = 1
  const answers = await Promise.all(
    ['', 'GET / HTTP/1.1\r\nHost: x\r\n', 'no request\r\n\r\n', `GET / HTTP/1.1\r\nHost: ${'x'.repeat(20_000)}`].map(
      async (request) => {
        const socket = connect(port, '127.0.0.1')
        let answer = ''
        socket.on('data', (data) => (answer += data.toString()))
        socket.write(request)
        await once(socket, 'close')
        return answer.split('\r\n')[0]
      },
    ),
  )
  server.close()
  expect(answers).toEqual([
    '',
    'HTTP/1.1 408 Request Timeout',
    'HTTP/1.1 400 Bad Request',
    'HTTP/1.1 431 Request Header Fields Too Large',
  ])
})
