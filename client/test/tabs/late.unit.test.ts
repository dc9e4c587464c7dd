import { expect, test } from 'vitest'
import type { Env } from '../../src/env/types.ts'
import { Log } from '../../src/log.ts'
import { Store } from '../../src/store/store.ts'
import { openAlone } from '../../src/tabs/alone.ts'
import { openLate, type Load } from '../../src/tabs/late.ts'
import type { Connected, LoadedOptions, SharedOptions } from '../../src/tabs/types.ts'
import { ScriptedEnv, settle } from '../support/scripted.ts'

/** A tab whose code of tabs and copy comes when the spec says so. */
function opening(tabStorage?: Env['tabStorage']) {
  const env = Object.assign(new ScriptedEnv(), { tabStorage })
  const store = new Store({ onError: (error) => expect.unreachable(String(error)) })
  const log = new Log(env.clock.now)
  const done: string[] = []
  const note = (what: string) => async (): Promise<never> => {
    done.push(what)
    return what as never
  }
  const engine: Connected = {
    start: note('start'),
    stop: () => done.push('stop'),
    connect: () => done.push('connect'),
    disconnect: () => done.push('disconnect'),
    request: (document) => note(document)(),
    subscribe: (document) => {
      done.push(document)
      return () => done.push(`no ${document}`)
    },
    apply: (changes) => done.push(...changes.map(({ kind }) => kind)),
    enqueue: note('enqueue'),
    retry: note('retry'),
    discard: note('discard'),
    refreshOutbox: note('refresh'),
  }
  const coming = Promise.withResolvers<Awaited<ReturnType<Load>>>()
  const opened: LoadedOptions[] = []
  const options: SharedOptions = {
    env,
    store,
    log,
    url: 'ws://chat/graphql',
    service: '',
    identity: 'alice',
    keepsOthers: true,
    createEngine: () => engine,
  }
  const host = openLate(options, () => coming.promise)
  /** For these specs a tab that shares does what one does that is alone. */
  const come = async (): Promise<void> => {
    coming.resolve({
      openShared: (given) => {
        opened.push(given)
        return openAlone(given)
      },
    })
    await settle()
  }
  const warnings = (): string[] => log.entries().map(({ message }) => message)
  return { env, store, host, done, opened, options, coming, come, warnings }
}

const alone = 'this tab goes on alone: the code of tabs and copy did not come'

test('what is asked while the code of tabs is on its way is done once it is there, in its order', async () => {
  const { host, done, opened, options, store, come } = opening()
  const asked = host.request('query', {})
  host.subscribe('followed', {}, () => {})
  host.subscribe('given up', {}, () => {})()
  host.apply([{ kind: 'viewerCursor', cursor: null }])
  const added = host.enqueue('CH1', { kind: 'delete', messageId: 'IM1' })
  host.disconnect()
  await settle()
  expect(done).toEqual([])
  expect(store.getSnapshot().connection).toEqual({ status: 'connecting' })
  await come()
  expect(opened).toMatchObject([options])
  expect(done).toEqual(['disconnect', 'query', 'followed', 'viewerCursor', 'enqueue'])
  await expect(Promise.all([asked, added])).resolves.toEqual(['query', 'enqueue'])
  host.apply([{ kind: 'viewerCursor', cursor: null }])
  expect(done.at(-1)).toBe('viewerCursor')
})

test('where the code of tabs cannot be loaded the tab goes on alone in memory, and says why', async () => {
  const { host, done, opened, store, coming, warnings } = opening()
  const asked = host.request('query', {})
  coming.reject(new TypeError('404'))
  await expect(asked).resolves.toBe('query')
  expect(opened).toEqual([])
  expect(store.getSnapshot().isKept).toBe(false)
  expect(done).toEqual(['connect', 'query'])
  expect(warnings()).toEqual([alone])
})

test('the code of tabs has ten seconds; what comes later changes nothing', async () => {
  const { env, host, done, opened, come, warnings } = opening()
  env.clock.pass(9999)
  await settle()
  expect(done).toEqual([])
  env.clock.pass(1)
  await settle()
  expect(done).toEqual(['connect'])
  expect(warnings()).toEqual([alone])
  await come()
  expect(opened).toEqual([])
  expect(host.isLeader).toBe(true)
})

test('a tab that is closed before has nothing left of it', async () => {
  const { env, host, done, opened, store, come } = opening()
  const calls = [host.request('query', {}), host.enqueue('CH1', { kind: 'delete', messageId: 'IM1' }), host.signOut()]
  const reading = host.readKept('CH1', 0, 1)
  await host.close()
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'CLOSED' })
  await expect(reading).resolves.toBeUndefined()
  await expect(host.request('query', {})).rejects.toMatchObject({ code: 'CLOSED' })
  await come()
  env.clock.pass(60_000)
  expect(opened).toEqual([])
  expect(done).toEqual([])
  expect(store.getSnapshot().connection).toEqual({ status: 'closed' })
})

test('a call that waits ends with its signal, and no more than a thousand wait', async () => {
  const { host, done, come } = opening()
  const controller = new AbortController()
  const asked = host.request('query', {}, { signal: controller.signal })
  controller.abort(new Error('no longer wanted'))
  await expect(asked).rejects.toThrow('no longer wanted')
  const calls = Array.from({ length: 1000 }, () => host.discard(1))
  await expect(calls.at(-1)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  await come()
  await expect(Promise.all(calls.slice(0, -1))).resolves.toHaveLength(999)
  expect(done.filter((what) => what === 'discard')).toHaveLength(999)
})

test('what was done in a page that ended before the outbox had it is left to the next page of the tab', async () => {
  const kept = new Map<string, string>()
  const storage: Env['tabStorage'] = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => void kept.set(key, text),
  }
  const action = (clientMessageId: string) => ({ kind: 'send', clientMessageId, body: 'owl' }) as const
  const first = opening(storage)
  void first.host.enqueue('CH1', action('one'))
  void first.host.enqueue('CH1', action('two'))
  const changes = [
    { kind: 'edit', messageId: 'IM1', body: 'owls' },
    { kind: 'delete', messageId: 'IM2' },
  ] as const
  for (const change of changes) void first.host.enqueue('CH1', change)
  const second = opening(storage)
  await second.come()
  expect(second.opened[0]!.unwritten.left.map((note) => note.action)).toEqual([
    action('one'),
    action('two'),
    ...changes,
  ])
  second.opened[0]!.unwritten.forget(second.opened[0]!.unwritten.left[0]!)
  // Of the page itself.
  await second.host.enqueue('CH1', action('three'))
  const third = opening(storage)
  await third.come()
  expect(third.opened[0]!.unwritten.left.map((note) => note.action)).toEqual([action('two'), ...changes])
  await third.host.signOut()
  expect([...kept.values()]).toEqual(['[]'])
})

test.each(['{', '{}', '"x"', '[1]', '[null]'])(
  'a storage that is full, or has %s in it, keeps nothing and disturbs nothing',
  async (text) => {
    const { host, come, opened } = opening({
      getItem: () => text,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError')
      },
    })
    const added = host.enqueue('CH1', { kind: 'send', clientMessageId: 'one', body: 'owl' })
    await come()
    await expect(added).resolves.toBe('enqueue')
    expect(opened[0]!.unwritten.left).toEqual([])
  },
)
