import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { SocketSession } from '../../src/graphql/socket/socket-session.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
const sessions: SocketSession[] = []
beforeAll(async () => {
  kit = await openKit()
  const { begin } = SocketSession.prototype
  SocketSession.prototype.begin = function (actor) {
    sessions.push(this)
    begin.call(this, actor)
  }
})
afterAll(() => kit.close())

test('who answers the network’s question stays, and who does not is gone at the next one', async () => {
  const alice = await kit.user('alice')
  const socket = new WebSocket(`${kit.server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  let closed: number | undefined
  socket.on('close', (code) => {
    closed = code
  })
  let answers = 0
  socket.on('message', () => answers++)
  await once(socket, 'open')
  const ask = async (message: object): Promise<void> => {
    const before = answers
    socket.send(JSON.stringify(message))
    await waitFor(() => answers > before)
  }
  await ask({ type: 'connection_init', payload: { token: alice.token } })
  const [session] = sessions
  // Long enough for an answer to each: what the client says itself after it, the server has answered.
  for (let time = 0; time < 3; time++) {
    const asked = once(socket, 'ping')
    session!.heartbeat()
    await asked
    await ask({ type: 'ping' })
  }
  expect(closed).toBeUndefined()

  socket.pause()
  session!.heartbeat()
  session!.heartbeat()
  socket.resume()
  await waitFor(() => closed !== undefined)
  expect(closed).toBe(1006)
})
