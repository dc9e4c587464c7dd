import type { RefusalReason } from '../store/state.ts'
import { backoff } from './backoff.ts'
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
  /** Waits for the next try. */
  | ({ readonly name: 'waiting'; readonly until: number } & Tries)
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
  /** By the server, by the network, or because nothing was heard. */
  | { readonly kind: 'closed'; readonly code: number; readonly message: string }
  /** Going on makes no sense. */
  | { readonly kind: 'refuse'; readonly reason: RefusalReason; readonly message: string }

export type LinkEffect =
  | { readonly do: 'authorize'; readonly reason: TokenReason }
  | { readonly do: 'open' | 'introduce' | 'probe' }
  /** Forgets the socket, without waiting for it to close. */
  | { readonly do: 'drop' }
  | { readonly do: 'reportOpen' | 'reportReplaced' }
  | { readonly do: 'reportOffline'; readonly retryAt: number | null }
  | { readonly do: 'reportRefused'; readonly reason: RefusalReason; readonly message: string }

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

/** How long the application may take for a token, the network for a socket, and the server for its acknowledgement, in milliseconds. */
const tokenMilliseconds = 20_000
const openMilliseconds = 10_000
const greetMilliseconds = 10_000
/** A connection that has lived for so long begins its back-off anew. */
const steadyMilliseconds = 10_000

const first: Tries = { failures: 0, wasRefused: false, tokenReason: 'connect' }

/** What becomes of a connection. Inputs that say nothing in a state leave it as it is: the same object, without effects. */
export function step(state: LinkState, input: LinkInput, moment: Moment): Step {
  if (state.name === 'closed') return stay(state)
  if (input.kind === 'close') return { state: { name: 'closed' }, effects: [{ do: 'drop' }] }
  if (input.kind === 'refuse') return refuse(input.reason, input.message)
  if (input.kind === 'disconnect') {
    if (state.name === 'idle') return stay(state)
    return { state: { name: 'idle' }, effects: [{ do: 'drop' }, { do: 'reportOffline', retryAt: null }] }
  }
  switch (state.name) {
    case 'idle':
    case 'refused':
      return input.kind === 'connect' ? begin(first, moment) : stay(state)
    case 'waiting':
      return input.kind === 'connect' || input.kind === 'wake' || isOver(state, input, moment)
        ? begin(state, moment)
        : stay(state)
    case 'authorizing':
      if (input.kind === 'token')
        return {
          state: { ...state, name: 'opening', until: moment.now + openMilliseconds },
          effects: [{ do: 'open' }],
        }
      if (input.kind === 'tokenFailed') return input.isFinal ? refuse('token', input.message) : fail(state, moment)
      return isOver(state, input, moment) ? fail(state, moment) : stay(state)
    case 'opening':
      if (input.kind === 'opened')
        return {
          state: { ...state, name: 'greeting', until: moment.now + greetMilliseconds },
          effects: [{ do: 'introduce' }],
        }
      return closedOrLate(state, input, moment)
    case 'greeting':
      if (input.kind === 'acknowledged')
        return {
          state: { ...state, name: 'open', until: moment.now + steadyMilliseconds },
          effects: [{ do: 'reportOpen' }],
        }
      return closedOrLate(state, input, moment)
    case 'open':
      if (input.kind === 'wake' || input.kind === 'networkLost') return { state, effects: [{ do: 'probe' }] }
      if (input.kind === 'closed') return judge(state, input, moment)
      return input.kind === 'time' ? { state: { name: 'open', until: null, ...first }, effects: [] } : stay(state)
  }
}

const stay = (state: LinkState): Step => ({ state, effects: [] })

/** At `wake` by the clock, since timers stand still while a device sleeps. */
function isOver({ until }: { readonly until: number }, { kind }: LinkInput, { now }: Moment): boolean {
  return kind === 'time' || (kind === 'wake' && now >= until)
}

function isSteady({ until }: { readonly until: number | null }, { now }: Moment): boolean {
  return until !== null && now >= until
}

function begin({ failures, wasRefused, tokenReason }: Tries, { now }: Moment): Step {
  const until = now + tokenMilliseconds
  return {
    state: { name: 'authorizing', until, failures, wasRefused, tokenReason },
    effects: [{ do: 'authorize', reason: tokenReason }],
  }
}

function fail(tries: Tries, { now, random }: Moment): Step {
  const until = now + backoff(tries.failures, random)
  const { wasRefused, tokenReason } = tries
  return {
    state: { name: 'waiting', until, failures: tries.failures + 1, wasRefused, tokenReason },
    effects: [{ do: 'drop' }, { do: 'reportOffline', retryAt: until }],
  }
}

function refuse(reason: RefusalReason, message: string): Step {
  return {
    state: { name: 'refused', reason, message },
    effects: [{ do: 'drop' }, { do: 'reportRefused', reason, message }],
  }
}

type Underway = Extract<LinkState, { readonly name: 'opening' | 'greeting' }>

function closedOrLate(state: Underway, input: LinkInput, moment: Moment): Step {
  if (input.kind === 'closed') return judge(state, input, moment)
  return isOver(state, input, moment) ? fail(state, moment) : stay(state)
}

/** The only place that knows what a close code leads to. */
function judge(
  state: Underway | Extract<LinkState, { readonly name: 'open' }>,
  { code, message }: Extract<LinkInput, { readonly kind: 'closed' }>,
  moment: Moment,
): Step {
  const verdict = judgeClose(code)
  // The timer that says so may be late.
  const tries: Tries = state.name === 'open' && (state.until === null || isSteady(state, moment)) ? first : state
  switch (verdict.next) {
    case 'retry':
      return fail(tries, moment)
    case 'refuse':
      return refuse(verdict.reason, message)
    case 'replaced':
      return { state: { name: 'idle' }, effects: [{ do: 'drop' }, { do: 'reportReplaced' }] }
    case 'renewToken':
      if (tries.wasRefused) return refuse('token', message)
      return again({ ...tries, wasRefused: true, tokenReason: 'refused' }, moment)
    case 'expired': {
      const renewing: Tries = { ...tries, tokenReason: 'expired' }
      // A token that ends as soon as it is used would have the client connect without a pause.
      return tries === first ? again(renewing, moment) : fail(renewing, moment)
    }
  }
}

function again(tries: Tries, moment: Moment): Step {
  const { state, effects } = begin(tries, moment)
  return { state, effects: [{ do: 'drop' }, { do: 'reportOffline', retryAt: moment.now }, ...effects] }
}
