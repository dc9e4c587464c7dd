import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  AddMemberDocument,
  CreateChannelDocument,
  CreateUserDocument,
  FreezeChannelDocument,
  HistoryDocument,
  RolesDocument,
  CancelJobDocument,
  CreateServiceDocument,
  DeleteChannelDocument,
  JobDocument,
  JobsDocument,
  MembersDocument,
  NodeDocument,
  DryRunJobDocument,
  StartJobDocument,
  UpdateServiceDocument,
  type ChannelJobFilter,
  type JobTask,
} from '../../../schema/generated/graphql.ts'
import { runNextJob } from '../../../src/domain/chat/job-run.ts'
import { jobLimits } from '../../../src/model/job.ts'
import type { JobId } from '../../../src/model/sid.ts'
import { readJob } from '../../../src/store/job.ts'
import { Cleanup } from '../../../src/workers/cleanup.ts'
import { Jobs } from '../../../src/workers/jobs.ts'
import { makeAccount } from '../../support/authority.ts'
import { fillChannel } from '../../support/filling.ts'
import { withoutTable } from '../../support/hidden-table.ts'
import { openKit, uniqueName, type Caller, type Kit } from '../../support/kit.ts'
import { Operator } from '../../support/operator.ts'
import { waitFor } from '../../support/wait.ts'
import { json, ok, openReceiver, type Receiver } from '../../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../../support/webhooks.ts'

let kit: Kit
beforeAll(async () => {
  // The specs work on jobs themselves, but for those of the worker.
  vi.spyOn(Jobs.prototype, 'wake').mockReturnValue()
  kit = await openKit(webhookEnvironment)
})
afterAll(() => kit.close())

const start = async (task: JobTask, serviceId?: string) => {
  const input = { task, ...(serviceId !== undefined && { serviceId }) }
  return (await kit.backend.request(StartJobDocument, { input })).startJob.job
}

const read = async (id: string) => (await kit.backend.request(JobDocument, { id })).job!

/** Works on the oldest job until it is over, or until so many things are done. */
async function work(isStopping = () => false) {
  expect(await runNextJob(kit.server.app, isStopping)).toBe(true)
}

async function finish(task: JobTask, serviceId?: string) {
  const { id } = await start(task, serviceId)
  await work()
  return read(id)
}

/** How many durable changes a channel has had. */
async function changesOf(channelId: string): Promise<number> {
  const [row] = await kit.store.db.run<{ last_seq: number }>('SELECT last_seq FROM channels WHERE id = $1', [
    channelId.slice(2),
  ])
  return Number(row!.last_seq)
}

async function bodiesOf(channelId: string): Promise<string[]> {
  const { channel } = await kit.backend.request(HistoryDocument, { channelId, first: 1000 })
  return channel!.messages.edges.map(({ node }) => node.body)
}

const identitiesOf = async (channelId: string): Promise<string[]> => {
  const { channel } = await kit.backend.request(MembersDocument, { channelId, first: 1000 })
  return channel!.members.edges.map(({ node }) => node.identity)
}

/** Has whoever asks a receiver wait from the `nth` question on, until it is let go. */
function gate(receiver: Receiver, nth: number) {
  const { promise: reached, resolve: onReached } = Promise.withResolvers<void>()
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  let asked = 0
  receiver.answer = async (received, response) => {
    if (++asked === nth) {
      onReached()
      await opened
    }
    ok(received, response)
  }
  return { reached, open }
}

/** A channel with so many messages whose deletions a receiver is asked about. */
async function hookedChannel(receiver: Receiver, count: number) {
  const service = await hookService(kit, receiver, { apiEnabled: true, postUrl: null, filters: ['ON_MESSAGE_REMOVE'] })
  const { id } = await service.channel()
  await fillChannel(kit.store.maintenance, id, count)
  return {
    id,
    serviceId: service.id,
    task: { deleteMessages: { channelId: id, filter: { authorIdentity: 'someone' } } },
  }
}

test('messages of an author are deleted, those of others and later ones are not, and a dry run says so before', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  for (let at = 0; at < 3; at++) {
    await alice.send(id, `alice ${at}`)
    await bob.send(id, `bob ${at}`)
  }
  const task = { deleteMessages: { channelId: id, filter: { authorIdentity: alice.identity } } }
  const { dryRunJob } = await kit.backend.request(DryRunJobDocument, { task })
  expect(dryRunJob).toMatchObject({ count: 3, isComplete: true })
  expect(dryRunJob.examples).toHaveLength(3)
  const job = await start(task)
  expect(job).toMatchObject({
    kind: 'DELETE_MESSAGES',
    serviceId: kit.server.account.serviceId,
    task: { channelId: id, filter: { authorIdentity: alice.identity } },
    state: 'QUEUED',
    total: 3,
    done: 0,
    credentialId: kit.server.account.accountId,
    consoleSessionId: null,
  })
  await alice.send(id, 'alice later')
  await work()
  const ended = await read(job.id)
  expect(ended).toMatchObject({ state: 'DONE', done: 3, failed: 0, errors: [] })
  expect(Date.parse(ended.endedAt!)).toBeGreaterThanOrEqual(Date.parse(ended.startedAt!))
  expect(await bodiesOf(id)).toEqual(['bob 0', 'bob 1', 'bob 2', 'alice later'])
  expect(await runNextJob(kit.server.app, () => false)).toBe(false)
})

test('messages are found by their times, in a channel of any length', async () => {
  const { id } = await kit.channel()
  await fillChannel(kit.store.maintenance, id, 600)
  await kit.store.maintenance.run(
    `UPDATE messages SET created_at = now() - interval '1 day' + index * interval '1 second' WHERE channel_id = $1`,
    [id.slice(2)],
  )
  const rows = await kit.store.maintenance.run<{ created_at: string }>(
    'SELECT created_at FROM messages WHERE channel_id = $1 AND index IN (550, 560) ORDER BY index',
    [id.slice(2)],
  )
  const [since, until] = rows.map((row) => new Date(row.created_at).toISOString())
  const job = await finish({ deleteMessages: { channelId: id, filter: { since: since!, until: until! } } })
  expect(job).toMatchObject({ state: 'DONE', total: 10, done: 10 })
  const { channel } = await kit.backend.request(HistoryDocument, { channelId: id, last: 42 })
  const left = channel!.messages.edges.map(({ node }) => node.index)
  expect(left.slice(0, 2)).toEqual([548, 549])
  expect(left.slice(2)).toEqual(Array.from({ length: 40 }, (_, at) => 560 + at))
})

test('members are removed by a list, by their role, or all of them', async () => {
  const users = await Promise.all(['a', 'b', 'c', 'd'].map((name) => kit.user(name)))
  const { id } = await kit.channel()
  const { roles } = (await kit.backend.request(RolesDocument, {})).service!
  const admin = roles.edges.find(({ node }) => node.friendlyName === 'channel admin')!.node.id
  const memberIds: string[] = []
  for (const [at, { identity }] of users.entries()) {
    const input = { channelId: id, identity, ...(at === 1 && { roleId: admin }) }
    memberIds.push((await kit.backend.request(AddMemberDocument, { input })).addMember.member.id)
  }
  const listed = await finish({ removeMembers: { channelId: id, memberIds: [memberIds[0]!, memberIds[0]!] } })
  expect(listed).toMatchObject({ state: 'DONE', total: 1, done: 1 })
  expect(await identitiesOf(id)).toEqual(users.slice(1).map(({ identity }) => identity))
  await finish({ removeMembers: { channelId: id, filter: { roleId: admin } } })
  expect(await identitiesOf(id)).toEqual(users.slice(2).map(({ identity }) => identity))
  await finish({ removeMembers: { channelId: id, filter: {} } })
  expect(await identitiesOf(id)).toEqual([])
})

test('users and channels are deleted by what they are, or have not done', async () => {
  const prefix = uniqueName('job')
  const make = async (name: string) =>
    (await kit.backend.request(CreateUserDocument, { input: { identity: `${prefix}-${name}` } })).createUser.user.id
  const [seen, unseen] = [await make('seen'), await make('unseen')]
  await kit.store.maintenance.run(
    `UPDATE users SET created_at = created_at - interval '3 days' WHERE identity LIKE $1`,
    [`${prefix}%`],
  )
  await kit.store.maintenance.run(`UPDATE users SET last_seen_at = now() WHERE id = $1`, [seen.slice(2)])
  const dayAgo = new Date(Date.now() - 86_400_000).toISOString()
  const task = { deleteUsers: { filter: { identityPrefix: prefix, lastSeenBefore: dayAgo } } }
  // Of a service that notes nobody's presence all users would be deleted.
  await kit.backend.expectRefusal(StartJobDocument, { input: { task } }, 'BAD_USER_INPUT')
  await kit.backend.request(UpdateServiceDocument, {
    input: { serviceId: kit.server.account.serviceId, reachabilityEnabled: true },
  })
  const users = await finish(task)
  expect(users).toMatchObject({ kind: 'DELETE_USERS', state: 'DONE', total: 1, done: 1 })
  expect((await kit.backend.request(NodeDocument, { id: unseen })).node).toBeNull()
  expect((await kit.backend.request(NodeDocument, { id: seen })).node).not.toBeNull()

  const [quiet, loud] = [
    await kit.channel([], { uniqueName: `${prefix}-1` }),
    await kit.channel([], { uniqueName: `${prefix}-2` }),
  ]
  await kit.backend.send(loud.id, 'news')
  await kit.store.maintenance.run(
    `UPDATE channels SET created_at = created_at - interval '3 days' WHERE unique_name LIKE $1`,
    [`${prefix}%`],
  )
  const filter = { uniqueNamePrefix: prefix, noMessageSince: dayAgo, types: ['PUBLIC' as const] }
  const channels = await finish({ deleteChannels: { filter } })
  expect(channels).toMatchObject({ kind: 'DELETE_CHANNELS', state: 'DONE', total: 1, done: 1 })
  expect((await kit.backend.request(NodeDocument, { id: quiet.id })).node).toBeNull()
  expect((await kit.backend.request(NodeDocument, { id: loud.id })).node).not.toBeNull()
})

test('a filter finds what the lists of users and channels find', async () => {
  const word = uniqueName('found').replaceAll('-', '')
  const users = [`Ann ${word}`, `${word.toUpperCase()} Ann`, word, `Bob ${word}`]
  for (const [at, friendlyName] of users.entries()) {
    await kit.backend.request(CreateUserDocument, { input: { identity: `${word}-${at}`, friendlyName } })
  }
  const found = await kit.backend.request(DryRunJobDocument, {
    task: { deleteUsers: { filter: { search: `${word} an` } } },
  })
  expect(found.dryRunJob).toMatchObject({ count: 2, isComplete: true })
  const exact = { deleteUsers: { filter: { search: `${word}-2` } } }
  expect((await kit.backend.request(DryRunJobDocument, { task: exact })).dryRunJob.count).toBe(1)

  const [first, second] = [
    await kit.channel([], { friendlyName: `${word} One` }),
    await kit.channel([], { uniqueName: `${word}-two` }),
  ]
  await kit.channel([], { friendlyName: `Not ${word}` })
  await kit.backend.request(FreezeChannelDocument, { input: { channelId: second.id } })
  const idsOf = async (filter: ChannelJobFilter) => {
    const { dryRunJob } = await kit.backend.request(DryRunJobDocument, { task: { deleteChannels: { filter } } })
    return dryRunJob.examples.map((example) => example?.id)
  }
  expect(await idsOf({ name: word.toUpperCase() })).toEqual([first.id, second.id])
  expect(await idsOf({ name: word, onlyFrozen: true })).toEqual([second.id])
})

test('what is refused is counted and named, and stops nothing else', async () => {
  const receiver = await openReceiver()
  const { id, serviceId, task } = await hookedChannel(receiver, 25)
  receiver.answer = json({}, 403)
  const refused = await finish(task, serviceId)
  expect(refused).toMatchObject({ state: 'DONE', total: 25, done: 0, failed: 25 })
  expect(refused.errors).toHaveLength(jobLimits.errors)
  expect(refused.errors[0]).toMatchObject({ subjectId: expect.stringMatching(/^IM/), code: 'FORBIDDEN' })
  // What somebody has listed, and what is not there, is a mistake; what is not found any more is what was wanted.
  const other = (await kit.channel()).id
  const { id: messageId } = await kit.backend.send(other, 'elsewhere')
  const elsewhere = await finish({ deleteMessages: { channelId: id, messageIds: [messageId] } }, serviceId)
  expect(elsewhere).toMatchObject({
    state: 'DONE',
    done: 0,
    failed: 1,
    errors: [{ subjectId: messageId, code: 'NOT_FOUND' }],
  })
  await receiver.close()
})

test('a job goes on where its process has died, and changes nothing twice', async () => {
  const receiver = await openReceiver()
  const { id, serviceId, task } = await hookedChannel(receiver, 24)
  const before = await changesOf(id)
  const { reached, open } = gate(receiver, 22)
  const job = await start(task, serviceId)
  const first = work()
  await reached
  // A step may have ended for its time.
  const stored = await read(job.id)
  expect(stored.state).toBe('RUNNING')
  expect(stored.done).toBeGreaterThan(0)
  expect(stored.done).toBeLessThan(22)
  // Nobody can have it before its claim has ended.
  expect(await runNextJob(kit.server.app, () => false)).toBe(false)
  await kit.store.maintenance.run('UPDATE jobs SET due_at = now() WHERE id = $1', [job.id.slice(2)])
  await work()
  const ended = await read(job.id)
  expect(ended).toMatchObject({ state: 'DONE', total: 24, done: 24, failed: 0, errors: [] })
  open()
  await first
  expect(await read(job.id)).toEqual(ended)
  expect((await changesOf(id)) - before).toBe(24)
  expect(await bodiesOf(id)).toEqual([])
  await receiver.close()
})

test('a process that stops leaves the job to the next, with all that it has done', async () => {
  const { id } = await kit.channel()
  await fillChannel(kit.store.maintenance, id, 25)
  const task = { deleteMessages: { channelId: id, filter: { authorIdentity: 'someone' } } }
  const job = await start(task)
  let asked = 0
  await work(() => ++asked > 10)
  const left = await read(job.id)
  expect(left).toMatchObject({ state: 'QUEUED', endedAt: null })
  expect(left.done).toBeGreaterThan(5)
  expect(left.done).toBeLessThan(15)
  await work()
  expect(await read(job.id)).toMatchObject({ state: 'DONE', done: 25, failed: 0 })
})

test('accounts take turns, and the jobs of one account keep their order', async () => {
  const { backend: stranger } = await makeAccount(kit)
  const fill = async (owner: Caller) => {
    const { id } = (await owner.request(CreateChannelDocument, { input: {} })).createChannel.channel
    await fillChannel(kit.store.maintenance, id, 45)
    return { deleteMessages: { channelId: id, filter: { authorIdentity: 'someone' } } }
  }
  const startOf = async (owner: Caller, task: JobTask) =>
    (await owner.request(StartJobDocument, { input: { task } })).startJob.job.id
  const { channelId } = (await fill(kit.backend)).deleteMessages
  const { channel } = await kit.backend.request(HistoryDocument, { channelId, first: 45 })
  const messageIds = channel!.messages.edges.map(({ node }) => node.id)
  // What is not there is not taken for something that the turn before has done.
  messageIds.splice(40, 0, `IM${'8'.repeat(32)}`)
  const first = await startOf(kit.backend, { deleteMessages: { channelId, messageIds } })
  const second = await startOf(kit.backend, await fill(kit.backend))
  const other = await startOf(stranger, await fill(stranger))
  const ids = [first, second, other]
  const progress = () =>
    Promise.all(ids.map(async (id) => (await readJob(kit.store.db, id as JobId))!)).then((jobs) =>
      jobs.map(({ done, failed, endedAt }) => ({ count: done + failed, isOver: endedAt !== null })),
    )
  const turns: string[] = []
  for (let before = await progress(); before.some(({ isOver }) => !isOver);) {
    expect(await runNextJob(kit.server.app, () => false, 0)).toBe(true)
    const after = await progress()
    turns.push(...ids.filter((_id, at) => after[at]!.count > before[at]!.count))
    before = after
  }
  expect(turns.indexOf(second)).toBeGreaterThan(turns.lastIndexOf(first))
  // Steps end by their time, too, so nobody knows how many there are.
  const shared = turns.slice(0, turns.lastIndexOf(other) + 1)
  expect(shared.length).toBeGreaterThanOrEqual(6)
  expect(shared.map((id) => id === other)).toEqual(shared.map((_id, at) => at % 2 === 1))
  expect(await read(first)).toMatchObject({ state: 'DONE', done: 45, failed: 1, errors: [{ code: 'NOT_FOUND' }] })
  expect(await read(second)).toMatchObject({ state: 'DONE', done: 45, failed: 0 })
})

test('two processes do a job once', async () => {
  const other = await kit.another({ DEVICE_DAYS: '31' })
  const { id } = await kit.channel()
  await fillChannel(kit.store.maintenance, id, 25)
  const before = await changesOf(id)
  const job = await start({ deleteMessages: { channelId: id, filter: { authorIdentity: 'someone' } } })
  const claims = await Promise.all([kit.server, other].map(({ app }) => runNextJob(app, () => false)))
  expect(claims.filter(Boolean)).toEqual([true])
  expect(await read(job.id)).toMatchObject({ state: 'DONE', done: 25, failed: 0 })
  expect((await changesOf(id)) - before).toBe(25)
})

test('a job is cancelled before it begins, or after the step that is under way', async () => {
  const receiver = await openReceiver()
  const { serviceId, task } = await hookedChannel(receiver, 45)
  const cancel = async (jobId: string) =>
    (await kit.backend.request(CancelJobDocument, { input: { jobId } })).cancelJob.job
  const waiting = await start(task, serviceId)
  expect(await cancel(waiting.id)).toMatchObject({ state: 'CANCELLED', done: 0 })
  expect(await runNextJob(kit.server.app, () => false)).toBe(false)
  const { reached, open } = gate(receiver, 25)
  const job = await start(task, serviceId)
  const run = work()
  await reached
  expect(await cancel(job.id)).toMatchObject({ state: 'RUNNING', isCancelling: true, endedAt: null })
  open()
  await run
  const cancelled = await read(job.id)
  expect(cancelled).toMatchObject({ state: 'CANCELLED', failed: 0 })
  expect(cancelled.done).toBeGreaterThanOrEqual(25)
  expect(cancelled.done).toBeLessThan(45)
  expect(cancelled.endedAt).not.toBeNull()
  expect(await cancel(job.id)).toEqual(cancelled)
  const done = await finish(task, serviceId)
  expect(done).toMatchObject({ state: 'DONE', total: 45 - cancelled.done, done: 45 - cancelled.done })
  await kit.backend.expectRefusal(CancelJobDocument, { input: { jobId: done.id } }, 'CONFLICT')
  await receiver.close()
})

test('a job that cannot go on waits, and is given up when it comes no further', async () => {
  const { id } = await kit.channel([await kit.user('alice')])
  const job = await start({ removeMembers: { channelId: id, filter: {} } })
  await withoutTable(kit.store, 'members', () => work())
  expect(await read(job.id)).toMatchObject({ state: 'QUEUED', done: 0, failed: 0 })
  expect(await runNextJob(kit.server.app, () => false)).toBe(false)
  const stall = 'UPDATE jobs SET due_at = now(), stalls = $2 WHERE id = $1'
  await kit.store.maintenance.run(stall, [job.id.slice(2), jobLimits.stalls])
  await work()
  expect(await read(job.id)).toMatchObject({ state: 'FAILED', failureCode: 'UNAVAILABLE', done: 0 })
  expect(await identitiesOf(id)).toHaveLength(1)
})

test('a job whose channel is gone has failed', async () => {
  const { id } = await kit.channel()
  const job = await start({ removeMembers: { channelId: id, filter: {} } })
  await kit.backend.request(DeleteChannelDocument, { input: { channelId: id } })
  await work()
  expect(await read(job.id)).toMatchObject({
    state: 'FAILED',
    failureCode: 'NOT_FOUND',
    failureReason: 'the channel was not found',
  })
})

test('a job that only a newer version knows is left to it', async () => {
  const { id: channelId } = await kit.channel()
  await kit.backend.send(channelId, 'kept')
  const filter = { authorIdentity: 'system' }
  const tasks = [
    { kind: 'translateMessages', channelId, filter },
    // A condition that were passed over would find too much.
    { kind: 'deleteMessages', channelId, filter: { ...filter, language: 'fr' } },
    { kind: 'deleteMessages', channelId, filter, keepReactions: true },
  ]
  const newer: string[] = []
  for (const task of tasks) {
    const { id } = await start({ deleteMessages: { channelId, filter } })
    await kit.store.maintenance.run('UPDATE jobs SET task = $2::json WHERE id = $1', [
      id.slice(2),
      JSON.stringify(task),
    ])
    newer.push(id)
  }
  expect(await runNextJob(kit.server.app, () => false)).toBe(false)
  const later = await start({ deleteMessages: { channelId, filter: { authorIdentity: 'nobody' } } })
  await work()
  expect(await read(later.id)).toMatchObject({ state: 'DONE' })
  expect(await bodiesOf(channelId)).toEqual(['kept'])
  const { edges } = (await kit.backend.request(JobsDocument, { first: 4 })).jobs
  expect(edges.map(({ node }) => [node.id, node.kind])).toEqual([
    [later.id, 'DELETE_MESSAGES'],
    [newer[2], 'DELETE_MESSAGES'],
    [newer[1], 'DELETE_MESSAGES'],
    [newer[0], null],
  ])
  for (const jobId of newer)
    expect((await kit.backend.request(CancelJobDocument, { input: { jobId } })).cancelJob.job.state).toBe('CANCELLED')
})

test('what a job is to do is bounded and checked', async () => {
  const { id: channelId } = await kit.channel()
  const { id: messageId } = await kit.backend.send(channelId, 'kept')
  const refuse = (task: JobTask, code = 'BAD_USER_INPUT', chatCode?: number) =>
    kit.backend.expectRefusal(StartJobDocument, { input: { task } }, code, chatCode)
  await refuse({})
  await refuse({ deleteUsers: { filter: {} } })
  await refuse({ deleteChannels: { filter: { types: [] } } })
  await refuse({ deleteMessages: { channelId, filter: {} } })
  await refuse({ deleteMessages: { channelId } })
  await refuse({ deleteMessages: { channelId, messageIds: [] } })
  await refuse({ deleteMessages: { channelId, messageIds: [channelId] } })
  await refuse({ deleteMessages: { channelId, messageIds: [messageId], filter: { authorIdentity: 'a' } } })
  await refuse({
    deleteMessages: { channelId, messageIds: Array.from({ length: jobLimits.ids + 1 }, () => messageId) },
  })
  await refuse({ deleteUsers: { filter: { roleId: messageId } } }, 'NOT_FOUND', 50102)
  await refuse({ removeMembers: { channelId: 'nowhere', filter: {} } }, 'NOT_FOUND', 50300)
  const task = { deleteMessages: { channelId, messageIds: [messageId] } }
  await kit.backend.expectRefusal(DryRunJobDocument, { task: {} }, 'BAD_USER_INPUT')
  const alice = await kit.user('alice')
  await alice.expectRefusal(StartJobDocument, { input: { task } }, 'FORBIDDEN', 50107)
  await alice.expectRefusal(JobsDocument, {}, 'FORBIDDEN', 50107)
  const { createService } = await kit.backend.request(CreateServiceDocument, { input: { friendlyName: 'other' } })
  const other = { serviceId: createService.service.id, task }
  await kit.backend.expectRefusal(StartJobDocument, { input: other }, 'NOT_FOUND', 50300)
})

test('an account has so many jobs at a time; they are listed, newest first, and forgotten a month after their end', async () => {
  const operator = new Operator(kit)
  const { createService } = await kit.backend.request(CreateServiceDocument, { input: { friendlyName: 'busy' } })
  const serviceId = createService.service.id
  const task = { deleteUsers: { filter: { identityPrefix: 'nobody' } } }
  const ids: string[] = []
  for (let at = 0; at < jobLimits.open; at++) {
    const { startJob } = await operator.request(StartJobDocument, { input: { serviceId, task } })
    ids.unshift(startJob.job.id)
    expect(startJob.job.consoleSessionId).toBe(operator.actor.consoleSessionId)
  }
  await kit.backend.expectRefusal(StartJobDocument, { input: { serviceId, task } }, 'CONFLICT')
  const list = async (page: object) =>
    (await kit.backend.request(JobsDocument, { serviceId, ...page })).jobs.edges.map(({ node }) => node.id)
  expect(await list({})).toEqual(ids)
  expect(await list({ first: 2, after: ids[1] })).toEqual(ids.slice(2, 4))
  expect(await list({ last: 1 })).toEqual(ids.slice(-1))
  expect((await kit.backend.request(NodeDocument, { id: ids[0]! })).node).toEqual({ __typename: 'Job', id: ids[0] })
  for (const _id of ids) await work()
  await kit.store.maintenance.run(`UPDATE jobs SET ended_at = now() - interval '31 days' WHERE id = $1`, [
    ids[0]!.slice(2),
  ])
  await new Cleanup(
    kit.store.maintenance,
    { devices: 30, webhookDeliveries: 7, audit: 365 },
    kit.server.app.logger,
  ).close()
  expect(await list({})).toEqual(ids.slice(1))
})

test('the worker takes a job by itself', async () => {
  vi.mocked(Jobs.prototype.wake).mockRestore()
  const { id } = await kit.channel()
  await kit.backend.send(id, 'gone')
  const job = await start({ deleteMessages: { channelId: id, filter: { authorIdentity: 'system' } } })
  await waitFor(async () => (await read(job.id)).state === 'DONE')
  expect(await bodiesOf(id)).toEqual([])
})
