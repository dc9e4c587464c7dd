import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKit, type Kit } from '../../test/support/kit.ts'
import { waitFor } from '../../test/support/wait.ts'
import type { Client, MessageHandle } from '../src/index.ts'
import { clientOf, isLive, live } from './support/client-of.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

type Step =
  | { readonly kind: 'send' | 'read' | 'cut' | 'back'; readonly who: 0 | 1 }
  | { readonly kind: 'edit' | 'remove'; readonly who: 0 | 1; readonly which: number }

const who = fc.constantFrom(0 as const, 1 as const)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), who }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('edit' as const, 'remove' as const), who, which: fc.nat(7) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('read' as const, 'cut' as const, 'back' as const), who }) },
)

const attempt = async (promise: Promise<unknown>): Promise<void> => void (await promise.catch(() => {}))

test('whatever two clients do and however often they are cut off, both end with what the server has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
      const users = [await kit.user('alice'), await kit.user('bob')] as const
      const { id } = await kit.channel(users)
      await using hers = clientOf(users[0])
      await using his = clientOf(users[1])
      const clients: readonly Client[] = [hers, his]
      await live(...clients)
      const lists = clients.map((client) => client.channel(id).messageList())
      for (const list of lists) {
        list.subscribe(() => {})
        await list.loadNewest()
      }
      const sent: MessageHandle[][] = [[], []]
      const doing: Promise<void>[] = []
      const heard: [number[], number[]] = [[], []]
      for (const at of [0, 1] as const) {
        clients[at]!.channel(id).on('messageAdded', ({ index }) => heard[at].push(index))
      }
      for (const [number, act] of steps.entries()) {
        const client = clients[act.who]!
        const own = sent[act.who]!
        const channel = client.channel(id)
        if (act.kind === 'send') {
          doing.push(attempt(channel.sendMessage(`${number}`).then((message) => own.push(message))))
        } else if (act.kind === 'cut') client.disconnect()
        else if (act.kind === 'back') client.connect()
        else if (act.kind === 'read') {
          if (isLive(client)) await attempt(channel.setAllMessagesRead())
        } else if ('which' in act) {
          const message = own[act.which % Math.max(own.length, 1)]
          if (message) doing.push(attempt(act.kind === 'edit' ? message.update(`${number} edited`) : message.delete()))
        }
        // Others’ turns come between, or not.
        if (number % 3 === 0) await Promise.resolve()
      }
      for (const client of clients) client.connect()
      await live(...clients)
      await Promise.all(doing)
      // One more message from each: whoever has both has what stands before.
      const last = [
        await hers.channel(id).sendMessage('last of hers'),
        await his.channel(id).sendMessage('last of his'),
      ]
      const end = Math.max(...last.map(({ index }) => index))
      await waitFor(() =>
        clients.every(
          (client) => (client.channel(id).state?.position ?? '') !== '' && client.channel(id).state!.head >= end,
        ),
      )
      const truth = (
        await kit.backend.ask<
          { channel: { messages: { nodes: { index: number; body: string; revision: number }[] } } },
          object
        >(`query ($id: ID!) { channel(id: $id) { messages(first: 1000) { nodes { index body revision } } } }`, { id })
      ).data!.channel.messages.nodes
      const expected = truth.map(({ index, body, revision }) => [index, body, revision, 'sent'])
      for (const list of lists) {
        const shown = () =>
          list
            .getSnapshot()
            .rows.map(({ message, status }) => [message?.index, message?.body, message?.revision, status])
        await waitFor(() => isDeepStrictEqual(shown(), expected)).catch(() => {})
        expect(shown()).toEqual(expected)
      }
      for (const [at, client] of clients.entries()) {
        const { member } = (
          await users[at]!.ask<{ member: { unreadCount: number } }, object>(
            `query ($id: ID!, $identity: String!) { member(channelId: $id, identity: $identity) { unreadCount } }`,
            { id, identity: users[at]!.identity },
          )
        ).data!
        await waitFor(() => client.channel(id).unreadCount === member.unreadCount).catch(() => {})
        expect(client.channel(id).unreadCount).toBe(member.unreadCount)
      }
      // Each message was heard of once, in its order; of those that were deleted before, not at all.
      for (const indexes of heard) {
        expect(indexes).toEqual([...new Set(indexes)].toSorted((one, other) => one - other))
        for (const { index } of truth) expect(indexes).toContain(index)
      }
    }),
    { numRuns: 5 },
  )
}, 60_000)
