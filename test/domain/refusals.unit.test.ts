import { beforeEach, expect, test } from 'vitest'
import { Refusals, type RefusedCaller } from '../../src/domain/refusals.ts'

let now = 0
let refusals: Refusals
beforeEach(() => {
  now = Date.UTC(2026, 0, 1)
  refusals = new Refusals(() => now)
})

const minutes = (count: number): number => count * 60_000
const alice: RefusedCaller = { serviceId: 'IS1', userId: 'US1', identity: 'alice', apiKeyId: null }
const bob: RefusedCaller = { serviceId: 'IS2', userId: 'US2', identity: 'bob', apiKeyId: null }
const key: RefusedCaller = { serviceId: null, userId: null, identity: null, apiKeyId: 'SK1' }
const counts = (filter = {}, size = 10) =>
  refusals
    .list(filter, size)
    .map(({ kind, identity, apiKeyId, count }) => `${kind} of ${identity ?? apiKeyId}: ${count}`)

test('callers are counted once for each kind, those with the most first, with the limit of the last time', () => {
  refusals.count('sends', alice, { limit: 60, seconds: 3 })
  for (let at = 0; at < 3; at++) refusals.count('operations', alice, { limit: 200, seconds: 4 })
  now += minutes(1)
  refusals.count('sends', alice, { limit: 30, seconds: 3 })
  refusals.count('time', bob)
  now += minutes(1)
  refusals.count('key', key, { limit: 5, seconds: 1 })
  expect(counts()).toEqual(['operations of alice: 3', 'sends of alice: 2', 'key of SK1: 1', 'time of bob: 1'])
  expect(refusals.list({ kind: 'sends' }, 10)).toEqual([
    { kind: 'sends', ...alice, count: 2, lastAt: now - minutes(1), limit: 30, seconds: 3 },
  ])
  expect(refusals.list({ kind: 'time' }, 10)[0]).toMatchObject({ limit: null, seconds: null })
  expect(counts({ serviceId: 'IS2' })).toEqual(['time of bob: 1'])
  expect(counts({}, 1)).toEqual(['operations of alice: 3'])
  expect(refusals.counts).toEqual({
    sends: 2,
    operations: 3,
    typing: 0,
    sockets: 0,
    subscriptions: 0,
    socket_operations: 0,
    key: 1,
    time: 1,
  })
})

test('what is older than an hour is forgotten in steps of five minutes, and counting goes on', () => {
  refusals.count('sends', alice)
  now += minutes(30)
  refusals.count('sends', alice)
  now += minutes(25)
  expect(counts()).toEqual(['sends of alice: 2'])
  now += minutes(5)
  expect(counts()).toEqual(['sends of alice: 1'])
  refusals.count('sends', alice)
  expect(counts()).toEqual(['sends of alice: 2'])
  now += minutes(30)
  expect(counts()).toEqual(['sends of alice: 1'])
  now += minutes(24 * 60)
  expect(counts()).toEqual([])
  refusals.count('sends', alice)
  expect(counts()).toEqual(['sends of alice: 1'])
})

test('a clock that goes back loses nothing', () => {
  refusals.count('sends', alice)
  now -= minutes(20)
  refusals.count('sends', alice)
  expect(counts()).toEqual(['sends of alice: 2'])
})

test('a thousand callers are remembered, and those that were refused longest ago are forgotten', () => {
  for (let at = 0; at < 1001; at++) refusals.count('sends', { ...alice, userId: `US${at}`, identity: `user ${at}` })
  expect(refusals.list({}, 2000)).toHaveLength(1000)
  expect(counts({}, 2000)).not.toContain('sends of user 0: 1')
  expect(refusals.counts.sends).toBe(1001)
})
