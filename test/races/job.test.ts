import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  AddMemberDocument,
  CreateUserDocument,
  FreezeChannelDocument,
  JobDocument,
  NodeDocument,
  StartJobDocument,
  UnfreezeChannelDocument,
  UpdateChannelDocument,
  UpdateMemberDocument,
  UpdateServiceDocument,
  UpdateUserDocument,
  type JobTask,
} from '../../schema/generated/graphql.ts'
import { runNextJob } from '../../src/domain/chat/job-run.ts'
import { Jobs } from '../../src/workers/jobs.ts'
import { makeRole } from '../support/authority.ts'
import { openKit, uniqueName, type Kit } from '../support/kit.ts'
import { untilOneWaits } from '../support/lock-wait.ts'

/** What a filter has found, beside whatever changes it before it is deleted. */

let kit: Kit
beforeAll(async () => {
  vi.spyOn(Jobs.prototype, 'wake').mockReturnValue()
  kit = await openKit()
  const input = { serviceId: kit.server.account.serviceId, reachabilityEnabled: true }
  await kit.backend.request(UpdateServiceDocument, { input })
})
afterAll(() => kit.close())

const dayAgo = new Date(Date.now() - 86_400_000).toISOString()

const makeUser = async (name: string, friendlyName?: string): Promise<string> => {
  const input = { identity: uniqueName(name), ...(friendlyName !== undefined && { friendlyName }) }
  return (await kit.backend.request(CreateUserDocument, { input })).createUser.user.id
}
const makeOld = (table: string, id: string) =>
  kit.store.maintenance.run(`UPDATE ${table} SET created_at = created_at - interval '3 days' WHERE id = $1`, [
    id.slice(2),
  ])
const seenNow = 'UPDATE users SET last_seen_at = now() WHERE id = $1'

const isThere = async (id: string) => (await kit.backend.request(NodeDocument, { id })).node !== null

async function work(isStopping = () => false): Promise<void> {
  expect(await runNextJob(kit.server.app, isStopping)).toBe(true)
}

/** Starts a job, which has found its things and has not changed any of them. */
async function startAndFind(task: JobTask): Promise<string> {
  const { startJob } = await kit.backend.request(StartJobDocument, { input: { task } })
  await work(() => true)
  return startJob.job.id
}

/** Makes two things and a task that finds them, and answers what has it no longer find the first. */
type Prepare = () => Promise<{ readonly ids: readonly string[]; readonly task: JobTask; change(): Promise<unknown> }>

const cases: Readonly<Record<string, Prepare>> = {
  'a user who has come back': async () => {
    const ids = [await makeUser('back-one'), await makeUser('back-two')]
    for (const id of ids) await makeOld('users', id)
    const filter = { identityPrefix: 'back-', lastSeenBefore: dayAgo }
    const change = () => kit.store.maintenance.run(seenNow, [ids[0]!.slice(2)])
    return { ids, task: { deleteUsers: { filter } }, change }
  },
  'a user who has another role': async () => {
    const ids = [await makeUser('role-one'), await makeUser('role-two')]
    const [roleId, other] = [await makeRole(kit, 'deployment', []), await makeRole(kit, 'deployment', [])]
    for (const id of ids) await kit.backend.request(UpdateUserDocument, { input: { userId: id, roleId } })
    const change = () => kit.backend.request(UpdateUserDocument, { input: { userId: ids[0]!, roleId: other } })
    return { ids, task: { deleteUsers: { filter: { roleId } } }, change }
  },
  'a user who has another name': async () => {
    const ids = [await makeUser('named', 'Quince One'), await makeUser('named', 'Quince Two')]
    const input = { userId: ids[0]!, friendlyName: 'Somebody else' }
    const change = () => kit.backend.request(UpdateUserDocument, { input })
    return { ids, task: { deleteUsers: { filter: { search: 'quince' } } }, change }
  },
  'a channel that has got a message': async () => {
    const prefix = uniqueName('quiet')
    const make = async (name: string) => (await kit.channel([], { uniqueName: `${prefix}-${name}` })).id
    const ids = [await make('one'), await make('two')]
    for (const id of ids) await makeOld('channels', id)
    const filter = { uniqueNamePrefix: prefix, noMessageSince: dayAgo }
    return { ids, task: { deleteChannels: { filter } }, change: () => kit.backend.send(ids[0]!, 'news') }
  },
  'a channel that is not frozen any more': async () => {
    const ids = [(await kit.channel()).id, (await kit.channel()).id]
    for (const channelId of ids) await kit.backend.request(FreezeChannelDocument, { input: { channelId } })
    const change = () => kit.backend.request(UnfreezeChannelDocument, { input: { channelId: ids[0]! } })
    return { ids, task: { deleteChannels: { filter: { onlyFrozen: true } } }, change }
  },
  'a channel that has another name': async () => {
    const make = async (friendlyName: string) => (await kit.channel([], { friendlyName })).id
    const ids = [await make('Old 1'), await make('Old 2')]
    const change = () =>
      kit.backend.request(UpdateChannelDocument, { input: { channelId: ids[0]!, friendlyName: 'New' } })
    return { ids, task: { deleteChannels: { filter: { name: 'old' } } }, change }
  },
  'a member who has another role': async () => {
    const { id: channelId } = await kit.channel()
    const [roleId, other] = [await makeRole(kit, 'channel', []), await makeRole(kit, 'channel', [])]
    const add = async () => {
      const input = { channelId, identity: uniqueName('member'), roleId }
      return (await kit.backend.request(AddMemberDocument, { input })).addMember.member.id
    }
    const ids = [await add(), await add()]
    const change = () => kit.backend.request(UpdateMemberDocument, { input: { memberId: ids[0]!, roleId: other } })
    return { ids, task: { removeMembers: { channelId, filter: { roleId } } }, change }
  },
}

const skippedOne = { state: 'DONE', done: 1, failed: 0, skipped: 1, errors: [] }

test.each(Object.entries(cases))('%s since it was found is skipped', async (_name, prepare) => {
  const { ids, task, change } = await prepare()
  const jobId = await startAndFind(task)
  await change()
  await work()
  expect((await kit.backend.request(JobDocument, { id: jobId })).job).toMatchObject({ total: 2, ...skippedOne })
  expect(await Promise.all(ids.map(isThere))).toEqual([true, false])
})

test('a user who is listed is deleted whatever has changed', async () => {
  const id = await makeUser('listed')
  const jobId = await startAndFind({ deleteUsers: { userIds: [id] } })
  await kit.store.maintenance.run(seenNow, [id.slice(2)])
  await work()
  expect((await kit.backend.request(JobDocument, { id: jobId })).job).toMatchObject({ done: 1, skipped: 0 })
})

test.each(['a user who has come back', 'a channel that has got a message'])(
  '%s while the job waits for its lock is skipped',
  async (name) => {
    const { ids, task } = await cases[name]!()
    const jobId = await startAndFind(task)
    const statement = task.deleteUsers ? seenNow : 'UPDATE channels SET last_message_at = now() WHERE id = $1'
    let run: Promise<void> | undefined
    await kit.store.db.transaction(async (tx) => {
      await tx.run(statement, [ids[0]!.slice(2)])
      run = work()
      await untilOneWaits(kit.store)
    })
    await run
    expect((await kit.backend.request(JobDocument, { id: jobId })).job).toMatchObject(skippedOne)
    expect(await Promise.all(ids.map(isThere))).toEqual([true, false])
  },
)
