import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openKit } from '../../test/support/kit.ts'
import { waitFor } from '../../test/support/wait.ts'
import { createClient, nativeEnv } from '../src/native.ts'

test('a plain adapter carries the client: its own WebSocket, and no page', async () => {
  await using kit = await openKit()
  const bob = await kit.user('bob')
  const listeners = new Set<unknown>()
  const on = (listener: unknown) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  const env = nativeEnv({ WebSocket, isActive: () => true, onActive: on, isOnline: () => true, onOnline: on })
  const client = createClient({ url: kit.server.url, identity: bob.identity, token: () => bob.token, env })
  await waitFor(() => client.getSnapshot().connection.status === 'live')
  const { id } = await kit.channel([bob])
  await waitFor(() => client.getSnapshot().channels.has(id))
  await client.channel(id).sendMessage('from a phone')
  await client.close()
  expect(listeners.size).toBe(0)
})
