import fc from 'fast-check'
import type { Client } from 'graphql-ws'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AppendToMessageDocument,
  CancelMessageDocument,
  DeleteMessageDocument,
  FinishMessageDocument,
  StreamStateDocument,
  StreamedTextsDocument,
  type StreamedTextsSubscription,
} from '../../schema/generated/graphql.ts'
import type { MessageId } from '../../src/model/sid.ts'
import type { Server } from '../../src/server.ts'
import { Caller, openKit, record, type Kit, type Recording, type User } from '../support/kit.ts'
import { refusalOf } from '../support/refusal.ts'
import { ModelWriter, begin, seenOf, type Seen } from '../support/streamed.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let servers: readonly Server[]
let people: readonly User[]
beforeAll(async () => {
  kit = await openKit()
  servers = [kit.server, await kit.another()]
  people = [await kit.user('one'), await kit.user('two'), await kit.user('three')]
})
afterAll(() => kit.close())

/** A person that reads, on one server or another, is cut off at times, and goes on from where it was. */
class Reader {
  readonly #user: User
  readonly #channelId: string
  #client: Client | undefined
  #recording: Recording<StreamedTextsSubscription> | undefined
  #seen = new Map<string, Seen>()
  #cursor: string | undefined

  constructor(user: User, channelId: string) {
    this.#user = user
    this.#channelId = channelId
  }

  async connect(server: Server): Promise<void> {
    await this.cut()
    this.#client = this.#user.at(server).connect()
    this.#recording = record(this.#client, StreamedTextsDocument, { channelId: this.#channelId, after: this.#cursor })
    await this.#recording.atLeast(1)
  }

  async cut(): Promise<void> {
    await this.#client?.dispose()
    this.#seen = this.seen
    for (const { events } of this.#recording?.items ?? []) if ('cursor' in events) this.#cursor = events.cursor
    this.#recording = undefined
    this.#client = undefined
  }

  get isConnected(): boolean {
    return this.#client !== undefined
  }

  get seen(): Map<string, Seen> {
    return seenOf(this.#recording?.items ?? [], this.#seen)
  }
}

/** As if the process had died: what was not stored is gone. */
function lose({ streams }: Server['app'], messageId: string): void {
  const owned = streams.get(messageId)
  if (owned) streams.drop(owned)
}

const piece = fc
  .array(fc.constantFrom('a', 'né', '🦉', 'a\u0308', ' ', '👩‍👩‍👧', '\n', '漢'), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''))
const at = fc.nat({ max: 1 })
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('append' as const), at, text: piece }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wrong' as const), at, off: fc.constantFrom(1, 7) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('connect' as const), at, who: fc.nat({ max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), who: fc.nat({ max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('store' as const), at }) },
  // The process that has it forgets it, as if it had died: what was not stored is gone.
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const) }) },
)
const end = fc.record({ at, as: fc.constantFrom('finish' as const, 'cancel' as const, 'delete' as const) })

test('P14: whoever writes where, and whatever is lost or cut, every reader ends with the text of a naive model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), end, async (steps, ending) => {
      const { id: channelId } = await kit.channel(people)
      const readers = people.map((user) => new Reader(user, channelId))
      const callers = servers.map((server) => new Caller(server, kit.backend.authorization))
      await readers[0]!.connect(servers[1]!)
      const { messageId } = await begin(kit.backend, channelId)
      const writer = new ModelWriter(callers, messageId)
      for (const one of steps) {
        if (one.do === 'append') await writer.append(one.at, one.text)
        else if (one.do === 'wrong') await writer.miss(one.at, one.off)
        else if (one.do === 'connect') await readers[one.who]!.connect(servers[one.at]!)
        else if (one.do === 'cut') await readers[one.who]!.cut()
        else if (one.do === 'store') await servers[one.at]!.app.streams.writer.write()
        else servers.forEach(({ app }) => lose(app, messageId))
      }
      // Its writer makes sure of the whole.
      await writer.append(ending.at, '.')
      const { text } = writer
      const by = callers[ending.at]!
      if (ending.as === 'delete') await by.request(DeleteMessageDocument, { input: { messageId } })
      else if (ending.as === 'finish') {
        await by.request(FinishMessageDocument, { input: { messageId, offset: text.length } })
      } else await by.request(CancelMessageDocument, { input: { messageId } })
      for (const [who, reader] of readers.entries()) if (!reader.isConnected) await reader.connect(servers[who % 2]!)
      await Promise.all(
        readers.map(async (reader, who) => {
          if (who === 2) await reader.connect(servers[0]!)
          if (ending.as === 'delete') return waitFor(() => !reader.seen.has(messageId))
          return waitFor(() => {
            const seen = reader.seen.get(messageId)
            return seen && seen.state !== 'STREAMING' && seen
          }).then((seen) => expect(seen.text).toBe(text))
        }),
      )
      const { message } = await kit.backend.request(StreamStateDocument, { id: messageId })
      expect(message?.body).toBe(ending.as === 'delete' ? undefined : text)
      for (const { app } of servers) await waitFor(() => !app.streams.get(messageId as MessageId))
      for (const reader of readers) await reader.cut()
    }),
    { numRuns: Number(process.env['RUNS'] ?? 12) },
  )
}, 120_000)

test('P14: a text that was handed over is stored, also where it is not ended then', async () => {
  const { id: channelId } = await kit.channel(people)
  const [here, there] = servers.map((server) => new Caller(server, kit.backend.authorization))
  const { messageId } = await begin(here!, channelId)
  await here!.request(AppendToMessageDocument, { input: { messageId, offset: 0, text: 'not stored' } })
  const input = { messageId, offset: 1 }
  expect(await refusalOf(there!, FinishMessageDocument, { input })).toEqual({ code: 'CONFLICT', currentOffset: 10 })
  await servers[1]!.app.streams.writer.write()
  const { message } = await kit.backend.request(StreamStateDocument, { id: messageId })
  expect(message).toMatchObject({ body: 'not stored', streamState: 'STREAMING' })
  await there!.request(CancelMessageDocument, { input: { messageId } })
})
