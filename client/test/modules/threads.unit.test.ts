import { expect, test, vi } from 'vitest'
import type { HandleContext } from '../../src/handles/context.ts'
import { Following } from '../../src/modules/thread-following.ts'
import { Quotes } from '../../src/modules/thread-quotes.ts'
import { Store } from '../../src/store/store.ts'

/** What modules stand on, with a server that answers every request in the same way. */
function contextOf(request: (variables: never) => object) {
  const store = new Store({ onError: () => {} })
  const answer = vi.fn<(document: unknown, variables: never) => Promise<object>>(async (_document, variables) =>
    request(variables),
  )
  const clock = { now: () => 0, after: (_wait: number, run: () => void) => queueMicrotask(run) }
  const host = { request: answer, subscribe: () => () => {} }
  const context = { store, host, env: { clock }, log: { write: () => {} } }
  return { store, answer, context: context as unknown as HandleContext }
}

const channelId = 'CH1'

test('of threads that were asked for those that the user does not follow are forgotten, the oldest first', async () => {
  const { context } = contextOf(({ parentId }: { readonly parentId: string }) => {
    const parentIndex = Number(parentId)
    return { viewer: { thread: { channelId, parentIndex, parent: null, isFollowed: parentIndex === 0 } } }
  })
  const following = new Following(context)
  for (let index = 0; index < 1010; index++) await following.ask(channelId, index, String(index))
  expect(following.threads.size).toBe(1000)
  expect([0, 1, 10, 11].map((index) => following.find(channelId, index)?.isFollowed)).toEqual([
    true,
    undefined,
    undefined,
    false,
  ])
  // It is asked for again.
  await following.ask(channelId, 1, '1')
  expect(following.find(channelId, 1)).toBeDefined()
})

test('threads of a channel that is gone stay gone, whatever was heard of them before', async () => {
  const parent = { id: 'IM1', channelId, index: 1, revision: 1, replyCount: 1 }
  const { store, context } = contextOf(() => ({
    viewer: { thread: { channelId, parentIndex: 1, parent, isFollowed: true } },
  }))
  const following = new Following(context)
  await following.ask(channelId, 1, 'IM1')
  const counted = { ...parent, revision: 2, replyCount: 2, lastReplyAt: null, repliers: [], authorIdentity: 'bob' }
  store.apply([{ kind: 'thread', channelId, index: 1, parent: counted as never }])
  expect(following.find(channelId, 1)?.parent?.replyCount).toBe(2)
  store.apply([
    { kind: 'thread', channelId, index: 1, parent: { ...counted, revision: 3 } as never },
    { kind: 'channelGone', channelId, membershipId: 'MB1' } as never,
  ])
  expect(following.threads.size).toBe(0)
})

test('what is quoted is read again where a channel begins anew', async () => {
  let body = 'before'
  const message = () => ({ id: 'IM1', channelId, index: 1, revision: 1, body })
  const { store, answer, context } = contextOf(() => ({
    quoting: [{ __typename: 'Message', quote: { messageId: 'IM1', message: message() } }],
  }))
  const quotes = new Quotes(context)
  const shown = (): string | undefined => quotes.find(channelId, 'IM1', 'IM2')?.body
  await vi.waitUntil(() => shown() === 'before')
  body = 'after'
  store.apply([{ kind: 'reset', channelId: 'CH2' }])
  expect(shown()).toBe('before')
  store.apply([{ kind: 'reset', channelId }])
  await vi.waitUntil(() => shown() === 'after')
  expect(answer).toHaveBeenCalledTimes(2)
})
