import type { RequestOptions } from '../graphql/document.ts'
import { SendMessageDocument } from '../graphql/generated/documents.ts'
import type { SendMessageInput } from '../graphql/generated/types.ts'
import type { HandleContext } from '../handles/context.ts'
import { MessageHandle } from '../handles/message.ts'
import { persist, TextWriter, type WriterContext } from './stream-writer.ts'
import type { Module } from './types.ts'

/** A text that comes in pieces: what a language model answers, a ReadableStream of texts, a list. */
export type Pieces = AsyncIterable<string> | Iterable<string> | ReadableStream<string>

export interface StreamOptions
  extends RequestOptions, Omit<SendMessageInput, 'channelId' | 'clientMessageId' | 'isStreaming' | 'authorIdentity'> {
  /** Milliseconds for which one thing is tried again that fails for something that passes, such as the network; 60,000 by default. */
  readonly patience?: number
}

/** The text of a message that is being written. All of it stays in memory until it has ended: at most 32 KiB. */
export interface MessageStream {
  /** The message as it was sent. */
  readonly message: MessageHandle
  /** What was appended so far. */
  readonly text: string
  /**
   * Appends to the text. What is appended while a piece is under way is sent together, in order and once, through lost connections and servers that die.
   * Resolves at once while less than 4,096 characters wait. It need not be awaited: what fails rejects in `finish` too. Rejects with BAD_USER_INPUT where
   * the text would become too long, and takes nothing of the piece; with CONFLICT when it has ended, with the `streamState`; with FORBIDDEN when a rule
   * of the service refuses it.
   */
  append(piece: string): Promise<void>
  /** Sends what waits and ends the text as it is meant. Resolves with the message. */
  finish(): Promise<MessageHandle>
  /** Ends the text as the others have it. Resolves with the message. */
  cancel(): Promise<MessageHandle>
}

export interface Streams {
  /**
   * Sends a message to a channel, by its SID, whose text is written while it is read. `body` is how it begins; empty by default. Needs the permission
   * `streamMessage`. A text to which nothing is appended for a minute is ended by the server.
   */
  open(channelId: string, options?: Partial<StreamOptions>): Promise<MessageStream>
  /**
   * Sends a message whose text comes in pieces, and resolves with it when they are all there. When they fail, or the `signal` says so, the text ends as
   * it is, as cancelled, and the promise rejects.
   */
  send(channelId: string, pieces: Pieces, options?: Partial<StreamOptions>): Promise<MessageHandle>
}

const defaultPatience = 60_000

/** Texts that are written while they are read, as answers of language models: `createClient({ modules: [streams()] }).streams`. */
export function streams(): Module<'streams', Streams> {
  return {
    name: 'streams',
    create: (context) => ({
      open: (channelId, options = {}) => open(context, channelId, options),
      send: async (channelId, pieces, options = {}) => {
        const stream = await open(context, channelId, options)
        try {
          for await (const piece of iterate(pieces)) {
            options.signal?.throwIfAborted()
            await stream.append(piece)
          }
          options.signal?.throwIfAborted()
          return await stream.finish()
        } catch (error) {
          await stream.cancel().catch((reason: unknown) => context.log.write('warn', 'a text was not ended', reason))
          throw error
        }
      },
    }),
  }
}

async function open(
  context: HandleContext,
  channelId: string,
  { signal, patience = defaultPatience, ...given }: Partial<StreamOptions>,
): Promise<MessageStream> {
  const { env, host } = context
  const { clock } = env
  const writing: WriterContext = {
    clock,
    random: () => env.random(),
    request: (document, variables, options) => host.request(document, variables, options),
    patience,
    signal,
  }
  const { body = '' } = given
  // The server takes it once.
  const input = { ...given, channelId, body, isStreaming: true, clientMessageId: env.createId() }
  const { sendMessage } = await persist(writing, () => host.request(SendMessageDocument, { input }, { signal }))
  const { message } = sendMessage!
  const writer = new TextWriter(writing, message.id, body)
  return {
    message: new MessageHandle(context, message),
    get text() {
      return writer.text
    },
    append: (piece) => {
      const appended = writer.append(piece)
      // Who does not wait hears of it in `finish`.
      appended.catch(() => {})
      return appended
    },
    finish: async () => new MessageHandle(context, await writer.finish()),
    cancel: async () => new MessageHandle(context, await writer.cancel()),
  }
}

/** Not all browsers let one iterate over a ReadableStream. */
async function* iterate(pieces: Pieces): AsyncIterable<string> {
  if (!('getReader' in pieces)) return yield* pieces
  const reader = pieces.getReader()
  let isDone = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      isDone = done
      if (done) return
      yield value
    }
  } finally {
    if (!isDone) await reader.cancel().catch(() => {})
  }
}
