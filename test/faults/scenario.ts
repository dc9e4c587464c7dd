import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  AddMemberDocument,
  ChannelDocument,
  CreateAccessTokenDocument,
  CreateChannelDocument,
  HistoryDocument,
  SendMessageDocument,
} from '../../schema/generated/graphql.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { waitFor } from '../support/wait.ts'
import { Backend } from './backend.ts'
import { Tally } from './caller.ts'
import { findFaults, type Acknowledged } from './checker.ts'
import { Conversation } from './conversation.ts'
import type { Environment } from './environment.ts'
import { receiveAsDevice, receiveWithCursor, type Receiver } from './receiver.ts'
import { runStatement } from './stand.ts'

const channelCount = 3
const readersPerChannel = 6
const sendersPerChannel = 2

/**
 * Messages that flow while something breaks: senders that try again until they are answered, readers of both kinds on both
 * processes, and a check of everything at the end.
 */
export class Scenario {
  readonly random: () => number
  readonly receivers: Receiver[] = []
  readonly channelIds: string[] = []
  readonly #urls: readonly string[]
  readonly #backend: Backend
  readonly #acknowledged: Acknowledged[] = []
  readonly #sending: Promise<void>[] = []
  readonly #tally = new Tally()
  readonly #conversation: Conversation
  #hasConversation = false
  #isFlowing = true

  constructor(environment: Environment, seed: number) {
    this.random = seededRandom(seed)
    this.#urls = environment.processes.map(({ url }) => url)
    this.#backend = new Backend(this.#urls, environment.authorization)
    this.#conversation = new Conversation({
      urls: () => this.#urls,
      authorization: environment.authorization,
      random: this.random,
      tally: this.#tally,
      sql: (statement) => runStatement(environment.postgres.url(), statement),
    })
  }

  async begin(): Promise<void> {
    await this.#conversation.begin()
    this.#hasConversation = true
    for (let at = 0; at < channelCount; at++) {
      const channelId = await this.addChannel()
      for (let reader = 0; reader < readersPerChannel; reader++) {
        const receive = reader % 2 === 0 ? receiveAsDevice : receiveWithCursor
        this.receivers.push(receive(await this.addReader(channelId)))
      }
    }
    for (const channelId of this.channelIds) {
      for (let sender = 0; sender < sendersPerChannel; sender++) this.#sending.push(this.#send(channelId))
    }
    await waitFor(() => this.receivers.every(({ connections }) => connections.some((received) => received.length > 0)))
  }

  async addChannel(): Promise<string> {
    const { createChannel } = await this.#backend.request(CreateChannelDocument, { input: {} })
    this.channelIds.push(createChannel.channel.id)
    return createChannel.channel.id
  }

  /** A new member of the channel, and what a receiver needs to read as it. */
  async addReader(channelId: string) {
    const identity = `reader-${randomUUID()}`
    await this.#backend.request(AddMemberDocument, { input: { channelId, identity } })
    const { createAccessToken } = await this.#backend.request(CreateAccessTokenDocument, { input: { identity } })
    const { channel } = await this.#backend.request(ChannelDocument, { id: channelId })
    const { token } = createAccessToken
    return { name: identity, urls: this.#urls, token, channelId, joinedBy: channel!.messagesCount, random: this.random }
  }

  async send(channelId: string, body: string): Promise<void> {
    const { sendMessage } = await this.#backend.request(SendMessageDocument, { input: { channelId, body } })
    this.#acknowledged.push({ channelId, index: sendMessage.message.index, body })
  }

  /** One message after the other, each tried again under its own name until it is answered. */
  async #send(channelId: string): Promise<void> {
    while (this.#isFlowing) {
      const body = randomUUID()
      const input = { channelId, body, clientMessageId: body }
      const { sendMessage } = await this.#backend.request(SendMessageDocument, { input })
      this.#acknowledged.push({ channelId, index: sendMessage.message.index, body })
      await delay(5 + this.random() * 20)
    }
  }

  get acknowledgedCount(): number {
    return this.#acknowledged.length
  }

  /** Lets so many more messages be acknowledged. */
  async flow(count: number, timeout = 30_000): Promise<void> {
    const goal = this.#acknowledged.length + count
    await waitFor(() => this.#acknowledged.length >= goal, { timeout })
  }

  /** Stops sending, waits until everyone has everything, and answers what is wrong. */
  async end(): Promise<string[]> {
    this.#isFlowing = false
    await Promise.all([...this.#sending, this.#hasConversation && this.#conversation.end()])
    const histories = new Map(
      await Promise.all(this.channelIds.map(async (id) => [id, await this.#readHistory(id)] as const)),
    )
    const hasAll = ({ channelId, connections }: Receiver): boolean =>
      connections.flat().some(({ index }) => index === histories.get(channelId)!.length - 1)
    // What is still missing after this is named by the check.
    await waitFor(() => this.receivers.every(hasAll), { timeout: 30_000 }).catch(() => {})
    for (const receiver of this.receivers) receiver.dispose()
    const { internal, untrue } = this.#tally
    return [...findFaults(this.#acknowledged, histories, this.receivers), ...internal, ...untrue]
  }

  async #readHistory(channelId: string) {
    const messages: { readonly index: number; readonly body: string }[] = []
    for (let after: string | undefined; ;) {
      const { channel } = await this.#backend.request(HistoryDocument, { channelId, first: 1000, after })
      messages.push(...channel!.messages.edges.map(({ node }) => node))
      if (!channel!.messages.pageInfo.hasNextPage) return messages
      after = channel!.messages.pageInfo.endCursor ?? undefined
    }
  }
}
