import { expect, test } from 'vitest'
import { ChannelHandle } from '../../src/handles/channel.ts'
import type { HandleContext } from '../../src/handles/context.ts'
import { Store } from '../../src/store/store.ts'

const hour = 3_600_000

test.each([
  ['agree', 0],
  ['are an hour apart', hour],
  ['are an hour apart the other way', -hour],
])(
  'the others are shown again that one types before they take it for ended, where clocks %s',
  async (_, clockAhead) => {
    let now = 1_000_000
    let asked = 0
    const store = new Store({ onError: (error) => expect.fail(String(error)) })
    store.apply([{ kind: 'session', session: null, clockAhead }])
    const request = async () => {
      asked += 1
      return { startTyping: { expiresAt: new Date(now + clockAhead + 10_000).toISOString() } }
    }
    const context = { env: { clock: { now: () => now } }, store, host: { request }, typingShownUntil: new Map() }
    const channel = new ChannelHandle(context as unknown as HandleContext, 'channel')
    await channel.typing()
    now += 4900
    await channel.typing()
    expect(asked).toBe(1)
    now += 200
    await channel.typing()
    expect(asked).toBe(2)
  },
)
