import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  AddMemberDocument,
  ChannelDocument,
  CreateAccessTokenDocument,
  CreateChannelDocument,
  CreateServiceDocument,
  DeleteMessageDocument,
  HistoryDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  MembersDocument,
  SendMessageDocument,
  UpdateMessageDocument,
  UpdateServiceDocument,
  type HistoryQuery,
} from '../../schema/generated/graphql.ts'
import { pickOne } from '../support/seeded-random.ts'
import { Backend } from './backend.ts'
import { Caller, type Answer, type Tally } from './caller.ts'
import { CursorFollower, DeviceFollower, type Follower } from './follower.ts'
import { isToBeDeleted, KnownChannel, KnownMessage, type KnownMembership } from './ledger.ts'

/** Of the newest messages so many are edited, and looked for in pages. */
const recent = 60

/** For how long what was not answered is tried again once the workload has ended, in milliseconds. */
const insistence = 12_000

export interface WorkloadOptions {
  /** The processes that are called. */
  readonly urls: () => readonly string[]
  /** The process that one sender of each channel always calls. */
  readonly steadyUrl: string
  readonly authorization: string
  readonly receiverUrl: string
  readonly random: () => number
  readonly tally: Tally
  /** How many channels, half of them with webhooks. */
  readonly channels?: number
  /** Whether every message has a name of its client's, instead of each second. */
  readonly isNamed?: boolean | undefined
  /** The database may lose what it has acknowledged: then one answer contradicts another, and nobody is wrong. */
  readonly mayLose?: boolean | undefined
}

/** Everything that clients of a chat do, in several channels at once, and what they know of it. */
export class Workload {
  readonly channels: KnownChannel[] = []
  readonly followers: Follower[] = []
  readonly #options: WorkloadOptions
  readonly #backend: Backend
  readonly #running: Promise<void>[] = []
  #isRunning = true
  #endedAt = Infinity

  constructor(options: WorkloadOptions) {
    this.#options = options
    this.#backend = new Backend(options.urls(), options.authorization)
  }

  /** Makes the channels and everyone in them, and lets them begin. */
  async begin(): Promise<void> {
    const { channels: count = 4 } = this.#options
    const services = await Promise.all([this.#makeService(false), this.#makeService(true)])
    await Promise.all(
      Array.from({ length: count }, async (_, at) => {
        const isHooked = at % 2 === 1
        await this.#populate(services[isHooked ? 1 : 0], isHooked)
      }),
    )
  }

  async #makeService(isHooked: boolean): Promise<string> {
    const { createService } = await this.#backend.request(CreateServiceDocument, {
      input: { friendlyName: `faults-${randomUUID()}` },
    })
    const { id } = createService.service
    if (isHooked) {
      const filters = [
        'ON_MESSAGE_SENT',
        'ON_MESSAGE_UPDATED',
        'ON_MESSAGE_REMOVED',
        'ON_MEMBER_ADDED',
        'ON_MEMBER_REMOVED',
      ] as const
      const webhooks = { postUrl: this.#options.receiverUrl, filters: [...filters] }
      await this.#backend.request(UpdateServiceDocument, { input: { serviceId: id, webhooks } })
    }
    return id
  }

  async #populate(serviceId: string, isHooked: boolean): Promise<void> {
    const { createChannel } = await this.#backend.request(CreateChannelDocument, { input: { serviceId } })
    const channel = new KnownChannel(createChannel.channel.id, serviceId, isHooked)
    this.channels.push(channel)
    const identities = (role: string, count: number) => Array.from({ length: count }, () => `${role}-${randomUUID()}`)
    const member = async (identity: string): Promise<string> => {
      await this.addMember(channel, identity)
      return this.#tokenOf(identity, serviceId)
    }
    const { urls, random } = this.#options
    const [sender, ...readers] = await Promise.all([...identities('sender', 1), ...identities('reader', 4)].map(member))
    readers.forEach((token, at) => {
      const Kind = at % 2 === 0 ? DeviceFollower : CursorFollower
      const kind = at % 2 === 0 ? 'device' : 'cursor'
      this.followers.push(new Kind({ name: `${kind}-${randomUUID()}`, channelId: channel.id, token, urls, random }))
    })
    const joiners = await Promise.all(
      identities('joiner', 2).map(async (identity) => ({ identity, token: await this.#tokenOf(identity, serviceId) })),
    )
    const user = (token: string): Caller => this.#caller(`Bearer ${token}`)
    const backend = (): Caller => this.#caller(this.#options.authorization)
    const { steadyUrl, authorization, tally } = this.#options
    const steady = new Caller(() => [steadyUrl], authorization, tally)
    this.#keep(() => this.#send(channel, user(sender!)))
    this.#keep(() => this.#send(channel, steady))
    this.#keep(() => this.#edit(channel, backend()))
    this.#keep(() => this.#delete(channel, backend()))
    this.#keep(() => this.#read(channel, user(readers[0]!)))
    for (const { identity, token } of joiners) {
      const membership: KnownMembership = { identity, wants: 'out', fate: 'acknowledged', changes: 0 }
      channel.memberships.push(membership)
      this.#keep(() => this.#joinOrLeave(channel, membership, user(token)))
    }
  }

  async addMember({ id: channelId }: KnownChannel, identity: string): Promise<void> {
    await this.#backend.request(AddMemberDocument, { input: { channelId, identity } })
  }

  #caller(authorization: string): Caller {
    return new Caller(this.#options.urls, authorization, this.#options.tally)
  }

  async #tokenOf(identity: string, serviceId: string): Promise<string> {
    const input = { identity, serviceId, ttlSeconds: 86_400 }
    const { createAccessToken } = await this.#backend.request(CreateAccessTokenDocument, { input })
    return createAccessToken.token
  }

  /** Does it over and over, with a pause like a person's, until the workload ends. */
  #keep(work: () => Promise<void>): void {
    const { random } = this.#options
    const run = async (): Promise<void> => {
      while (this.#isRunning) {
        await delay(40 + random() * 80)
        await work()
      }
    }
    this.#running.push(run())
  }

  /** What was not answered is tried again as long as this holds. */
  get #mayInsist(): boolean {
    return this.#isRunning || performance.now() < this.#endedAt + insistence
  }

  /** Ends it, and waits for every answer. */
  async end(): Promise<void> {
    this.#isRunning = false
    this.#endedAt = performance.now()
    await Promise.all(this.#running)
  }

  /** Sends one more message to each channel at each process, which must come through by now. */
  async probe(): Promise<void> {
    const { urls, authorization, tally } = this.#options
    const callers = urls().map((url) => new Caller(() => [url], authorization, tally))
    await Promise.all(this.channels.flatMap((channel) => callers.map((caller) => this.#send(channel, caller, true))))
  }

  /** Ends it without waiting for anything. */
  abandon(): void {
    this.#isRunning = false
    this.#endedAt = -Infinity
    for (const follower of this.followers) follower.dispose()
  }

  #accuse(channel: KnownChannel, what: string): void {
    if (this.#options.mayLose) return
    this.#options.tally.accuse(`${what} in ${channel.id}${channel.isHooked ? ' (webhooks)' : ''}`)
  }

  /** Those that have a name of their client's are tried again under it until they are answered. */
  async #send(channel: KnownChannel, caller: Caller, isNamed = this.#options.isNamed): Promise<void> {
    const { random } = this.#options
    const body = randomUUID()
    const clientMessageId = (isNamed ?? random() < 0.5) ? body : undefined
    const message = new KnownMessage(body, clientMessageId)
    channel.messages.push(message)
    const ask = () => caller.ask(SendMessageDocument, { input: { channelId: channel.id, body, clientMessageId } })
    const askedAt = performance.now()
    let answer = await ask()
    while (clientMessageId !== undefined && answer.kind === 'unknown' && this.#mayInsist) {
      message.sent.fate = 'unknown'
      await delay(100 + random() * 200)
      answer = await ask()
    }
    if (answer.kind === 'unknown') {
      message.sent.fate = 'unknown'
      if (clientMessageId !== undefined) this.#accuse(channel, 'a send was never answered')
    } else if (answer.kind === 'refused') {
      message.sent.fate = 'refused'
      // The members change too fast: it says so, and has not sent.
      if (answer.chatCode !== 50349) this.#accuse(channel, `a send answered ${answer.code}`)
    } else {
      const { id, index, body: stored } = answer.data.sendMessage.message
      if (stored !== body) this.#accuse(channel, `a send answered another message`)
      message.sent.fate = 'acknowledged'
      message.id = id
      message.index = index
      channel.standing.push(message)
      channel.acknowledge('send', askedAt)
      if (clientMessageId !== undefined && random() < 0.1) await this.#repeat(channel, message, ask)
    }
  }

  async #repeat(
    channel: KnownChannel,
    message: KnownMessage,
    ask: () => Promise<Answer<{ sendMessage: { message: { id: string; index: number } } }>>,
  ): Promise<void> {
    const answer = await ask()
    if (answer.kind === 'refused') this.#accuse(channel, `a repeated send answered ${answer.code}`)
    if (answer.kind !== 'data') return
    const { id, index } = answer.data.sendMessage.message
    if (id !== message.id || index !== message.index) this.#accuse(channel, `a repeated send made a second message`)
  }

  async #edit(channel: KnownChannel, caller: Caller): Promise<void> {
    const editable = channel.standing.slice(-recent).filter(({ index }) => !isToBeDeleted(index!))
    const message = pickOne(editable, this.#options.random)
    if (!message) return
    const version = { body: randomUUID(), fate: 'pending' as KnownMessage['sent']['fate'] }
    message.versions.push(version)
    const askedAt = performance.now()
    const answer = await caller.ask(UpdateMessageDocument, { input: { messageId: message.id!, body: version.body } })
    if (answer.kind === 'unknown') version.fate = 'unknown'
    else if (answer.kind === 'refused') {
      version.fate = 'refused'
      this.#accuse(channel, `an edit of message ${message.index}, which exists, answered ${answer.code}`)
    } else {
      version.fate = 'acknowledged'
      channel.acknowledge('edit', askedAt)
      if (answer.data.updateMessage.message.body !== version.body)
        this.#accuse(channel, 'an edit answered another body')
    }
  }

  async #delete(channel: KnownChannel, caller: Caller): Promise<void> {
    const message = channel.standing.find(({ index, deletion }) => isToBeDeleted(index!) && deletion !== 'acknowledged')
    if (!message) return
    const wasTried = message.deletion !== undefined
    message.deletion = 'pending'
    const askedAt = performance.now()
    const answer = await caller.ask(DeleteMessageDocument, { input: { messageId: message.id! } })
    if (answer.kind === 'unknown') message.deletion = 'unknown'
    else if (answer.kind === 'data' || (answer.code === 'NOT_FOUND' && wasTried)) {
      message.deletion = 'acknowledged'
      // That it is not there is only read: a transaction whose end was not answered can be seen before it is replicated.
      if (answer.kind === 'data') channel.acknowledge('deletion', askedAt)
    } else {
      message.deletion = 'unknown'
      this.#accuse(channel, `a deletion of message ${message.index}, which exists, answered ${answer.code}`)
    }
  }

  async #joinOrLeave(channel: KnownChannel, membership: KnownMembership, caller: Caller): Promise<void> {
    const wasCertain = membership.fate === 'acknowledged'
    // What is not known is asked for again.
    if (wasCertain) membership.wants = membership.wants === 'in' ? 'out' : 'in'
    membership.fate = 'pending'
    membership.changes++
    const input = { channelId: channel.id }
    const askedAt = performance.now()
    const answer =
      membership.wants === 'in'
        ? await caller.ask(JoinChannelDocument, { input })
        : await caller.ask(LeaveChannelDocument, { input })
    if (answer.kind === 'unknown') membership.fate = 'unknown'
    else if (answer.kind === 'data') {
      membership.fate = 'acknowledged'
      channel.acknowledge(membership.wants === 'in' ? 'joining' : 'leaving', askedAt)
    } else {
      const isDone = membership.wants === 'in' ? answer.chatCode === 50404 : /FORBIDDEN|NOT_FOUND/.test(answer.code)
      membership.fate = 'acknowledged'
      if (wasCertain || !isDone) {
        const verb = membership.wants === 'in' ? 'joining' : 'leaving'
        this.#accuse(channel, `${verb} answered ${answer.code} ${answer.chatCode ?? ''}`)
      }
    }
  }

  async #read(channel: KnownChannel, caller: Caller): Promise<void> {
    const { random } = this.#options
    const choice = random()
    if (choice < 0.4) await this.#readPage(channel, caller, { last: 50 })
    else if (choice < 0.7) await this.#readPage(channel, caller, { first: 30 })
    else if (choice < 0.85) await this.#readMembers(channel, caller)
    else await this.#readChannel(channel, caller)
  }

  async #readPage(
    channel: KnownChannel,
    caller: Caller,
    bounds: { readonly last?: number; readonly first?: number },
  ): Promise<void> {
    const due = channel.standing.map((message) => ({ message, certain: message.certain, deletion: message.deletion }))
    const answer = await caller.ask(HistoryDocument, { channelId: channel.id, ...bounds })
    if (answer.kind === 'refused') this.#accuse(channel, `a page answered ${answer.code}`)
    if (answer.kind !== 'data') return
    const page = answer.data.channel
    if (!page) {
      this.#accuse(channel, 'the channel was not found')
      return
    }
    const { least, most } = boundsOf(page.messages)
    const found = new Map(page.messages.edges.map(({ node }) => [node.index, node]))
    for (const { message, certain, deletion } of due) {
      const index = message.index!
      const node = found.get(index)
      if (node && deletion === 'acknowledged') this.#accuse(channel, `a page has ${index}, which was deleted`)
      if (node && !message.mayRead(node.body, certain)) this.#accuse(channel, `a page has an older body of ${index}`)
      const isDue = index >= least && index <= most && message.deletion === undefined
      if (!node && isDue) this.#accuse(channel, `a page lacks ${index}, which was acknowledged`)
    }
  }

  async #readMembers(channel: KnownChannel, caller: Caller): Promise<void> {
    const before = channel.memberships.map(({ fate, changes }) => ({ fate, changes }))
    const answer = await caller.ask(MembersDocument, { channelId: channel.id, first: 100 })
    if (answer.kind === 'refused') this.#accuse(channel, `members answered ${answer.code}`)
    if (answer.kind !== 'data') return
    const present = new Set(answer.data.channel?.members.edges.map(({ node }) => node.identity))
    channel.memberships.forEach(({ identity, wants, changes }, at) => {
      const isCertain = before[at]!.fate === 'acknowledged' && before[at]!.changes === changes
      if (isCertain && present.has(identity) !== (wants === 'in')) {
        this.#accuse(channel, `the members have ${identity} not as it was acknowledged (${wants})`)
      }
    })
  }

  async #readChannel(channel: KnownChannel, caller: Caller): Promise<void> {
    const newest = Math.max(-1, ...channel.standing.map(({ index }) => index!).filter((index) => !isToBeDeleted(index)))
    const answer = await caller.ask(ChannelDocument, { id: channel.id })
    if (answer.kind === 'refused') this.#accuse(channel, `the channel answered ${answer.code}`)
    if (answer.kind !== 'data') return
    const { lastMessage } = answer.data.channel ?? {}
    if ((lastMessage?.index ?? -1) < newest) this.#accuse(channel, `the newest message is older than ${newest}`)
  }
}

/** Between which indexes, these included, a page has everything. */
function boundsOf({ edges, pageInfo }: NonNullable<HistoryQuery['channel']>['messages']): {
  least: number
  most: number
} {
  return {
    least: pageInfo.hasPreviousPage ? (edges[0]?.node.index ?? 0) : 0,
    most: pageInfo.hasNextPage ? (edges.at(-1)?.node.index ?? Infinity) : Infinity,
  }
}
