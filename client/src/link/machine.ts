import { backoff } from '../backoff.ts'
import type { RefusalReason } from '../store/state.ts'
import { judgeClose } from './close-codes.ts'
import type { TokenReason } from './token.ts'

/** What is remembered from one try to the next. */
interface Tries {
  /** Failures in a row. Back to 0 once a connection has lived for ten seconds. */
  readonly failures: number
  /** Whether fresh credentials were refused already. */
  readonly wasRefused: boolean
  /** Why the next token is asked for. */
  readonly tokenReason: TokenReason
}

/** The connection. `until` is when its time is over, in milliseconds since the epoch. */
export type LinkState =
  /** Not wanted. */
  | { readonly name: 'idle' }
  /** Waits for the next try, which the server does not want before `notBefore`. */
  | ({ readonly name: 'waiting'; readonly until: number; readonly notBefore: number } & Tries)
  /** Waits for the application's token. Before the socket, since the server gives that 5 seconds to introduce itself. */
  | ({ readonly name: 'authorizing'; readonly until: number } & Tries)
  | ({ readonly name: 'opening'; readonly until: number } & Tries)
  /** Has introduced itself, and waits for `connection_ack`. */
  | ({ readonly name: 'greeting'; readonly until: number } & Tries)
  /** `until` is when it counts as steady; null from then on. */
  | ({ readonly name: 'open'; readonly until: number | null } & Tries)
  | { readonly name: 'refused'; readonly reason: RefusalReason; readonly message: string }
  /** For good. */
  | { readonly name: 'closed' }

export type LinkInput =
  | { readonly kind: 'connect' | 'disconnect' | 'close' }
  /** The network or the page is back: what waits is worth trying at once. */
  | { readonly kind: 'wake' }
  /** The browser says that the network is gone. It may be wrong. */
  | { readonly kind: 'networkLost' }
  /** The time of the state is over. The timer says so, not the clock, which may have been set back. */
  | { readonly kind: 'time' }
  | { readonly kind: 'token' }
  | { readonly kind: 'tokenFailed'; readonly isFinal: boolean; readonly message: string }
  | { readonly kind: 'opened' | 'acknowledged' }
  /** By the server, by the network, or because nothing was heard. `retryAfterMs` is how long the server wants to be left alone. */
  | { readonly kind: 'closed'; readonly code: number; readonly message: string; readonly retryAfterMs?: number }
  /** Going on makes no sense. */
  | { readonly kind: 'refuse'; readonly reason: RefusalReason; readonly message: string }

/** What is to be done; the state that goes with it says the rest. `drop` forgets the socket, without waiting for it to close. */
export type LinkEffect =
  | 'authorize'
  | 'open'
  | 'introduce'
  | 'probe'
  | 'drop'
  | 'reportOpen'
  | 'reportOffline'
  | 'reportReplaced'
  | 'reportRefused'

export interface Step {
  readonly state: LinkState
  readonly effects: readonly LinkEffect[]
}

export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** From 0 to 1, without 1. */
  readonly random: number
}

/** How long the application may take for a token, in milliseconds. */
const tokenMilliseconds = 20_000
/** How long the network may take for a socket, and the server for its acknowledgement; then how long until a connection is steady. */
const stepMilliseconds = 10_000

const first: Tries = { failures: 0, wasRefused: false, tokenReason: 'connect' }

const to = (state: LinkState, ...effects: readonly LinkEffect[]): Step => ({ state, effects })

/** What becomes of a connection. Inputs that say nothing in a state leave it as it is: the same object, without effects. */
export function step(state: LinkState, input: LinkInput, moment: Moment): Step {
  const { kind } = input
  const { name } = state
  const until = moment.now + stepMilliseconds
  if (name === 'closed') return to(state)
  if (kind === 'close') return to({ name: 'closed' }, 'drop')
  if (kind === 'refuse') return refuse(input.reason, input.message)
  if (kind === 'disconnect') return name === 'idle' ? to(state) : to({ name: 'idle' }, 'drop', 'reportOffline')
  if (name === 'idle' || name === 'refused') return kind === 'connect' ? begin(first, moment) : to(state)
  if (name === 'open') {
    if (kind === 'wake' || kind === 'networkLost') return to(state, 'probe')
    if (kind === 'closed') return judge(state, input, moment)
    return kind === 'time' ? to({ name, until: null, ...first }) : to(state)
  }
  // At `wake` by the clock, since timers stand still while a device sleeps.
  const isOver = kind === 'time' || (kind === 'wake' && moment.now >= state.until)
  if (name === 'waiting') {
    const isWorthTrying = kind === 'wake' && moment.now >= state.notBefore
    return isOver || kind === 'connect' || isWorthTrying ? begin(state, moment) : to(state)
  }
  if (isOver) return fail(state, moment)
  if (name === 'authorizing') {
    if (kind === 'token') return to({ ...state, name: 'opening', until }, 'open')
    if (kind !== 'tokenFailed') return to(state)
    return input.isFinal ? refuse('token', input.message) : fail(state, moment)
  }
  if (kind === 'closed') return judge(state, input, moment)
  if (name === 'opening' && kind === 'opened') return to({ ...state, name: 'greeting', until }, 'introduce')
  if (name === 'greeting' && kind === 'acknowledged') return to({ ...state, name: 'open', until }, 'reportOpen')
  return to(state)
}

function begin({ failures, wasRefused, tokenReason }: Tries, { now }: Moment, ...before: readonly LinkEffect[]): Step {
  return to(
    { name: 'authorizing', until: now + tokenMilliseconds, failures, wasRefused, tokenReason },
    ...before,
    'authorize',
  )
}

function fail({ failures, wasRefused, tokenReason }: Tries, { now, random }: Moment, retryAfterMs = 0): Step {
  const notBefore = now + retryAfterMs
  const until = Math.max(notBefore, now + backoff(failures, random))
  const tries = { failures: failures + 1, wasRefused, tokenReason }
  return to({ name: 'waiting', until, notBefore, ...tries }, 'drop', 'reportOffline')
}

function refuse(reason: RefusalReason, message: string): Step {
  return to({ name: 'refused', reason, message }, 'drop', 'reportRefused')
}

/** The only place that knows what a close code leads to. */
function judge(
  state: Extract<LinkState, { readonly name: 'opening' | 'greeting' | 'open' }>,
  { code, message, retryAfterMs }: Extract<LinkInput, { readonly kind: 'closed' }>,
  moment: Moment,
): Step {
  // The timer that says so may be late.
  const isSteady = state.name === 'open' && (state.until === null || moment.now >= state.until)
  const tries = isSteady ? first : state
  switch (judgeClose(code)) {
    case 'retry':
      return fail(tries, moment, retryAfterMs)
    case 'refuse':
      return refuse('protocol', message)
    case 'replaced':
      return to({ name: 'idle' }, 'drop', 'reportReplaced')
    case 'renewToken':
      return tries.wasRefused
        ? refuse('token', message)
        : begin({ ...tries, wasRefused: true, tokenReason: 'refused' }, moment, 'drop', 'reportOffline')
    case 'expired': {
      const renewing: Tries = { ...tries, tokenReason: 'expired' }
      // A token that ends as soon as it is used would have the client connect without a pause.
      return isSteady ? begin(renewing, moment, 'drop', 'reportOffline') : fail(renewing, moment)
    }
  }
}
