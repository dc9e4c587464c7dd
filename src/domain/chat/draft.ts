import type { Actor } from '../../model/actor.ts'
import { noParent, type Draft, type DraftState } from '../../model/draft.ts'
import { ChatError, notFound } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import { parseNumberCursor, parsePage, readPage, type PageArgs, type PageOf } from '../../model/page.ts'
import { isSid, type MessageId } from '../../model/sid.ts'
import { countDrafts, readDraft, readDraftPage, removeDraft, writeDraft } from '../../store/draft.ts'
import type { Tx } from '../../store/engine/db.ts'
import { readMemberOf } from '../../store/member.ts'
import { notMember, requireMembership, requireUser, type Access } from '../access/authority.ts'
import type { App } from '../app.ts'
import { publishUserEvent } from '../realtime/publication.ts'
import { assertExpectedVersion, checkExpectedVersion, parseClientName } from '../validation.ts'
import { requireUserSeq } from './member.ts'
import { prepareContent, type MessageContentInput } from './send-message.ts'

/** Which of the caller's drafts. */
export interface DraftName {
  /** SID or unique name. */
  readonly channelId: string
  /** SID of the message whose thread it is in. */
  readonly parentId?: string | null | undefined
  /** The change is refused where the draft has another version; 0 is none. */
  readonly expectedVersion?: number | null | undefined
}

export interface SaveDraftInput extends DraftName, MessageContentInput {
  readonly clientMessageId: string
}

/**
 * Saves what the caller is writing in a channel or a thread, in the place of what was there. Once its message exists it is gone.
 * Needs a user that is a member. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function saveDraft(app: App, actor: Actor, input: SaveDraftInput): Promise<Draft> {
  const { userId } = requireUser(actor)
  const clientMessageId = parseClientName('clientMessageId', input.clientMessageId, limits.clientMessageIdLength)!
  const access = await requirePlace(app, actor, input)
  const content = await prepareContent(app, access.channel.id, input)
  const key = { userId, channelId: access.channel.id, parentId: toParent(content.parentId) }
  const { isGone, ...draft } = await app.db.transaction(async (tx) => {
    const userSeq = await lockOwn(tx, access)
    const known = await readDraft(tx, key)
    assertDraftVersion(known, input.expectedVersion)
    if ((!known || known.isGone) && (await countDrafts(tx, userId)) >= limits.drafts) {
      throw new ChatError('CONFLICT', `a user has at most ${limits.drafts} drafts`)
    }
    return writeDraft(tx, { ...key, version: (known?.version ?? 0) + 1, userSeq, content, clientMessageId })
  })
  publishUserEvent(app, userId, { type: isGone ? 'draftRemoved' : 'draftSaved', seq: draft.userSeq, draft })
  return draft
}

/**
 * Removes the caller's draft in a channel or a thread; where there is none, nothing changes.
 * Needs a user that is a member. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function deleteDraft(
  app: App,
  actor: Actor,
  input: DraftName,
): Promise<Pick<Draft, 'channelId' | 'parentId'>> {
  const { userId } = requireUser(actor)
  const access = await requirePlace(app, actor, input)
  const key = { userId, channelId: access.channel.id, parentId: toParent(input.parentId) }
  const removed = await app.db.transaction(async (tx) => {
    const userSeq = await lockOwn(tx, access)
    const known = await readDraft(tx, key)
    assertDraftVersion(known, input.expectedVersion)
    return known && !known.removedAt ? removeDraft(tx, key, userSeq) : undefined
  })
  if (removed) publishUserEvent(app, userId, { type: 'draftRemoved', seq: removed.userSeq, draft: removed })
  return key
}

/**
 * One page of the caller's drafts, the one that was saved last first.
 * Needs a user. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function listDrafts(app: App, actor: Actor, args: PageArgs): Promise<PageOf<Draft>> {
  const { userId } = requireUser(actor)
  const page = parsePage(actor, args, parseNumberCursor)
  return readPage(
    page,
    (part) => readDraftPage(app.db, userId, part),
    ({ userSeq }) => userSeq,
  )
}

async function requirePlace(app: App, actor: Actor, { channelId, expectedVersion }: DraftName): Promise<Access> {
  checkExpectedVersion(expectedVersion, 0)
  return requireMembership(app, actor, channelId, 'cached')
}

function toParent(id: string | null | undefined): MessageId {
  if (id == null) return noParent
  if (!isSid('IM', id)) throw notFound('the message', 50500, 'parentId')
  return id
}

/** The user's next `seq`, under the lock of its row: a membership begins and ends under it, and takes its drafts with it. */
async function lockOwn(tx: Tx, { channel, member }: Access): Promise<number> {
  const { userId } = member!
  const userSeq = await requireUserSeq(tx, userId)
  if (!(await readMemberOf(tx, channel.id, userId))) throw notMember(channel)
  return userSeq
}

function assertDraftVersion(known: DraftState | undefined, expected: number | null | undefined): void {
  assertExpectedVersion('the draft was changed meanwhile', known && !known.isGone ? known.version : 0, expected)
}
