import type { MessageRow, MessageWindow } from '@fonechat/client'

/** A message as the documents of this folder select it. */
interface GlueMessage {
  readonly id: string
  readonly index: number
  readonly clientMessageId: string | null
  readonly body: string
  readonly authorIdentity: string
  readonly createdAt: string
  readonly wasEdited: boolean
}

/** What the list shows, as the client has it. */
export interface GlueSnapshot extends MessageWindow {
  /** Whether the stream of events has begun. */
  readonly isLive: boolean
  /** Why the stream has ended for good, in words. */
  readonly problem: string | null
}

export const noGlue: GlueSnapshot = {
  rows: [],
  hasOlder: false,
  hasNewer: false,
  isLoaded: false,
  isLive: false,
  problem: null,
}

/** A channel by another library: its list, sending, and what happens live. */
export interface GlueSource {
  readonly subscribe: (listener: () => void) => () => void
  readonly getSnapshot: () => GlueSnapshot
  /** Rejects when the server refuses it. */
  send(body: string): Promise<unknown>
  loadOlder(): Promise<unknown>
  /** Closes the connection. What is shown stays. */
  close(): void
}

export interface GlueOptions {
  readonly channelId: string
  readonly identity: string
  readonly token: () => Promise<string>
}

/** Makes a source of a library. */
export type MakeSource = (options: GlueOptions) => GlueSource

export const pageSize = 50

/** What every document selects of a message. */
const fields = 'id channelId index revision clientMessageId isShownInChannel body authorIdentity createdAt wasEdited'

export const messagesText = `
  query Messages($channelId: ID!, $last: Int, $before: String) {
    channel(id: $channelId) {
      id
      messages(last: $last, before: $before) {
        nodes { ${fields} }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  }
`

export const sendText = `
  mutation Send($input: SendMessageInput!) {
    sendMessage(input: $input) { cursor message { ${fields} } }
  }
`

export const eventsText = `
  subscription Events {
    events {
      ... on Ready { cursor cursors { cursor channel { id } } }
      ... on Gap { cursor }
      ... on MessageAdded { cursor message { ${fields} } }
      ... on MessageUpdated { cursor message { ${fields} } }
      ... on MessageRemoved { cursor message { id channelId index revision } }
      ... on ChannelTruncated { cursor firstIndex channel { id } }
      ... on ChannelRemoved { cursor channel { id } }
      ... on MemberJoined { cursor member { id channelId } }
      ... on MemberLeft { cursor member { id channelId } }
      ... on ChannelUpdated { cursor channel { id revision friendlyName } }
      ... on MemberUpdated { cursor }
      ... on TypingStarted { cursor }
      ... on TypingEnded { cursor }
    }
  }
`

interface Shown {
  readonly channel?: {
    readonly messages: {
      readonly nodes: readonly GlueMessage[]
      readonly pageInfo: { readonly hasPreviousPage: boolean; readonly startCursor: string | null }
    }
  } | null
}

/** The result of the document `Messages`. */
export type MessagesData = Shown

/** Keeps a snapshot, and calls back when it changes. */
export class GlueState {
  readonly #identity: string
  readonly #rows = new WeakMap<GlueMessage, MessageRow>()
  readonly #listeners = new Set<() => void>()
  #snapshot = noGlue
  startCursor: string | null = null

  constructor(identity: string) {
    this.#identity = identity
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly getSnapshot = (): GlueSnapshot => this.#snapshot

  /** Takes in a result of `Messages`; one without data changes nothing. */
  show(data: MessagesData | undefined, isPending: (message: { readonly id: string }) => boolean): void {
    if (!data?.channel) return
    const { nodes, pageInfo } = data.channel.messages
    this.startCursor = pageInfo.startCursor
    const rows = nodes.map((message) => this.#rowOf(message, isPending(message)))
    this.set({ rows, hasOlder: pageInfo.hasPreviousPage, isLoaded: true })
  }

  /** The same object for the same message, so that it is not rendered again. */
  #rowOf(message: GlueMessage, isPending: boolean): MessageRow {
    const known = this.#rows.get(message)
    if (known) return known
    const { id, index, clientMessageId, body, authorIdentity, createdAt, wasEdited } = message
    const row: MessageRow = {
      key: clientMessageId ?? id,
      index: isPending ? null : index,
      message: null,
      body,
      attributes: {},
      mentions: {},
      authorIdentity,
      createdAt: Date.parse(createdAt),
      isMine: authorIdentity === this.#identity,
      wasEdited,
      isPinned: false,
      reactions: [],
      status: isPending ? 'sending' : 'sent',
      item: null,
    }
    this.#rows.set(message, row)
    return row
  }

  set(change: Partial<GlueSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change }
    for (const listener of this.#listeners) listener()
  }
}

/** What went wrong, in words. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
