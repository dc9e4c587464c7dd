import type { Actor } from '../../model/actor.ts'
import { badInput, notFound } from '../../model/error.ts'
import { parseNumberCursor, parsePage, toNumberCursor, type PageArgs } from '../../model/page.ts'
import { isSid } from '../../model/sid.ts'
import {
  readDeliveryBacklogs,
  type BacklogKey,
  type BacklogScope,
  type DeliveryBacklog,
} from '../../store/delivery-backlog.ts'
import { findUser, requireAccess, requireBackend, requireService } from '../access/authority.ts'
import type { App } from '../app.ts'
import { assertText } from '../validation.ts'

interface BacklogFilter {
  /** SID of the service; the account's default service when left out. */
  readonly serviceId?: string | null | undefined
  /** SID or unique name. */
  readonly channelId?: string | null | undefined
  /** SID or identity. */
  readonly userId?: string | null | undefined
}

/** The most of a page: the messages that each waits for are counted. */
const maxSize = 100

/**
 * Which devices have not received what, of a channel, of a user or of a service. A page looks at a bounded number of positions.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function listDeliveryBacklogs(
  app: App,
  actor: Actor,
  filter: BacklogFilter,
  args: Pick<PageArgs, 'first' | 'after'>,
): Promise<{ readonly items: readonly DeliveryBacklog[]; readonly nextCursor: string | undefined }> {
  requireBackend(actor)
  const { size, after } = parsePage(actor, args, (cursor, field) => parseBacklogCursor(app, cursor, field))
  if (size > maxSize) throw badInput(`a page size must be from 1 to ${maxSize}`, 'first')
  const scope = await scopeOf(app, actor, filter)
  const { items, next } = await readDeliveryBacklogs(app.db, scope, after, size)
  return { items, nextCursor: next && toNextCursor(app, scope, next) }
}

/** The walk of a service goes over the devices of all accounts: where it has come to may be a device of another one, which the caller must not read. */
function toNextCursor(app: App, { by }: BacklogScope, next: BacklogKey): string {
  const cursor = toBacklogCursor(next)
  return by === 'service' ? app.secrets.seal(cursor) : cursor
}

async function scopeOf(app: App, actor: Actor, { serviceId, channelId, userId }: BacklogFilter): Promise<BacklogScope> {
  const service = await requireService(app, actor, serviceId)
  // Names are those of this service.
  const caller = actor.kind === 'backend' ? { ...actor, serviceId: service.id } : actor
  const channel = channelId == null ? undefined : (await requireAccess(app, caller, channelId)).channel
  if (userId == null) return channel ? { by: 'channel', id: channel.id } : { by: 'service', id: service.id }
  assertText('userId', userId)
  const user = await findUser(app, caller, userId)
  if (!user) throw notFound('the user', 50200, 'userId')
  return channel ? { by: 'member', id: user.id, channelId: channel.id } : { by: 'user', id: user.id }
}

export const toBacklogCursor = ({ seenAt, channelId, memberId, deviceId }: BacklogKey): string =>
  [toNumberCursor(seenAt), channelId, memberId, deviceId].join(':')

function parseBacklogCursor(app: App, cursor: string, field: string): BacklogKey {
  const place = cursor.includes(':') ? cursor : openCursor(app, cursor, field)
  const [seenAt = '', channelId = '', memberId = '', ...device] = place.split(':')
  const deviceId = device.join(':')
  if (!isSid('CH', channelId) || !isSid('MB', memberId)) throw badInput('the cursor is malformed', field)
  assertText('the cursor', deviceId, undefined, field)
  return { seenAt: parseNumberCursor(seenAt, field), channelId, memberId, deviceId }
}

function openCursor({ secrets }: App, sealed: string, field: string): string {
  try {
    return secrets.open(sealed)
  } catch {
    throw badInput('the cursor is malformed', field)
  }
}
