import { ChatError, detailsOf, type ChatErrorDetails } from '../errors.ts'
import type { Outcome } from '../outbox/types.ts'
import type { Change } from '../store/change.ts'

/** Grows with each change that older code would misread. A tab that hears a higher one stops writing (T5). */
export const protocolVersion = 1

/** An outcome as plain data: errors lose their class between tabs. */
export type PlainOutcome =
  | { readonly payload: unknown }
  | { readonly error: ChatErrorDetails & Pick<ChatError, 'code' | 'message'> }

/** What a follower asks of the leader, and has an answer to. */
export type Method = 'request' | 'retry' | 'discard'

/** What a follower says to the leader. */
export type ToLeader =
  /** Asks whether anybody leads. */
  | { readonly kind: 'probe' }
  /** Asks for what the copy does not have. */
  | { readonly kind: 'hello' }
  /** `at` is when it was sent, in milliseconds since the epoch: a leader that wakes up does not serve what was given up. */
  | {
      readonly kind: 'call'
      readonly id: string
      readonly at: number
      readonly method: Method
      readonly args: readonly unknown[]
    }
  | { readonly kind: 'abort'; readonly id: string }
  /** Follows a subscription; said again each minute, or else the leader takes the tab for gone. */
  | { readonly kind: 'follow'; readonly id: string; readonly document: string; readonly variables: unknown }
  | { readonly kind: 'unfollow'; readonly id: string }
  /** What it has read. */
  | { readonly kind: 'apply'; readonly changes: readonly Change[] }
  /** It has put these into the outbox, and does not know what became of them. */
  | { readonly kind: 'added'; readonly ids: readonly number[] }
  /** The channels that can be seen in it now; said again every ten seconds while there are any. */
  | { readonly kind: 'seen'; readonly channelIds: readonly string[] }

/** What the leader says, to one follower or to all. */
export type ToFollowers =
  /** Said when it can serve, and to whoever asks. `number` is that of its last batch; term 0 is one that still begins. */
  | { readonly kind: 'leads'; readonly term: number; readonly number: number; readonly isWanted: boolean }
  /** The copy has everything up to the batch with this number; `live` is what it does not keep. */
  | {
      readonly kind: 'welcome'
      readonly term: number
      readonly number: number
      readonly live: readonly Change[]
      /** All channels of the user: others are gone. */
      readonly channelIds: readonly string[]
    }
  /** Changes that are in the copy, numbered from 1 in each term. */
  | { readonly kind: 'batch'; readonly term: number; readonly number: number; readonly changes: readonly Change[] }
  | { readonly kind: 'outcome'; readonly id: number; readonly outcome: PlainOutcome }
  /** These are no longer in the outbox: what became of them was said before, perhaps by another leader. */
  | { readonly kind: 'gone'; readonly ids: readonly number[] }
  /** The call is under way: another leader must not do the same again. */
  | { readonly kind: 'accepted'; readonly id: string }
  /** The leader slept when the call came, and has not begun it: it may be made again. */
  | { readonly kind: 'late'; readonly id: string }
  | { readonly kind: 'answer'; readonly id: string; readonly outcome: PlainOutcome }
  | { readonly kind: 'result'; readonly id: string; readonly result: unknown }
  /** A subscription brings nothing more: what the server, or the leader, refuses. */
  | { readonly kind: 'unfollowed'; readonly id: string; readonly outcome: PlainOutcome }

/** What any tab says to all. */
export type ToAll =
  /** Whether the tabs of the user are to be connected. */
  | { readonly kind: 'wanted'; readonly isWanted: boolean }
  | { readonly kind: 'signedOut' }
  /** A tab tests its own channel. */
  | { readonly kind: 'echo' }

/** What tabs say to each other. Only grows. */
export type Message = ToLeader | ToFollowers | ToAll

const fromLeader: ReadonlySet<string> = new Set<ToFollowers['kind']>([
  'leads',
  'welcome',
  'batch',
  'outcome',
  'gone',
  'accepted',
  'late',
  'answer',
  'result',
  'unfollowed',
])

export const isFromLeader = (message: ToLeader | ToFollowers): message is ToFollowers => fromLeader.has(message.kind)

export interface Envelope {
  readonly version: number
  readonly from: string
  /** Left out when it is for all. */
  readonly to?: string
  readonly message: Message
}

export function toPlain(outcome: Outcome): PlainOutcome {
  if (!('error' in outcome)) return outcome
  const { code, message } = outcome.error
  return { error: { code, message, ...detailsOf(outcome.error) } }
}

export function fromPlain(outcome: PlainOutcome): Outcome {
  if (!('error' in outcome)) return outcome
  const { code, message, ...details } = outcome.error
  return { error: new ChatError(code, message, details) }
}

/** What an operation rejected with; anything but a ChatError is a fault of the client. */
export const toFailure = (error: unknown): { error: ChatError } => ({
  error:
    error instanceof ChatError ? error : new ChatError('INTERNAL_SERVER_ERROR', 'the client failed', { cause: error }),
})
