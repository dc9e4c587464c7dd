// A script of a page that has copies and outboxes in the browser's own database.
import { collectOthers } from '../../src/copy/collect.ts'
import { Database } from '../../src/copy/database.ts'
import { KeptCopy } from '../../src/copy/kept.ts'
import { databaseName } from '../../src/copy/schema.ts'
import { trim } from '../../src/copy/trim.ts'
import { browserEnv } from '../../src/env/browser.ts'
import { Log } from '../../src/log.ts'
import { newItem } from '../../src/outbox/item.ts'
import { KeptQueue } from '../../src/outbox/kept.ts'
import type { Change } from '../../src/store/change.ts'
import type { ChannelState, State } from '../../src/store/state.ts'
import { Store } from '../../src/store/store.ts'
import { copyContract } from '../contract/copy.ts'
import { outboxContract } from '../contract/outbox.ts'
import { codeOf, same } from '../contract/same.ts'
import { FaultyDevice } from './faulty-device.ts'
import { arrivals, joined, randomHistory } from './history.ts'

const env = browserEnv()
const log = new Log(env.clock.now)

const nameOf = (identity: string): string => databaseName({ url: 'http://server', service: '', identity })

/** What a tab has of a user: the store, and what is kept of it. */
function openDevice(identity: string, clock = env.clock) {
  const onError = (error: unknown): never => {
    throw error
  }
  const store = new Store({ onError })
  const database = new Database({ name: nameOf(identity), env })
  const copy = new KeptCopy({ database, env: { ...env, clock }, getState: store.getSnapshot })
  const queue = new KeptQueue(database, env.clock.now)
  const commit = (changes: readonly Change[]): Promise<void> => {
    store.apply(changes)
    return copy.write(changes)
  }
  return { store, database, copy, queue, commit }
}

let lastUser = 0
const newUser = (): string => `user-${(lastUser += 1)}-${env.createId()}`

/** The same with faults. */
function openFaulty({ env }: FaultyDevice, identity = newUser()) {
  const { store } = openDevice(identity)
  const database = new Database({ name: nameOf(identity), env })
  const copy = new KeptCopy({ database, env, getState: store.getSnapshot })
  const commit = (changes: readonly Change[]): Promise<void> => {
    store.apply(changes)
    return copy.write(changes)
  }
  return { store, copy, commit, queue: new KeptQueue(database, env.clock.now) }
}

/** The state that a tab has which opens later, with all that is kept of its channels. */
async function reopened(identity: string): Promise<State> {
  const { store, copy, database } = openDevice(identity)
  store.apply(await copy.load())
  for (const [id, { head }] of store.getSnapshot().channels) store.apply(await copy.readMessages(id, 0, head))
  await database.close()
  return store.getSnapshot()
}

/** What of a state is to survive. */
function essence({ channels, viewerCursor }: State) {
  const ofChannel = (known: ChannelState) => {
    const { channel, membership, messages, intervals, head, position, unreadCount } = known
    const isCovered = (index: number): boolean => intervals.some(([from, to]) => from <= index && index <= to)
    return [
      channel,
      { ...membership, unreadCount: null },
      messages.filter(({ index }) => isCovered(index)),
      intervals,
      head,
      position,
      unreadCount,
      Object.fromEntries(known.members),
      Object.fromEntries(known.receipts),
    ]
  }
  return { viewerCursor, channels: ['A', 'B', 'C'].flatMap((id) => channels.get(id) ?? []).map(ofChannel) }
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const specs: Record<string, () => Promise<void>> = {
  'another tab has nothing to write': async () => {
    const user = newUser()
    const [one, other] = [openDevice(user), openDevice(user)]
    await one.copy.takeTerm()
    await one.commit([joined('A'), ...arrivals('A', 0, 3)])
    same(await codeOf(other.commit([joined('B')])), 'CONFLICT')
    same(await codeOf(other.copy.settled()), 'CONFLICT')
  },
  'a tab that was robbed writes nothing more, and may lead again': async () => {
    const user = newUser()
    const [one, other] = [openDevice(user), openDevice(user)]
    same(await one.copy.takeTerm(), 1)
    await one.commit([joined('A')])
    same(await other.copy.takeTerm(), 2)
    same(other.copy.deviceId, one.copy.deviceId)
    same(await codeOf(one.commit([joined('B')])), 'CONFLICT')
    same(await codeOf(one.copy.settled()), 'CONFLICT')
    same(await codeOf(one.copy.clear()), 'CONFLICT')
    other.store.apply(await other.copy.load())
    same([...other.store.getSnapshot().channels.keys()], ['A'])
    same(await one.copy.takeTerm(), 3)
    await one.commit([joined('C')])
    same(new Set((await reopened(user)).channels.keys()).symmetricDifference(new Set(['A', 'C'])).size, 0)
  },
  'a text that is being written is kept every two seconds, and when the copy is closed': async () => {
    const user = newUser()
    const due: (() => void)[] = []
    const after: typeof env.clock.after = (milliseconds, callback) => {
      same(milliseconds, 2000)
      due.push(callback)
      return () => {}
    }
    const { database, copy, commit } = openDevice(user, { now: env.clock.now, after })
    let transactions = 0
    const run = database.run.bind(database)
    database.run = (...of) => {
      transactions += 1
      return run(...of)
    }
    await copy.takeTerm()
    const begun = arrivals('A', 0, 0).map((change) =>
      change.kind === 'messages'
        ? {
            ...change,
            messages: change.messages.map((one) => ({ ...one, body: '', streamState: 'STREAMING' as const })),
          }
        : change,
    )
    await commit([joined('A'), { kind: 'started', channelId: 'A', cursor: 'c.-1.0.h' }, ...begun])
    await copy.settled()
    const before = transactions
    const append = (offset: number, text: string): Promise<void> =>
      commit([{ kind: 'appended', channelId: 'A', index: 0, offset, text }])
    for (let offset = 0; offset < 100; offset++) await append(offset, 'x')
    same([transactions, due.length], [before, 1])
    due.pop()!()
    await copy.settled()
    const kept = async (): Promise<string> => (await reopened(user)).channels.get('A')!.messages[0]!.body
    same(await kept(), 'x'.repeat(100))
    await append(98, 'the end 🦉')
    await copy.close()
    same(await kept(), `${'x'.repeat(98)}the end 🦉`)
  },
  'what is kept is as of the cursor of the user, though that went back': async () => {
    const user = newUser()
    const { copy, commit } = openDevice(user)
    await copy.takeTerm()
    await commit([joined('A'), { kind: 'viewerCursor', cursor: 'u.9.h' }])
    await commit([{ kind: 'viewerCursor', cursor: 'u.5.i' }])
    same((await reopened(user)).channels.get('A')!.counted.seq, 5)
  },
  'a first page is loaded, and what is older is read where it is scrolled to': async () => {
    const user = newUser()
    const { copy, commit } = openDevice(user)
    await copy.takeTerm()
    await commit([joined('A'), { kind: 'started', channelId: 'A', cursor: 'c.-1.0.h' }, ...arrivals('A', 0, 119)])
    const later = openDevice(user)
    later.store.apply(await later.copy.load())
    const loaded = later.store.getSnapshot().channels.get('A')!
    same([loaded.messages.length, loaded.messages[0]!.index, loaded.head], [50, 70, 119])
    same(loaded.intervals, [[70, 119]])
    later.store.apply(await later.copy.readMessages('A', 20, 69))
    same(later.store.getSnapshot().channels.get('A')!.intervals, [[20, 119]])
    same(later.store.getSnapshot().channels.get('A')!.messages.length, 100)
    same(await later.copy.readMessages('A', 500, 600), [])
  },
  'clearing leaves the outbox, removing does not': async () => {
    const user = newUser()
    const { copy, queue, commit } = openDevice(user)
    await copy.takeTerm()
    await commit([joined('A')])
    await queue.add('A', { kind: 'send', clientMessageId: 'c', body: 'waits' })
    await copy.clear()
    same(await copy.load(), [])
    same((await queue.items()).length, 1)
    // Another tab has it open: the removal does not wait for it.
    const other = openDevice(user)
    same((await other.queue.items()).length, 1)
    await copy.remove()
    same(await codeOf(queue.items()), 'CLOSED')
    same(await codeOf(other.queue.items()), 'CLOSED')
    const later = openDevice(user)
    same(await later.copy.load(), [])
    same(await later.queue.items(), [])
  },
  'what is above the limits goes: the oldest messages, and the channels used least': async () => {
    const user = newUser()
    const { copy, database, commit } = openDevice(user)
    await copy.takeTerm()
    for (const id of ['A', 'B', 'C', 'D']) {
      await commit([joined(id), { kind: 'started', channelId: id, cursor: 'c.-1.0.h' }, ...arrivals(id, 0, 19)])
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    const stores = ['meta', 'channels', 'messages', 'members'] as const
    await database.run({ stores, mode: 'readwrite' }, (transaction) => {
      trim(transaction, { channels: 3, messages: 25, messagesOfChannel: 15 })
      return () => {}
    })
    const { channels } = await reopened(user)
    const left = ['A', 'B', 'C', 'D'].map((id) => channels.get(id)?.intervals ?? null)
    same(left, [null, [[19, 19]], [[10, 19]], [[5, 19]]])
    same(
      [...channels.values()].reduce((sum, { messages }) => sum + messages.length, 0),
      26,
    )
  },
  'the copies of others go, unless something waits in them or a tab uses them': async () => {
    const [mine, idle, waiting, open] = [newUser(), newUser(), newUser(), newUser()]
    for (const user of [mine, idle, waiting, open]) {
      const { copy, queue, database } = openDevice(user)
      await copy.takeTerm()
      if (user === waiting) await queue.add('A', { kind: 'send', clientMessageId: 'c', body: 'waits' })
      await database.close()
    }
    await navigator.locks.request(nameOf(open), () => collectOthers(nameOf(mine), env, log))
    const present = new Set((await indexedDB.databases()).map(({ name }) => name))
    same(
      [mine, idle, waiting, open].map((user) => present.has(nameOf(user))),
      [true, false, true, true],
    )
  },
  'an opening that hangs has a deadline, and closes what it opens later': async () => {
    const device = new FaultyDevice(env)
    device.opening = 'hangs'
    const { copy } = openFaulty(device)
    const taking = codeOf(copy.takeTerm())
    await device.elapse(5000)
    same(await taking, 'UNAVAILABLE')
    await device.goOn()
    same(device.hasOpenConnections(), false)
  },
  'an opening that is refused, or throws, rejects': async () => {
    for (const opening of ['isRefused', 'throws'] as const) {
      const device = new FaultyDevice(env)
      device.opening = opening
      const { copy, queue } = openFaulty(device)
      same(await codeOf(copy.takeTerm()), 'UNAVAILABLE')
      same(await codeOf(queue.items()), 'UNAVAILABLE')
    }
  },
  'a transaction that stays silent has a deadline, also of a batch that nobody waits for': async () => {
    const device = new FaultyDevice(env)
    const { copy, queue, commit } = openFaulty(device)
    await copy.takeTerm()
    device.isSilent = true
    const writing = codeOf(commit([joined('A')]))
    await device.elapse(10_000)
    same(await writing, 'UNAVAILABLE')
    device.isSilent = false
    // What was written is not known: nothing after it is confirmed.
    same(await codeOf(copy.settled()), 'UNAVAILABLE')
    same(await codeOf(commit([joined('B')])), 'UNAVAILABLE')
    same(await queue.items(), [])
  },
  'a device that slept is given the time once more': async () => {
    const device = new FaultyDevice(env)
    device.opening = 'hangs'
    const { copy } = openFaulty(device)
    const taking = copy.takeTerm()
    device.sleep(60_000)
    await device.elapse(5000)
    await device.goOn()
    same(await taking, 1)
  },
  'a connection that is cut is opened again, once': async () => {
    const device = new FaultyDevice(env)
    const { copy, commit, store } = openFaulty(device)
    await copy.takeTerm()
    await commit([joined('A')])
    device.cut()
    await commit([joined('B')])
    await copy.settled()
    same([...store.getSnapshot().channels.keys()], ['A', 'B'])
    same((await copy.load()).filter(({ kind }) => kind === 'joined').length, 2)
    device.opening = 'isCut'
    device.cut()
    same(await codeOf(commit([joined('C')])), 'UNAVAILABLE')
  },
  'a deletion that is blocked has a deadline, and what it is to delete is empty': async () => {
    const device = new FaultyDevice(env)
    const user = newUser()
    const { copy, queue, commit } = openFaulty(device, user)
    await copy.takeTerm()
    await commit([joined('A'), ...arrivals('A', 0, 3)])
    await queue.add('A', { kind: 'delete', messageId: 'id' })
    // Code that is not ours, and does not close at `versionchange`.
    const other = await rawConnection(nameOf(user))
    const removing = copy.remove()
    await device.elapse(5000)
    await removing
    const stores = [...other.objectStoreNames]
    const transaction = other.transaction(stores)
    const counts = stores.map((name) => transaction.objectStore(name).count())
    await new Promise((resolve) => (transaction.oncomplete = resolve))
    same(
      counts.map(({ result }) => result),
      stores.map(() => 0),
    )
    other.close()
  },
}

function rawConnection(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name)
  return new Promise((resolve) => (request.onsuccess = () => resolve(request.result)))
}

for (const [name, run] of Object.entries(copyContract)) {
  specs[`copy: ${name}`] = () => run(async () => openDevice(newUser()).copy)
}
for (const [name, run] of Object.entries(outboxContract)) {
  specs[`outbox: ${name}`] = () => {
    const { queue, database } = openDevice(newUser())
    const fill = (_: unknown, count: number): Promise<void> =>
      database.run({ stores: ['outbox'], mode: 'readwrite' }, ({ store }) => {
        const row = newItem('A', { kind: 'delete', messageId: 'id' }, false, 0)
        for (let number = 0; number < count; number++) store('outbox').add(row)
        return () => {}
      })
    return run(async () => queue, fill)
  }
}

/** Follows a random history, and compares what a tab finds that opens then. */
async function compare(seed: number): Promise<void> {
  const random = seeded(seed)
  const user = newUser()
  const { store, copy, database, commit } = openDevice(user)
  await copy.takeTerm()
  for (const batch of randomHistory(random, 150)) {
    const writing = commit(batch)
    if (random() < 0.3) await writing
    if (random() < 0.05) await copy.settled()
  }
  await copy.settled()
  const [expected, found] = [essence(store.getSnapshot()), essence(await reopened(user))]
  same(found.viewerCursor, expected.viewerCursor)
  same(found.channels.length, expected.channels.length)
  for (const [place, channel] of expected.channels.entries()) {
    for (const [part, value] of channel.entries())
      same(found.channels[place]![part], value, `seed ${seed}, part ${part}`)
  }
  await database.close()
}

/** Writes messages and items of the outbox, at the pace of who hears that they are on the disk, for as long as the page lives. */
async function writeForEver(identity: string, confirm: (word: string) => Promise<void>): Promise<void> {
  const { copy, queue, commit } = openDevice(identity)
  await copy.takeTerm()
  await commit([joined('A'), { kind: 'started', channelId: 'A', cursor: 'c.-1.0.h' }])
  const receive = async (): Promise<void> => {
    for (let index = 0; index < 900; index++) {
      void commit(arrivals('A', index, index))
      if (index % 5 !== 4) continue
      await copy.settled()
      await confirm(`message ${index}`)
    }
  }
  const send = async (): Promise<void> => {
    for (let number = 0; number < 900; number++) {
      const item = await queue.add('A', { kind: 'send', clientMessageId: `c-${number}`, body: '' })
      await confirm(`item ${item.id}`)
    }
  }
  void Promise.all([receive(), send()])
}

/** What of that is there. */
async function find(identity: string): Promise<string[]> {
  const { queue } = openDevice(identity)
  const items = await queue.items()
  const known = (await reopened(identity)).channels.get('A')!
  const isWhole = known.messages.every(({ index }, place) => index === place) && known.intervals.length === 1
  if (!isWhole) throw new Error('there are holes')
  return [...known.messages.map(({ index }) => `message ${index}`), ...items.map(({ id }) => `item ${id}`)]
}

const page = {
  writeForEver,
  find,
  names: Object.keys(specs),
  run: (name: string) => specs[name]!(),
  compare,
}
export type CopyPage = typeof page
Object.assign(globalThis, { page })
