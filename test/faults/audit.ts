import type { Received } from '../support/webhook-receiver.ts'
import type { Follower } from './follower.ts'
import type { KnownChannel, KnownMessage } from './ledger.ts'

interface StoredMessage {
  readonly id: string
  readonly index: number
  readonly seq: number
  readonly body: string
  readonly clientMessageId: string | null
  readonly isDeleted: boolean
}

interface StoredMembership {
  readonly id: string
  readonly identity: string
  readonly seq: number
  readonly isPresent: boolean
}

/** One channel as Postgres has it. */
export interface StoredChannel {
  readonly lastIndex: number
  readonly lastSeq: number
  readonly messagesCount: number
  readonly membersCount: number
  readonly messages: readonly StoredMessage[]
  readonly memberships: readonly StoredMembership[]
}

type Sql = (statement: string) => Promise<Record<string, unknown>[]>

/** Reads the tables themselves: nothing of the product stands between them and the audit. */
export async function readStored(sql: Sql, channelId: string): Promise<StoredChannel> {
  const id = channelId.slice(2)
  const [channel] = await sql(
    `SELECT last_index, last_seq, messages_count, members_count FROM channels WHERE id = '${id}'`,
  )
  const messages = await sql(
    `SELECT id, index, seq, body, client_message_id, deleted_at FROM messages WHERE channel_id = '${id}' ORDER BY index`,
  )
  const memberships = await sql(
    `SELECT id, identity, seq, left_at FROM members WHERE channel_id = '${id}' ORDER BY created_at`,
  )
  return {
    lastIndex: Number(channel!['last_index']),
    lastSeq: Number(channel!['last_seq']),
    messagesCount: Number(channel!['messages_count']),
    membersCount: Number(channel!['members_count']),
    messages: messages.map((row) => ({
      id: toSid('IM', row['id']),
      index: Number(row['index']),
      seq: Number(row['seq']),
      body: row['body'] as string,
      clientMessageId: row['client_message_id'] as string | null,
      isDeleted: row['deleted_at'] !== null,
    })),
    memberships: memberships.map((row) => ({
      id: toSid('MB', row['id']),
      identity: row['identity'] as string,
      seq: Number(row['seq']),
      isPresent: row['left_at'] === null,
    })),
  }
}

function toSid(prefix: string, uuid: unknown): string {
  return prefix + String(uuid).replaceAll('-', '')
}

/** What the store has that nobody asked for, and what it lacks that was acknowledged. */
export function auditStore(channel: KnownChannel, stored: StoredChannel): string[] {
  return [...auditNumbers(stored), ...auditMessages(channel, stored), ...auditMemberships(channel, stored)]
}

function auditNumbers({
  lastIndex,
  lastSeq,
  messagesCount,
  membersCount,
  messages,
  memberships,
}: StoredChannel): string[] {
  const faults: string[] = []
  messages.forEach(({ index }, at) => {
    if (index !== at) faults.push(`index ${index} stands at place ${at}`)
  })
  const seqs = [...messages, ...memberships].map(({ seq }) => seq)
  if (new Set(seqs).size !== seqs.length) faults.push('a seq was given twice')
  if (seqs.some((seq) => seq > lastSeq)) faults.push('a seq is above the last of the channel')
  if (lastIndex !== messages.length - 1) faults.push(`the last index is ${lastIndex} of ${messages.length} messages`)
  const standing = messages.filter(({ isDeleted }) => !isDeleted).length
  if (messagesCount !== standing) faults.push(`${messagesCount} messages are counted and ${standing} stand`)
  const present = memberships.filter(({ isPresent }) => isPresent).length
  if (membersCount !== present) faults.push(`${membersCount} members are counted and ${present} present`)
  return faults
}

/** The ledger's message of each stored one, by its id, its name or, where nobody knows that either, its text. */
function match({ messages }: KnownChannel, stored: StoredChannel): Map<StoredMessage, KnownMessage | undefined> {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const byName = new Map(messages.map((message) => [message.clientMessageId, message]))
  const byBody = new Map(messages.map((message) => [message.sent.body, message]))
  return new Map(
    stored.messages.map((row) => [
      row,
      byId.get(row.id) ??
        (row.clientMessageId === null ? undefined : byName.get(row.clientMessageId)) ??
        byBody.get(row.body),
    ]),
  )
}

function auditMessages(channel: KnownChannel, stored: StoredChannel): string[] {
  const faults: string[] = []
  const matches = match(channel, stored)
  const seen = new Set<KnownMessage>()
  for (const [row, known] of matches) {
    if (!known) {
      faults.push(`message ${row.index} was sent by nobody`)
      continue
    }
    if (seen.has(known)) faults.push(`message ${row.index} was stored twice`)
    seen.add(known)
    if (known.sent.fate === 'refused') faults.push(`message ${row.index} was refused and stored`)
    if (known.index !== undefined && known.index !== row.index) {
      faults.push(`message ${known.index} was acknowledged and is ${row.index}`)
    }
    if (row.isDeleted && known.deletion === undefined) faults.push(`message ${row.index} was deleted by nobody`)
    if (!row.isDeleted && known.deletion === 'acknowledged') faults.push(`message ${row.index} was deleted and stands`)
    if (!row.isDeleted && !known.mayRead(row.body))
      faults.push(`message ${row.index} has not the body acknowledged last`)
  }
  for (const known of channel.messages) {
    if (known.sent.fate === 'acknowledged' && !seen.has(known)) {
      faults.push(`message ${known.index} was acknowledged and is lost`)
    }
  }
  return faults
}

function auditMemberships(channel: KnownChannel, stored: StoredChannel): string[] {
  const faults: string[] = []
  const present = new Set(stored.memberships.filter(({ isPresent }) => isPresent).map(({ identity }) => identity))
  for (const { identity, wants, fate } of channel.memberships) {
    if (fate === 'acknowledged' && present.has(identity) !== (wants === 'in')) {
      faults.push(`${identity} was acknowledged to be ${wants} and is not`)
    }
  }
  return faults
}

/** The messages that were acknowledged and are not in the store. */
export function findLost(channel: KnownChannel, stored: StoredChannel): KnownMessage[] {
  const ids = new Set(stored.messages.map(({ id }) => id))
  return channel.messages.filter(({ sent, id }) => sent.fate === 'acknowledged' && !ids.has(id!))
}

/** What is wrong with a store that may have lost what it had acknowledged: it is still the store of one channel, in which nothing stands that nobody sent. */
export function auditSurvivors(channel: KnownChannel, stored: StoredChannel): string[] {
  const faults = auditNumbers(stored)
  const seen = new Set<KnownMessage>()
  for (const [row, known] of match(channel, stored)) {
    if (!known) faults.push(`message ${row.index} was sent by nobody`)
    else if (seen.has(known)) faults.push(`message ${row.index} was stored twice`)
    if (known) seen.add(known)
  }
  return faults
}

/** The messages that a follower received, that are not in the store, and of which it was not notified that they may be lost. */
export function findSilentLoss(follower: Follower, channel: KnownChannel, stored: StoredChannel): string[] {
  const storedAt = new Map([...match(channel, stored)].map(([row, known]) => [row.index, known]))
  return follower.events.flatMap((event, at) => {
    if (event.type !== 'added' || storedAt.get(event.index)?.mayRead(event.body, 0)) return []
    const isNotified = follower.events
      .slice(at)
      .some((later) => later.type === 'wentBack' && (later.from === undefined || later.from <= event.index))
    return isNotified ? [] : [`${event.index} is lost, and it was not notified`]
  })
}

/** What a follower does not know, or knows in an older state. */
export function findMissing(follower: Follower, channel: KnownChannel, stored: StoredChannel): string[] {
  if (!follower.receivesAll) {
    const newest = stored.messages.findLast(({ isDeleted }) => !isDeleted)?.index ?? -1
    return follower.index < newest ? [`has ${follower.index} and not ${newest}`] : []
  }
  const missing = stored.messages
    .filter(({ index, body, isDeleted }) => follower.bodies.get(index) !== (isDeleted ? undefined : body))
    .map(({ index, isDeleted }) => `has not the last state of ${index}${isDeleted ? ', which was deleted' : ''}`)
  const present = new Set(stored.memberships.filter(({ isPresent }) => isPresent).map(({ identity }) => identity))
  for (const { identity } of channel.memberships) {
    if (follower.present.has(identity) !== present.has(identity)) missing.push(`has not the last state of ${identity}`)
  }
  return missing
}

/** What a follower received that is not so, twice or in another order, and what it did not receive. */
export function auditFollower(
  follower: Follower,
  channel: KnownChannel,
  stored: StoredChannel,
  { mayGoBack = false, mayLose = false } = {},
): string[] {
  const faults = [...follower.complaints]
  const storedAt = new Map([...match(channel, stored)].map(([row, known]) => [row.index, known]))
  // Where numbers are given again, there is more than one message of some.
  const candidates = (index: number): KnownMessage[] =>
    mayLose ? channel.messages : [storedAt.get(index)].filter((known) => known !== undefined)
  const mayRead = (index: number, body: string): boolean => candidates(index).some((known) => known.mayRead(body, 0))
  const mayBeDeleted = (index: number): boolean => candidates(index).some(({ deletion }) => deletion !== undefined)
  let last = -1
  let isFirst = true
  for (const event of follower.events) {
    switch (event.type) {
      case 'opened':
        isFirst = true
        break
      case 'wentBack':
        if (!mayGoBack) faults.push('was notified that the database went back')
        // What follows begins there, or where the server has it begin.
        last = event.from === undefined ? last : Math.min(last, event.from - 1)
        isFirst = true
        break
      case 'joined':
      case 'left':
        break
      case 'removed':
        if (!mayBeDeleted(event.index)) faults.push(`was notified that ${event.index} was deleted`)
        break
      case 'updated':
        if (!mayRead(event.index, event.body))
          faults.push(`received ${event.body} of ${event.index}, which never read so`)
        break
      case 'added': {
        const { index, body } = event
        if (!mayRead(index, body)) faults.push(`received ${body} of ${index}, which never read so`)
        // Where the server decides from where to go on, a new connection may deliver again what was not confirmed.
        const mayRepeat = isFirst && !follower.receivesAll
        if (index <= last && !mayRepeat) faults.push(`${index} came after ${last}`)
        for (let between = (index <= last ? index : last) + 1; between < index; between++) {
          if (!stored.messages[between]?.isDeleted && !(mayLose && mayBeDeleted(between)))
            faults.push(`${between} was passed over`)
        }
        last = mayRepeat ? index : Math.max(last, index)
        isFirst = false
      }
    }
  }
  return [...faults, ...findMissing(follower, channel, stored)]
}

/** What webhooks received that is not so, or in another order, and what they did not receive. */
export function auditWebhooks(received: readonly Received[], channel: KnownChannel, stored: StoredChannel): string[] {
  const faults: string[] = []
  const matches = match(channel, stored)
  const byId = new Map([...matches].map(([row, known]) => [row.id, { row, known }]))
  const arrived = new Set<string>()
  let last = -1
  for (const {
    EventType: event = '',
    MessageSid = '',
    MemberSid = '',
    Body = '',
    Index = '',
    ...others
  } of received.map(({ parameters }) => parameters)) {
    if (others['ChannelSid'] !== channel.id) continue
    const key = event === 'onMessageUpdated' ? `${event} ${Body}` : `${event} ${MessageSid || MemberSid}`
    const isFirst = !arrived.has(key)
    arrived.add(key)
    if (MessageSid === '') continue
    const { row, known } = byId.get(MessageSid) ?? {}
    if (!row || !known) {
      faults.push(`${event} is of a message that is not stored`)
    } else if (event === 'onMessageSent') {
      if (Body !== known.sent.body || Number(Index) !== row.index) faults.push(`${event} reports ${row.index} wrongly`)
      if (isFirst && row.index < last) faults.push(`${event} reports ${row.index} after ${last}`)
      last = Math.max(last, row.index)
    } else {
      if (!arrived.has(`onMessageSent ${MessageSid}`)) faults.push(`${event} reports ${row.index} before it was sent`)
      if (event === 'onMessageUpdated' && !known.mayRead(Body, 0)) faults.push(`${event} has a wrong body`)
      if (event === 'onMessageRemoved' && !row.isDeleted) faults.push(`${event} reports ${row.index}, which stands`)
    }
  }
  for (const lacking of missingWebhooks(arrived, channel, stored)) faults.push(`${lacking} did not arrive`)
  return faults
}

/** Whether everything has arrived that is to arrive. */
export function haveWebhooksArrived(
  received: readonly Received[],
  channel: KnownChannel,
  stored: StoredChannel,
): boolean {
  const arrived = new Set(
    received
      .filter(({ parameters }) => parameters['ChannelSid'] === channel.id)
      .map(({ parameters: { EventType, MessageSid, MemberSid, Body } }) =>
        EventType === 'onMessageUpdated' ? `${EventType} ${Body}` : `${EventType} ${MessageSid ?? MemberSid}`,
      ),
  )
  return missingWebhooks(arrived, channel, stored).length === 0
}

function missingWebhooks(arrived: ReadonlySet<string>, channel: KnownChannel, stored: StoredChannel): string[] {
  const due = [
    ...stored.messages.map(({ id }) => `onMessageSent ${id}`),
    ...stored.messages.filter(({ isDeleted }) => isDeleted).map(({ id }) => `onMessageRemoved ${id}`),
    ...stored.memberships.map(({ id }) => `onMemberAdded ${id}`),
    ...stored.memberships.filter(({ isPresent }) => !isPresent).map(({ id }) => `onMemberRemoved ${id}`),
    ...channel.messages.flatMap(({ versions }) =>
      versions
        .slice(1)
        .filter(({ fate }) => fate === 'acknowledged')
        .map(({ body }) => `onMessageUpdated ${body}`),
    ),
  ]
  return due.filter((key) => !arrived.has(key))
}
