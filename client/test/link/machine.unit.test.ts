import { describe, expect, test } from 'vitest'
import { closeCodes } from '../../../src/graphql/socket/close-codes.ts'
import { backoff } from '../../src/backoff.ts'
import { closeVerdicts, judgeClose } from '../../src/link/close-codes.ts'
import { step, type LinkInput, type LinkState, type Moment } from '../../src/link/machine.ts'

const now = 1_000_000
const at: Moment = { now, random: 0.5 }
const tries = { failures: 2, wasRefused: false, tokenReason: 'connect' } as const

const states = {
  idle: { name: 'idle' },
  waiting: { name: 'waiting', until: now + 5, notBefore: now, ...tries },
  authorizing: { name: 'authorizing', until: now + 5, ...tries },
  opening: { name: 'opening', until: now + 5, ...tries },
  greeting: { name: 'greeting', until: now + 5, ...tries },
  open: { name: 'open', until: now + 5, ...tries },
  refused: { name: 'refused', reason: 'token', message: '' },
  closed: { name: 'closed' },
} satisfies { [Name in LinkState['name']]: LinkState & { readonly name: Name } }

const inputs = {
  connect: { kind: 'connect' },
  disconnect: { kind: 'disconnect' },
  close: { kind: 'close' },
  wake: { kind: 'wake' },
  networkLost: { kind: 'networkLost' },
  time: { kind: 'time' },
  token: { kind: 'token' },
  tokenFailed: { kind: 'tokenFailed', isFinal: false, message: '' },
  opened: { kind: 'opened' },
  acknowledged: { kind: 'acknowledged' },
  closed: { kind: 'closed', code: 1006, message: '' },
  refuse: { kind: 'refuse', reason: 'protocol', message: '' },
} satisfies { [Kind in LinkInput['kind']]: LinkInput & { readonly kind: Kind } }

/** What every input does in every state: the next state and the effects. A dot is nothing. */
const table: Readonly<Record<LinkState['name'], Readonly<Record<LinkInput['kind'], string>>>> = {
  idle: {
    connect: 'authorizing: authorize',
    disconnect: '.',
    close: 'closed: drop',
    wake: '.',
    networkLost: '.',
    time: '.',
    token: '.',
    tokenFailed: '.',
    opened: '.',
    acknowledged: '.',
    closed: '.',
    refuse: 'refused: drop reportRefused',
  },
  waiting: {
    connect: 'authorizing: authorize',
    disconnect: 'idle: drop reportOffline',
    close: 'closed: drop',
    wake: 'authorizing: authorize',
    networkLost: '.',
    time: 'authorizing: authorize',
    token: '.',
    tokenFailed: '.',
    opened: '.',
    acknowledged: '.',
    closed: '.',
    refuse: 'refused: drop reportRefused',
  },
  authorizing: {
    connect: '.',
    disconnect: 'idle: drop reportOffline',
    close: 'closed: drop',
    wake: '.',
    networkLost: '.',
    time: 'waiting: drop reportOffline',
    token: 'opening: open',
    tokenFailed: 'waiting: drop reportOffline',
    opened: '.',
    acknowledged: '.',
    closed: '.',
    refuse: 'refused: drop reportRefused',
  },
  opening: {
    connect: '.',
    disconnect: 'idle: drop reportOffline',
    close: 'closed: drop',
    wake: '.',
    networkLost: '.',
    time: 'waiting: drop reportOffline',
    token: '.',
    tokenFailed: '.',
    opened: 'greeting: introduce',
    acknowledged: '.',
    closed: 'waiting: drop reportOffline',
    refuse: 'refused: drop reportRefused',
  },
  greeting: {
    connect: '.',
    disconnect: 'idle: drop reportOffline',
    close: 'closed: drop',
    wake: '.',
    networkLost: '.',
    time: 'waiting: drop reportOffline',
    token: '.',
    tokenFailed: '.',
    opened: '.',
    acknowledged: 'open: reportOpen',
    closed: 'waiting: drop reportOffline',
    refuse: 'refused: drop reportRefused',
  },
  open: {
    connect: '.',
    disconnect: 'idle: drop reportOffline',
    close: 'closed: drop',
    wake: 'open: probe',
    networkLost: 'open: probe',
    time: 'open: ',
    token: '.',
    tokenFailed: '.',
    opened: '.',
    acknowledged: '.',
    closed: 'waiting: drop reportOffline',
    refuse: 'refused: drop reportRefused',
  },
  refused: {
    connect: 'authorizing: authorize',
    disconnect: 'idle: drop reportOffline',
    close: 'closed: drop',
    wake: '.',
    networkLost: '.',
    time: '.',
    token: '.',
    tokenFailed: '.',
    opened: '.',
    acknowledged: '.',
    closed: '.',
    refuse: 'refused: drop reportRefused',
  },
  closed: {
    connect: '.',
    disconnect: '.',
    close: '.',
    wake: '.',
    networkLost: '.',
    time: '.',
    token: '.',
    tokenFailed: '.',
    opened: '.',
    acknowledged: '.',
    closed: '.',
    refuse: '.',
  },
}

const summary = (from: LinkState, input: LinkInput, moment = at): string => {
  const { state, effects } = step(from, input, moment)
  if (state === from && effects.length === 0) return '.'
  return `${state.name}: ${effects.join(' ')}`
}

describe.each(Object.keys(states) as LinkState['name'][])('%s', (name) => {
  test.each(Object.keys(inputs) as LinkInput['kind'][])('%s', (kind) => {
    expect(summary(states[name], inputs[kind])).toBe(table[name][kind])
  })
})

test('the time of a state ends it, by the timer whatever the clock says, or by waking up after it', () => {
  const later = { now: now + 5, random: 0.5 }
  for (const name of ['authorizing', 'opening', 'greeting'] as const)
    expect(summary(states[name], { kind: 'wake' }, later)).toBe('waiting: drop reportOffline')
  const { state } = step(states.open, { kind: 'time' }, later)
  expect(state).toMatchObject({ name: 'open', until: null, failures: 0 })
})

test('the server closes with no code that has no verdict here, and stock clients give up where this one does', () => {
  for (const { code, final } of Object.values(closeCodes)) {
    expect(closeVerdicts, `${code}`).toHaveProperty(String(code))
    // A fault of the server may pass, and 4409 is for the tabs to settle.
    const isFinal = final && code !== 4500 && code !== 4409
    expect(judgeClose(code) === 'refuse', `${code}`).toBe(isFinal)
  }
  const known = new Set(Object.values(closeCodes).map(({ code }) => String(code)))
  expect(Object.keys(closeVerdicts).filter((code) => !known.has(code))).toEqual([])
  expect(judgeClose(1006)).toBe('retry')
})

const closed = (code: number): LinkInput => ({ kind: 'closed', code, message: 'why' })

test('refused credentials get one fresh token, then the client is refused; a steady connection starts this anew', () => {
  const once = step(states.greeting, closed(4403), at)
  expect(once.state).toMatchObject({ name: 'authorizing', wasRefused: true, tokenReason: 'refused' })
  expect(once.effects.at(-1)).toBe('authorize')
  const twice = step({ ...states.greeting, wasRefused: true }, closed(4403), at)
  expect(twice.state).toEqual({ name: 'refused', reason: 'token', message: 'why' })
  const early = step({ ...states.open, wasRefused: true }, closed(4403), at)
  expect(early.state.name).toBe('refused')
  const steady = step({ ...states.open, wasRefused: true }, closed(4403), { ...at, now: now + 5 })
  expect(steady.state).toMatchObject({ name: 'authorizing', failures: 0, wasRefused: true })
})

test('an expired token is replaced at once, but with a back-off when it had not lived', () => {
  expect(step({ ...states.open, until: null }, closed(4411), at).state).toMatchObject({
    name: 'authorizing',
    tokenReason: 'expired',
  })
  expect(step(states.open, closed(4411), at).state).toMatchObject({ name: 'waiting', tokenReason: 'expired' })
})

test('another socket of the device ends this one without a further try', () => {
  expect(summary(states.open, closed(4409))).toBe('idle: drop reportReplaced')
})

test('failures count until a connection is steady', () => {
  expect(step(states.open, closed(1012), at).state).toMatchObject({ failures: 3, until: now + 1000 })
  expect(step(states.open, closed(1012), { ...at, now: now + 5 }).state).toMatchObject({ failures: 1 })
})

test('a token that there is none of is final', () => {
  const input = { kind: 'tokenFailed', isFinal: true, message: 'signed out' } as const
  expect(step(states.authorizing, input, at).state).toEqual({ name: 'refused', reason: 'token', message: 'signed out' })
})

test('the back-off is random from nothing up to a time that doubles, and ends at ten seconds', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map((failures) => backoff(failures, 0.999999))).toEqual([
    500, 1000, 2000, 4000, 8000, 10_000, 10_000,
  ])
  expect(backoff(50, 0)).toBe(0)
})
