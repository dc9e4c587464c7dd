import type { Channel, Interval, Member, Membership, Message, Receipt } from '../store/state.ts'

/** Grows when rows change so that older code could not read them. It stands in the name: each format has databases of its own. */
const format = 2

export const storeNames = ['meta', 'channels', 'messages', 'members', 'outbox'] as const
export type StoreName = (typeof storeNames)[number]
/** Everything but the outbox, which is not cleared with the copy. */
export const copyStores = ['meta', 'channels', 'messages', 'members'] as const

/** Keys of `meta`. */
export type MetaKey = 'deviceId' | 'term' | 'session' | 'viewerCursor' | 'list' | 'invites' | 'modules' | 'flushed'

export interface ChannelRow {
  readonly id: string
  /** When messages of it were last read or received, in milliseconds since the epoch: what was used least goes first. */
  readonly usedAt: number
  readonly channel: Channel
  /** With the count of unread messages at `head`. */
  readonly membership: Membership
  readonly head: number
  readonly position: string | null
  /** Of which all messages are in `messages`. */
  readonly intervals: readonly Interval[]
  readonly receipts: readonly (Receipt & { readonly identity: string })[]
}

/** Key: `[channelId, index]`. */
export type MessageRow = Message

export interface MembersRow {
  readonly channelId: string
  readonly members: readonly Member[]
}

export interface Owner {
  /** Address of the server. */
  readonly url: string
  /** Name of the service, where one server has several. */
  readonly service: string
  readonly identity: string
}

/** The name of the user's database, which the lock and the channel between tabs share. */
export function databaseName({ url, service, identity }: Owner): string {
  return ['fonechat', format, ...[url, service, identity].map(encodeURIComponent)].join(':')
}

/** Whether a database is a copy of another user, or of another format, of the same server and service. */
export function isOfAnother(name: string, own: string): boolean {
  const [product, , url, service] = name.split(':')
  const [ownProduct, , ownUrl, ownService] = own.split(':')
  return name !== own && product === ownProduct && url === ownUrl && service === ownService
}

export function createStores(database: IDBDatabase): void {
  database.createObjectStore('meta')
  database.createObjectStore('channels', { keyPath: 'id' })
  database.createObjectStore('messages', { keyPath: ['channelId', 'index'] })
  database.createObjectStore('members', { keyPath: 'channelId' })
  // The order of the keys is the order of sending.
  database.createObjectStore('outbox', { keyPath: 'id', autoIncrement: true })
}
