import type { Actor, Backend } from '../../model/actor.ts'
import type { ChannelType } from '../../model/channel.ts'
import { badInput, ChatError } from '../../model/error.ts'
import { jobLimits, type JobTask } from '../../model/job.ts'
import { limits } from '../../model/limits.ts'
import type { RoleType } from '../../model/permission.ts'
import { isSid, type ServiceId, type SidPrefix } from '../../model/sid.ts'
import type { Tx } from '../../store/engine/db.ts'
import { isStillWanted } from '../../store/job-things.ts'
import { findService, requireMembership, requireRole } from '../access/authority.ts'
import type { App } from '../app.ts'
import { parseText } from '../validation.ts'
import { deleteChannel } from './channel.ts'
import { removeMember } from './member.ts'
import { deleteMessage } from './message.ts'
import { deleteUser } from './user.ts'

type Given<Value> = Value | null | undefined

/** What a job is to do, as a caller gives it: exactly one of these, each with a list or with a filter. */
export interface JobTaskInput {
  readonly deleteMessages?: Given<
    InChannel &
      Listed<'messageIds'> & {
        readonly filter?: Given<{
          readonly authorIdentity?: Given<string>
          readonly since?: Given<Date>
          readonly until?: Given<Date>
        }>
      }
  >
  readonly removeMembers?: Given<
    InChannel & Listed<'memberIds'> & { readonly filter?: Given<{ readonly roleId?: Given<string> }> }
  >
  readonly deleteUsers?: Given<
    Listed<'userIds'> & {
      readonly filter?: Given<{
        readonly search?: Given<string>
        readonly identityPrefix?: Given<string>
        readonly roleId?: Given<string>
        readonly lastSeenBefore?: Given<Date>
      }>
    }
  >
  readonly deleteChannels?: Given<
    Listed<'channelIds'> & {
      readonly filter?: Given<{
        readonly name?: Given<string>
        readonly uniqueNamePrefix?: Given<string>
        readonly types?: Given<readonly ChannelType[]>
        readonly onlyFrozen?: Given<boolean>
        readonly noMessageSince?: Given<Date>
      }>
    }
  >
}

interface InChannel {
  /** SID or unique name. */
  readonly channelId: string
}

type Listed<Name extends string> = { readonly [Key in Name]?: Given<readonly string[]> }

type Kind = JobTask['kind']

/** Checks what a job is to do in a service. Throws BAD_USER_INPUT, NOT_FOUND. */
export async function parseJobTask(
  app: App,
  actor: Backend,
  serviceId: ServiceId,
  input: JobTaskInput,
): Promise<JobTask> {
  const { deleteMessages, removeMembers, deleteUsers, deleteChannels } = input
  const given = Object.values(input).filter((one) => one != null)
  if (given.length !== 1) throw badInput('a job has exactly one task', 'task')
  const channelOf = (kind: Kind, { channelId }: InChannel) =>
    withField(`task.${kind}.channelId`, async () => {
      const { channel } = await requireMembership(app, { ...actor, serviceId }, channelId)
      return channel
    })
  const roleOf = async (kind: Kind, roleId: Given<string>, type: RoleType) =>
    roleId == null
      ? undefined
      : withField(`task.${kind}.filter.roleId`, async () => (await requireRole(app, serviceId, roleId, type)).id)
  if (deleteMessages) {
    const { id: channelId } = await channelOf('deleteMessages', deleteMessages)
    const { authorIdentity, since, until } = deleteMessages.filter ?? {}
    const filter = present({
      authorIdentity: textOf('deleteMessages', 'authorIdentity', authorIdentity, limits.identityLength),
      since: since?.toISOString(),
      until: until?.toISOString(),
    })
    return {
      kind: 'deleteMessages',
      channelId,
      ...choose('deleteMessages', 'messageIds', 'IM', deleteMessages, filter),
    }
  }
  if (removeMembers) {
    const channel = await channelOf('removeMembers', removeMembers)
    if (channel.directKey !== null) {
      throw badInput('members of a direct channel cannot be removed', 'task.removeMembers.channelId')
    }
    const filter = present({ roleId: await roleOf('removeMembers', removeMembers.filter?.roleId, 'channel') })
    // All members of one channel are a wish that makes sense.
    const things = choose('removeMembers', 'memberIds', 'MB', removeMembers, filter, true)
    return { kind: 'removeMembers', channelId: channel.id, ...things }
  }
  if (deleteUsers) {
    const { search, identityPrefix, roleId, lastSeenBefore } = deleteUsers.filter ?? {}
    // Otherwise all users would count as never seen, those who are connected included.
    if (lastSeenBefore && !(await findService(app, serviceId))?.reachabilityEnabled) {
      throw badInput(
        'lastSeenBefore needs a service with reachabilityEnabled: without, it is not known when users were last seen',
        'task.deleteUsers.filter.lastSeenBefore',
      )
    }
    const filter = present({
      search: textOf('deleteUsers', 'search', search, limits.searchLength)?.trim() || undefined,
      identityPrefix: textOf('deleteUsers', 'identityPrefix', identityPrefix, limits.identityLength),
      roleId: await roleOf('deleteUsers', roleId, 'deployment'),
      lastSeenBefore: lastSeenBefore?.toISOString(),
    })
    return { kind: 'deleteUsers', ...choose('deleteUsers', 'userIds', 'US', deleteUsers, filter) }
  }
  const { name, uniqueNamePrefix, types, onlyFrozen, noMessageSince } = deleteChannels!.filter ?? {}
  const filter = present({
    name: textOf('deleteChannels', 'name', name, limits.nameLength),
    uniqueNamePrefix: textOf('deleteChannels', 'uniqueNamePrefix', uniqueNamePrefix, limits.nameLength),
    types: types?.length ? types : undefined,
    onlyFrozen: onlyFrozen || undefined,
    noMessageSince: noMessageSince?.toISOString(),
  })
  return { kind: 'deleteChannels', ...choose('deleteChannels', 'channelIds', 'CH', deleteChannels!, filter) }
}

/** Names the field of the task in a refusal that other operations have, too. */
async function withField<Result>(field: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    throw new ChatError(error.code, error.message, error.chatCode, { field })
  }
}

/** A condition; the empty text is none. */
function textOf(kind: Kind, name: string, text: Given<string>, max: number): string | undefined {
  return text ? parseText(name, text, max, undefined, `task.${kind}.filter.${name}`) : undefined
}

/** Without what is undefined, which JSON would drop. */
function present<Fields extends object>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}

/** A list or a filter, and not both. A filter without a condition would be everything, which nobody should ask for by leaving something out. */
function choose<Name extends string, Filter extends object>(
  kind: Kind,
  name: Name,
  prefix: SidPrefix,
  given: Listed<Name> & { readonly filter?: unknown },
  filter: Filter,
  mayBeAll = false,
): { readonly ids: readonly string[] } | { readonly filter: Filter } {
  const ids = given[name]
  const field = `task.${kind}.${name}`
  if ((ids == null) === (given.filter == null)) throw badInput(`a task has either ${name} or a filter`, `task.${kind}`)
  if (ids == null) {
    if (!mayBeAll && Object.keys(filter).length === 0) {
      throw badInput('the filter has no condition', `task.${kind}.filter`)
    }
    return { filter }
  }
  if (ids.length === 0 || ids.length > jobLimits.ids) {
    throw badInput(`${name} must have from 1 to ${jobLimits.ids} items`, field)
  }
  if (!ids.every((id) => isSid(prefix, id))) throw badInput(`${name} must be SIDs that begin with ${prefix}`, field)
  return { ids: [...new Set(ids)] }
}

/** Thrown to leave a thing as it is: it does not fulfil the conditions of the job's filter any more. */
export class NoLongerWanted extends Error {
  override readonly name = 'NoLongerWanted'
}

/**
 * Does to one thing what its task says, as the mutation for one would: with its permissions, events and webhooks. Throws as that does, and NoLongerWanted
 * where a thing has changed since the filter found it: seconds before, or before the server was stopped.
 */
export async function applyJobTask(app: App, actor: Actor, task: JobTask, id: string): Promise<void> {
  const precondition = async (tx: Tx) => {
    if (!(await isStillWanted(tx, task, id))) throw new NoLongerWanted()
  }
  switch (task.kind) {
    case 'deleteMessages':
      await deleteMessage(app, actor, { id, channelId: task.channelId })
      return
    case 'removeMembers':
      await removeMember(app, actor, { id, channelId: task.channelId }, precondition)
      return
    case 'deleteUsers':
      await deleteUser(app, actor, id, precondition)
      return
    case 'deleteChannels':
      await deleteChannel(app, actor, id, precondition)
      return
  }
}
