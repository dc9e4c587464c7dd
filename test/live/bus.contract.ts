import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bus } from '../../src/live/bus.ts'
import { uniqueName } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

/** The bus of one process and that of another; in memory both are the same. */
export interface BusPair extends AsyncDisposable {
  readonly one: Bus
  readonly other: Bus
}

/** Records what reaches a listener. */
export async function listen(bus: Bus, topic: string) {
  const received: unknown[] = []
  const unsubscribe = await bus.subscribe(topic, (payload) => received.push(payload))
  return { received, unsubscribe }
}

/** What every bus does, whatever carries it. */
export function busContract(name: string, open: () => Promise<BusPair>): void {
  describe(`the bus ${name}`, () => {
    let pair: BusPair
    beforeAll(async () => {
      pair = await open()
    })
    afterAll(() => pair[Symbol.asyncDispose]())

    test('brings what is published once a subscription is answered, from either process, to all who listen', async () => {
      const { one, other } = pair
      const topic = uniqueName('topic')
      const near = await listen(one, topic)
      const far = await listen(other, topic)
      const second = await listen(one, topic)
      one.publish(topic, { number: 1 })
      await waitFor(() => [near, far, second].every(({ received }) => received.length === 1))
      other.publish(topic, { number: 2 })
      for (const { received } of [near, far, second]) {
        await waitFor(() => received.length === 2)
        expect(received).toEqual([{ number: 1 }, { number: 2 }])
      }
    })

    test('answers several subscriptions to one topic at once when each of them has taken effect', async () => {
      const topic = uniqueName('topic')
      const all = await Promise.all(Array.from({ length: 5 }, () => listen(pair.one, topic)))
      pair.other.publish(topic, 'hint')
      await waitFor(() => all.every(({ received }) => received.length > 0))
      expect(all.map(({ received }) => received)).toEqual(all.map(() => ['hint']))
    })

    test('keeps the order in which one process publishes', async () => {
      const topic = uniqueName('topic')
      const { received } = await listen(pair.other, topic)
      const numbers = Array.from({ length: 300 }, (_, number) => number)
      for (const number of numbers) pair.one.publish(topic, number)
      await waitFor(() => received.length === numbers.length)
      expect(received).toEqual(numbers)
    })

    test('keeps topics apart', async () => {
      const topics = Array.from({ length: 20 }, () => uniqueName('topic'))
      const all = await Promise.all(topics.map((topic) => listen(pair.one, topic)))
      for (const topic of topics) pair.other.publish(topic, topic)
      await waitFor(() => all.every(({ received }) => received.length > 0))
      expect(all.map(({ received }) => received)).toEqual(topics.map((topic) => [topic]))
    })

    test('brings nothing more to a listener that has unsubscribed, and goes on for the others', async () => {
      const topic = uniqueName('topic')
      const [gone, stays] = [await listen(pair.one, topic), await listen(pair.one, topic)]
      gone.unsubscribe()
      pair.other.publish(topic, 1)
      await waitFor(() => stays.received.length === 1)
      stays.unsubscribe()
      const again = await listen(pair.one, topic)
      pair.other.publish(topic, 2)
      await waitFor(() => again.received.length === 1)
      expect([gone.received, stays.received, again.received]).toEqual([[], [1], [2]])
    })

    test('brings dates back as dates, and nothing else', async () => {
      const topic = uniqueName('topic')
      const { received } = await listen(pair.other, topic)
      const payload = {
        createdAt: new Date('2026-03-24T21:05:19.123Z'),
        deletedAt: null,
        body: '2026-03-24T21:05:19.123Z',
        attributes: '{"startsAt":"2026-03-24T21:05:19.123Z"}',
        nested: [{ expiresAt: new Date(0), clientMessageId: '1970-01-01T00:00:00.000Z' }],
        text: 'Draw the 🦉! \u2028 "quoted"',
        seq: 2 ** 53 - 1,
        joined: false,
      }
      pair.one.publish(topic, payload)
      await waitFor(() => received.length === 1)
      expect(received).toEqual([payload])
    })
  })
}
