import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ViewerDocument } from '../../schema/generated/graphql.ts'
import { authenticate } from '../../src/domain/chat/sign-in.ts'
import { publishChannelState } from '../../src/domain/realtime/publication.ts'
import { ViewerStream, type ViewerEvent } from '../../src/domain/realtime/viewer-stream.ts'
import { topics } from '../../src/live/bus.ts'
import { toUserCursor } from '../../src/model/cursor.ts'
import { sidToUuid, type ChannelId, type UserId } from '../../src/model/sid.ts'
import { readHistories } from '../../src/store/history.ts'
import { stampUserChannel } from '../../src/store/user-channel.ts'
import { takeUserSeq } from '../../src/store/user.ts'
import { openKit, type Kit, type User } from '../support/kit.ts'
import { ScriptedBus, type Hint } from '../support/scripted-bus.ts'
import { sweepByHand } from '../support/sweep.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let bus: ScriptedBus
let sweep: () => Promise<void>
beforeAll(async () => {
  kit = await openKit()
  bus = new ScriptedBus(kit.server.app.bus)
  sweep = sweepByHand(kit.server.app)
})
afterAll(() => kit.close())

interface Scene {
  readonly user: User
  readonly userId: UserId
  readonly channelId: ChannelId
}

async function openScene(): Promise<Scene> {
  const user = await kit.user('viewer')
  const { id: channelId } = await kit.channel([user])
  const { viewer } = await user.request(ViewerDocument)
  return { user, userId: viewer.user!.id as UserId, channelId }
}

/** Changes what the user keeps about the channel, as reading it does. Returns the `seq` of it. */
async function change({ userId, channelId }: Scene, { isPublished = true } = {}): Promise<number> {
  const seq = await kit.store.db.transaction(async (tx) => {
    const taken = (await takeUserSeq(tx, userId))!
    await stampUserChannel(tx, userId, channelId, taken)
    return taken
  })
  if (isPublished) publishChannelState(kit.server.app, userId, seq, channelId)
  return seq
}

/** Sets the user back to a `seq`, as a database does that is restored to a moment before. */
async function lose({ userId }: Scene, seq: number): Promise<void> {
  await kit.store.db.transaction(async (tx) => {
    const parameters = [sidToUuid(userId), seq]
    await tx.run('UPDATE users SET last_seq = $2::bigint WHERE id = $1', parameters)
    await tx.run('DELETE FROM user_channels WHERE user_id = $1 AND user_seq > $2::bigint', parameters)
  })
}

const beginHistory = () => readHistories(kit.store.db, { isWanted: true })

interface Line {
  readonly event: ViewerEvent
  readonly cursor: string
}

interface ReaderOptions {
  readonly after?: string
  readonly key?: string
  readonly render?: (line: Line) => Line | Promise<Line>
  readonly drained?: () => Promise<void> | undefined
}

let readers = 0

/** A stream without a transport, which has begun. */
async function read({ user }: Scene, { after, key = `${++readers}`, render, drained }: ReaderOptions = {}) {
  const lines: Line[] = []
  const { app } = kit.server
  const stream = await ViewerStream.open<Line>(app, await authenticate(app, user.authorization, '127.0.0.1'), {
    after,
    key,
    render: (event, cursor) => (render ? render({ event, cursor }) : { event, cursor }),
    sink: { write: (line) => lines.push(line), drained: drained ?? (() => undefined) },
    wants: () => true,
    lease: undefined,
    onEnd: () => {},
  })
  onTestFinished(() => stream.close())
  return {
    lines,
    /** Each event with its `seq`. */
    texts: () => lines.map(({ event, cursor }) => `${event.type} ${seqOf(cursor)}`),
    receives: (text: string) =>
      waitFor(() => lines.some((line) => `${line.event.type} ${seqOf(line.cursor)}` === text)),
  }
}

const seqOf = (cursor: string) => Number.parseInt(cursor.split('.')[1]!, 36)

/** The hints of the user arrive from now on. */
const isListening = ({ userId }: Scene) => waitFor(() => bus.topics.has(topics.user(userId)))

function closedDoor() {
  const door = Promise.withResolvers<void>()
  let isOpen = false
  return {
    drained: () => (isOpen ? undefined : door.promise),
    open: () => {
      isOpen = true
      door.resolve()
    },
  }
}

test('hints that are repeated, reordered or lost change neither the order nor what arrives', async () => {
  const scene = await openScene()
  const reader = await read(scene)
  await isListening(scene)
  bus.hold()
  const first = await change(scene)
  for (let more = 0; more < 4; more++) await change(scene)
  const ofUser = ({ topic }: Hint) => topic === topics.user(scene.userId)
  await waitFor(() => bus.held.filter(ofUser).length === 5)
  bus.release((held) => {
    const [one, two, three, four, five] = held.filter(ofUser)
    const others = held.filter((hint) => !ofUser(hint))
    return [...others, one!, one!, four!, two!, three!, five!, two!]
  })
  await reader.receives(`channelStateChanged ${first + 4}`)
  const seqs = reader.lines.map(({ cursor }) => seqOf(cursor))
  expect(seqs).toEqual([...new Set(seqs)].toSorted((one, other) => one - other))
  expect(seqs.at(-1)).toBe(first + 4)
})

test('a reader that is slower than what happens catches up from the store, and nothing piles up', async () => {
  const scene = await openScene()
  const door = closedDoor()
  const reader = await read(scene, door)
  await isListening(scene)
  const first = await change(scene)
  for (let more = 1; more < 250; more++) await change(scene)
  await waitFor(() => kit.server.app.userFeeds.get(scene.userId)!.seq === first + 249)
  expect(reader.lines).toHaveLength(1)
  door.open()
  await reader.receives(`channelStateChanged ${first + 249}`)
  const seqs = reader.lines.map(({ cursor }) => seqOf(cursor))
  expect(seqs).toEqual([...new Set(seqs)].toSorted((one, other) => one - other))
  expect(seqs.length).toBeLessThan(110)
  const last = await change(scene)
  await reader.receives(`channelStateChanged ${last}`)
})

test('what was missed is read in pages, each thing once, while more happens', async () => {
  const scene = await openScene()
  const { userId, channelId } = scene
  const start = await change(scene)
  const { history } = kit.server.app
  await kit.store.db.transaction(async (tx) => {
    // Ended memberships: each is a thing of its own.
    await tx.run(
      `INSERT INTO members (channel_id, id, user_id, identity, role_id, seq, joined_seq, user_seq, left_at)
       SELECT channel_id, gen_random_uuid(), user_id, identity, role_id, seq, joined_seq, $3::bigint + n, clock_timestamp()
       FROM members, generate_series(1, 250) AS n WHERE channel_id = $1 AND user_id = $2`,
      [sidToUuid(channelId), sidToUuid(userId), start],
    )
    await tx.run('UPDATE users SET last_seq = last_seq + 250 WHERE id = $1', [sidToUuid(userId)])
  })
  const door = closedDoor()
  const after = toUserCursor(userId, { seq: start, history: history.stamp })
  const reader = await read(scene, { after, drained: door.drained })
  const last = await change(scene)
  door.open()
  await reader.receives(`channelStateChanged ${last}`)
  const left = Array.from({ length: 250 }, (_, at) => `left ${start + 1 + at}`)
  expect(reader.texts()).toEqual([`ready ${start}`, ...left, `channelStateChanged ${last}`])
})

test('a reader that comes from a process that was ahead gets nothing twice', async () => {
  const scene = await openScene()
  const slow = await read(scene)
  await isListening(scene)
  const before = await change(scene)
  await slow.receives(`channelStateChanged ${before}`)
  const seq = await change(scene, { isPublished: false })
  const { stamp } = kit.server.app.history
  const reader = await read(scene, { after: toUserCursor(scene.userId, { seq, history: stamp }) })
  publishChannelState(kit.server.app, scene.userId, seq, scene.channelId)
  const last = await change(scene)
  for (const one of [slow, reader]) await one.receives(`channelStateChanged ${last}`)
  expect(reader.texts()).toEqual([`ready ${seq}`, `channelStateChanged ${last}`])
})

test('two tabs with one selection share what is read and rendered for an event', async () => {
  const scene = await openScene()
  let rendered = 0
  const render = (line: Line): Line => {
    if (line.event.type === 'channelStateChanged') rendered++
    return line
  }
  const tabs = [await read(scene, { key: 'same', render }), await read(scene, { key: 'same', render })]
  const other = await read(scene, { key: 'other', render })
  await isListening(scene)
  const seq = await change(scene)
  for (const tab of [...tabs, other]) await tab.receives(`channelStateChanged ${seq}`)
  expect(tabs[0]!.lines.at(-1)).toBe(tabs[1]!.lines.at(-1))
  expect(rendered).toBe(2)
})

describe('P8: when the database has gone back', () => {
  test('a stream that has delivered what may be lost delivers a gap, and what happens then', async () => {
    const scene = await openScene()
    const reader = await read(scene)
    await isListening(scene)
    const kept = await change(scene)
    await change(scene)
    const lost = await change(scene)
    await reader.receives(`channelStateChanged ${lost}`)
    await lose(scene, kept)
    await sweep()
    await reader.receives(`gap ${kept}`)
    // Its number is given again.
    const again = await change(scene)
    expect(again).toBe(kept + 1)
    await waitFor(() => reader.texts().slice(-2).join() === `gap ${kept},channelStateChanged ${again}`)
  })

  test('a gap is delivered too when the counter has outrun what was lost, in a new history', async () => {
    const scene = await openScene()
    const reader = await read(scene)
    await isListening(scene)
    const kept = await change(scene)
    const lost = await change(scene)
    await reader.receives(`channelStateChanged ${lost}`)
    await lose(scene, kept)
    await beginHistory()
    bus.hold()
    for (let more = 0; more < 3; more++) await change(scene)
    bus.release(() => [])
    await sweep()
    await reader.receives(`gap ${kept + 3}`)
    const next = await change(scene)
    await reader.receives(`channelStateChanged ${next}`)
    expect(reader.texts().slice(-2)).toEqual([`gap ${kept + 3}`, `channelStateChanged ${next}`])
  })

  test('a stream of which nothing is lost notices nothing, and misses nothing', async () => {
    const scene = await openScene()
    const reader = await read(scene)
    await isListening(scene)
    const seq = await change(scene)
    await reader.receives(`channelStateChanged ${seq}`)
    await kit.store.db.run("UPDATE user_channels SET updated_at = '2020-01-01' WHERE user_id = $1", [
      sidToUuid(scene.userId),
    ])
    await beginHistory()
    await sweep()
    const next = await change(scene)
    await reader.receives(`channelStateChanged ${next}`)
    expect(reader.texts()).toEqual([`ready ${seq - 1}`, `channelStateChanged ${seq}`, `channelStateChanged ${next}`])
  })

  test('nothing that was rendered before is written after the gap', async () => {
    const scene = await openScene()
    const door = closedDoor()
    const reader = await read(scene, door)
    await isListening(scene)
    const kept = await change(scene)
    const lost = [await change(scene), await change(scene)]
    await waitFor(() => kit.server.app.userFeeds.get(scene.userId)!.seq === lost[1])
    await lose(scene, kept)
    await sweep()
    // What came while it goes back would be taken for known, until the next sweep.
    await waitFor(() => kit.server.app.userFeeds.get(scene.userId)!.seq === kept)
    const again = await change(scene)
    await waitFor(() => kit.server.app.userFeeds.get(scene.userId)!.seq === again)
    door.open()
    await reader.receives(`gap ${again}`)
    const next = await change(scene)
    await reader.receives(`channelStateChanged ${next}`)
    expect(reader.texts()).toEqual([`ready ${kept - 1}`, `gap ${again}`, `channelStateChanged ${next}`])
  })
})
