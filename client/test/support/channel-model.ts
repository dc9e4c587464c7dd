import type { Change } from '../../src/store/change.ts'
import type { Channel, Member, Membership, Message, User } from '../../src/store/state.ts'

export const channelId = 'CH1'
export const self = 'alice'

const userOf = (identity: string): User => ({ id: `US-${identity}`, identity, friendlyName: null, avatarUrl: null })
const startedAt = Date.UTC(2030, 0, 1)

/** What a server knows of one channel, and what it says of each thing that happens there. */
export class ChannelModel {
  readonly messages: (Message & { readonly isRemoved?: boolean })[] = []
  readonly members = new Map<string, Member>()
  #seq = 0
  #viewerSeq = 0
  #lastRead: number | null = null
  #reads = 0

  get seq(): number {
    return this.#seq
  }

  cursor(): string {
    return `${channelId}.${(this.messages.length - 1).toString(36)}.${this.#seq.toString(36)}.0`
  }

  viewerCursor(): string {
    return `alice.${this.#viewerSeq.toString(36)}.0`
  }

  channel(): Channel {
    return {
      id: channelId,
      revision: 0,
      uniqueName: 'general',
      friendlyName: 'General',
      type: 'PUBLIC',
      isDirect: false,
      isFrozen: false,
      attributes: {},
      firstIndex: 0,
      membersCount: this.membersCount(),
      createdBy: 'system',
      createdAt: new Date(startedAt).toISOString(),
      updatedAt: new Date(startedAt).toISOString(),
    }
  }

  /** The user is one of them. */
  membersCount(): number {
    return this.members.size + 1
  }

  /** Index of the newest message that is not deleted. */
  head(): number {
    return this.messages.findLast(({ isRemoved }) => !isRemoved)?.index ?? -1
  }

  unreadCount(): number {
    const own = this.messages.findLast((one) => one.authorIdentity === self && one.isShownInChannel)?.index ?? -1
    const horizon = Math.max(own, this.#lastRead ?? -1)
    return this.messages.filter(
      ({ index, authorIdentity, isRemoved }) => index > horizon && authorIdentity !== self && !isRemoved,
    ).length
  }

  membership(): Membership {
    return {
      id: 'MB1',
      channelId,
      identity: self,
      revision: 0,
      createdAt: new Date(startedAt).toISOString(),
      lastReadIndex: this.#lastRead,
      unreadCount: this.unreadCount(),
      role: { id: 'RL1', friendlyName: 'member', permissions: [] },
      preferences: null,
    }
  }

  /** What the list says now. */
  joined(): Change {
    return {
      kind: 'joined',
      channel: this.channel(),
      membership: this.membership(),
      head: this.head(),
      asOf: this.viewerCursor(),
    }
  }

  /** What is answered when the count was stale. */
  recounted(): Change {
    const [membership, head, asOf] = [this.membership(), this.head(), this.viewerCursor()]
    return { kind: 'membership', membership, head, asOf, isRecount: true }
  }

  started(): Change {
    return { kind: 'started', channelId, cursor: this.cursor() }
  }

  send(authorIdentity: string): Change[] {
    const message = this.#messageOf(authorIdentity)
    const { index } = message
    this.messages.push(message)
    return this.#heard({
      kind: 'messages',
      channelId,
      messages: [message],
      covered: [index, index],
      event: { name: 'messageAdded', cursor: this.cursor() },
    })
  }

  /** A reply that the channel does not show. */
  reply(parentIndex: number, authorIdentity: string): Change[] {
    if (!this.#isListed(this.messages[parentIndex])) return []
    const message = { ...this.#messageOf(authorIdentity), parentIndex, isShownInChannel: false }
    this.messages.push({ ...message, isRemoved: true })
    const event = { name: 'messageAdded', cursor: this.cursor() } as const
    return [this.#threadOf(parentIndex, 1), ...this.#heard({ kind: 'reply', channelId, message, event })]
  }

  /** The newest reply to a message is deleted. */
  removeReply(parentIndex: number): Change[] {
    const reply = this.messages.findLast((one) => one.parentIndex === parentIndex && one.deletedAt === null)
    if (!reply) return []
    this.#seq += 1
    const { index, authorIdentity } = reply
    this.messages[index] = { ...reply, revision: this.#seq, deletedAt: this.#now() }
    const event = { name: 'messageRemoved', cursor: this.cursor() } as const
    const { revision } = this.messages[index]
    return [
      this.#threadOf(parentIndex, -1),
      ...this.#heard({ kind: 'messageRemoved', channelId, index, revision, authorIdentity, isHidden: true, event }),
    ]
  }

  /** What a list shows: a deleted message with replies, too. */
  listed(): Message[] {
    return this.messages
      .filter((message) => this.#isListed(message))
      .map((message) => {
        const { isRemoved: _, ...listed } = message
        return listed
      })
  }

  #isListed(message: (typeof this.messages)[number] | undefined): boolean {
    return message !== undefined && (!message.isRemoved || (message.deletedAt !== null && message.replyCount > 0))
  }

  #now(): string {
    return new Date(startedAt + 1000 * this.#seq).toISOString()
  }

  #threadOf(index: number, more: number): Change {
    const known = this.messages[index]!
    const replyCount = known.replyCount + more
    const lastReplyAt = replyCount > 0 ? this.#now() : null
    const parent = { ...known, revision: this.#seq, replyCount, lastReplyAt }
    this.messages[index] = parent
    return { kind: 'thread', channelId, index, parent }
  }

  #messageOf(authorIdentity: string): Message {
    this.#seq += 1
    const index = this.messages.length
    return {
      id: `MS${index}`,
      channelId,
      index,
      cursor: '',
      revision: this.#seq,
      body: `${index}`,
      authorIdentity,
      author: userOf(authorIdentity),
      attributes: {},
      clientMessageId: `client-${index}`,
      createdAt: new Date(startedAt + 1000 * index).toISOString(),
      updatedAt: new Date(startedAt + 1000 * index).toISOString(),
      wasEdited: false,
      version: 1,
      editedAt: null,
      pinnedAt: null,
      pinnedBy: null,
      isSilent: false,
      deletedAt: null,
      parentIndex: null,
      isShownInChannel: true,
      replyCount: 0,
      lastReplyAt: null,
      repliers: [],
      quote: null,
      streamState: null,
    }
  }

  edit(index: number): Change[] {
    const known = this.messages[index]
    if (!known || known.isRemoved) return []
    this.#seq += 1
    const message = {
      ...known,
      revision: this.#seq,
      version: known.version + 1,
      body: `${index} at ${this.#seq}`,
      wasEdited: true,
    }
    this.messages[index] = message
    const event = { name: 'messageUpdated', cursor: this.cursor(), changes: ['EDIT'] } as const
    return this.#heard({ kind: 'messages', channelId, messages: [message], covered: null, event })
  }

  /** Pins it, or unpins it where it is pinned. */
  pin(index: number): Change[] {
    const known = this.messages[index]
    if (!known || known.isRemoved) return []
    this.#seq += 1
    const pinnedAt = known.pinnedAt === null ? new Date(startedAt + 1000 * this.#seq).toISOString() : null
    const message = { ...known, revision: this.#seq, pinnedAt, pinnedBy: pinnedAt && 'bob' }
    this.messages[index] = message
    const event = { name: 'messageUpdated', cursor: this.cursor(), changes: ['PIN'] } as const
    return this.#heard({ kind: 'messages', channelId, messages: [message], covered: null, event })
  }

  remove(index: number): Change[] {
    const known = this.messages[index]
    if (!known || known.isRemoved) return []
    this.#seq += 1
    const left = { ...known, revision: this.#seq, body: '', pinnedAt: null, pinnedBy: null, deletedAt: this.#now() }
    this.messages[index] = { ...left, isRemoved: true }
    const event = { name: 'messageRemoved', cursor: this.cursor() } as const
    const { authorIdentity, replyCount } = known
    return this.#heard({
      kind: 'messageRemoved',
      channelId,
      index,
      revision: this.#seq,
      authorIdentity,
      ...(replyCount > 0 && { left }),
      event,
    })
  }

  join(identity: string): Change[] {
    this.#seq += 1
    const name = this.members.has(identity) ? 'memberUpdated' : 'memberJoined'
    const member: Member = {
      id: `MB-${identity}-${this.#seq}`,
      channelId,
      identity,
      revision: this.#seq,
      lastReadIndex: null,
      role: { id: 'RL1', friendlyName: 'member' },
      user: userOf(identity),
    }
    this.members.set(identity, member)
    return this.#heard({
      kind: 'members',
      channelId,
      members: [member],
      totalCount: name === 'memberJoined' ? this.membersCount() : null,
      event: { name, cursor: this.cursor() },
    })
  }

  leave(identity: string): Change[] {
    if (!this.members.delete(identity)) return []
    this.#seq += 1
    const event = { name: 'memberLeft', cursor: this.cursor() } as const
    const totalCount = this.membersCount()
    return this.#heard({ kind: 'memberLeft', channelId, identity, revision: this.#seq, totalCount, event })
  }

  /** A page of the members as they are now. */
  membersPage(readAt: string | null = null): Extract<Change, { kind: 'members' }> {
    return { kind: 'members', channelId, members: [...this.members.values()], totalCount: this.membersCount(), readAt }
  }

  receive(identity: string, index: number): Change[] {
    this.#reads = Math.max(this.#reads, index)
    return [{ kind: 'receipts', channelId, receipts: [{ identity, readIndex: null, deliveredIndex: this.#reads }] }]
  }

  /** The user reads on another device. */
  read(index: number): Change[] {
    if (index >= this.messages.length) return []
    this.#lastRead = Math.max(this.#lastRead ?? -1, index)
    this.#viewerSeq += 1
    return [{ kind: 'membership', membership: this.membership(), head: this.head(), asOf: this.viewerCursor() }]
  }

  /** A page of what stands there now. */
  page(from: number, to: number): Change {
    const last = Math.min(to, this.messages.length - 1)
    const messages = this.listed().filter(({ index }) => from <= index && index <= last)
    return { kind: 'messages', channelId, messages, covered: [from, last] }
  }

  #heard(change: Extract<Change, { event?: unknown }>): Change[] {
    return [change, { kind: 'position', channelId, cursor: this.cursor() }]
  }
}
