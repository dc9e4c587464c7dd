import type { Actor } from '../../model/actor.ts'
import type { AuditEntry } from '../../model/audit-entry.ts'
import type { Channel } from '../../model/channel.ts'
import type { Credential } from '../../model/credential.ts'
import { badInput } from '../../model/error.ts'
import type { Invite } from '../../model/invite.ts'
import type { Job } from '../../model/job.ts'
import type { KeywordRule } from '../../model/keyword-rule.ts'
import { limits } from '../../model/limits.ts'
import type { Member } from '../../model/member.ts'
import type { Message } from '../../model/message.ts'
import type { ScheduledMessage } from '../../model/scheduled-message.ts'
import type { Role, Service } from '../../model/service.ts'
import { isSid } from '../../model/sid.ts'
import type { User } from '../../model/user.ts'
import type { WebhookDelivery } from '../../model/webhook-delivery.ts'
import type { ApiKeyRow } from '../../store/account.ts'
import type { ConsoleSessionRow } from '../../store/console-session.ts'
import { findOwnApiKey } from '../access/api-key.ts'
import { findAuditEntry } from '../access/audit.ts'
import { findAccess, findUser, nullIfHidden, requireService } from '../access/authority.ts'
import { findConsoleSession } from '../access/console-session.ts'
import { findCredential } from '../access/credential.ts'
import { findReachableRole } from '../access/role.ts'
import type { App } from '../app.ts'
import { findKeywordRule } from '../moderation/keyword-rule.ts'
import { findWebhookDelivery } from '../webhooks/webhook-delivery.ts'
import { requireInvite } from './invite.ts'
import { findJob } from './job.ts'
import { requireMember } from './member.ts'
import { requireMessage } from './message.ts'
import { requireScheduled } from './scheduled-message.ts'

/** Anything with a SID, whose prefix says which type it is. */
export type Node =
  | ApiKeyRow
  | Channel
  | Member
  | Message
  | User
  | Role
  | Service
  | Invite
  | Credential
  | WebhookDelivery
  | KeywordRule
  | ScheduledMessage
  | ConsoleSessionRow
  | AuditEntry
  | Job

/**
 * The object with this SID, of whatever type. Null when it does not exist for the caller.
 * Needs nothing. Throws nothing.
 */
export async function findNode(app: App, actor: Actor, id: string): Promise<Node | null> {
  return nullIfHidden(() => readNode(app, actor, id))
}

/**
 * The objects with these SIDs, in their order.
 * Needs nothing. Throws BAD_USER_INPUT.
 */
export async function findNodes(app: App, actor: Actor, ids: readonly string[]): Promise<(Node | null)[]> {
  if (ids.length > limits.nodes) throw badInput(`at most ${limits.nodes} ids can be asked for at once`, 'ids')
  return Promise.all(ids.map((id) => findNode(app, actor, id)))
}

async function readNode(app: App, actor: Actor, id: string): Promise<Node | undefined> {
  switch (id.slice(0, 2)) {
    case 'CH': {
      const access = isSid('CH', id) ? await findAccess(app, actor, id) : undefined
      return access?.channel
    }
    case 'MB':
      return (await requireMember(app, actor, { id })).member
    case 'IM':
      return (await requireMessage(app, actor, id)).message
    case 'US':
      return isSid('US', id) ? findUser(app, actor, id) : undefined
    case 'RL':
      return findReachableRole(app, actor, id)
    case 'IS':
      return requireService(app, actor, id)
    case 'IN':
      return (await requireInvite(app, actor, id)).invite
    case 'SK':
      return findOwnApiKey(app, actor, id)
    case 'CS':
      return findConsoleSession(app, actor, id)
    case 'CR':
      return findCredential(app, actor, id)
    case 'KR':
      return findKeywordRule(app, actor, id)
    case 'SM':
      return requireScheduled(app, actor, id)
    case 'WN':
      return findWebhookDelivery(app, actor, id)
    case 'AE':
      return findAuditEntry(app, actor, id)
    case 'JB':
      return findJob(app, actor, id)
    default:
      return undefined
  }
}
