import type { Actor } from '../../model/actor.ts'
import { badInput, ChatError, notFound } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import { parseNumberCursor, parsePage, readPage, type PageArgs, type PageOf } from '../../model/page.ts'
import type { SavedMessage } from '../../model/saved-message.ts'
import { isSid, type MessageId } from '../../model/sid.ts'
import { readMemberOf } from '../../store/member.ts'
import {
  countSaved,
  readDueReminders,
  readSaved,
  readSavedPage,
  updateSaved,
  writeSaved,
} from '../../store/saved-message.ts'
import { takeUserSeq } from '../../store/user.ts'
import { notMember, requireUser } from '../access/authority.ts'
import type { App } from '../app.ts'
import { publishUserEvent } from '../realtime/publication.ts'
import { requireUserSeq } from './member.ts'
import { requireMessage } from './message.ts'

export interface SaveMessageInput {
  readonly messageId: string
  /** Undefined keeps the reminder, null removes it. */
  readonly remindAt?: Date | null | undefined
}

const day = 86_400_000

/**
 * Saves a message for the caller, or sets its reminder. Nobody else learns of it.
 * Needs a user that is a member. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function saveMessage(app: App, actor: Actor, input: SaveMessageInput): Promise<SavedMessage> {
  const { userId } = requireUser(actor)
  const { remindAt } = input
  if (remindAt) assertAhead(app, 'remindAt', remindAt)
  const { message, access } = await requireMessage(app, actor, input.messageId)
  const { id: messageId, channelId, index } = message
  const { saved, isChanged } = await app.db.transaction(async (tx) => {
    const userSeq = await requireUserSeq(tx, userId)
    // A membership ends under the lock of its user, and takes what was saved with it.
    if (!(await readMemberOf(tx, channelId, userId))) throw notMember(access.channel)
    const known = await readSaved(tx, userId, messageId)
    const isNew = !known || known.removedAt !== null
    if (!isNew && remindAt === undefined) return { saved: { ...known, message }, isChanged: false }
    if (isNew && (await countSaved(tx, userId)) >= limits.savedMessages) {
      throw new ChatError('CONFLICT', `a user has at most ${limits.savedMessages} saved messages`)
    }
    const row = isNew
      ? await writeSaved(tx, { userId, messageId, channelId, index, userSeq, remindAt: remindAt ?? null })
      : await updateSaved(tx, known, { userSeq, remindAt: remindAt!, isReminded: false })
    return { saved: { ...row, message }, isChanged: true }
  })
  if (isChanged) publishUserEvent(app, userId, { type: 'messageSaved', seq: saved.userSeq, saved })
  if (remindAt) app.expectDue(remindAt)
  return saved
}

/**
 * Takes a message from the caller's saved ones, and its reminder with it; where it is not saved, nothing changes.
 * Needs a user. Throws FORBIDDEN, NOT_FOUND.
 */
export async function unsaveMessage(app: App, actor: Actor, messageId: string): Promise<MessageId> {
  const { userId } = requireUser(actor)
  if (!isSid('IM', messageId)) throw notFound('the message', 50500)
  const removed = await app.db.transaction(async (tx) => {
    const userSeq = await requireUserSeq(tx, userId)
    const known = await readSaved(tx, userId, messageId)
    if (!known || known.removedAt) return undefined
    return { ...known, ...(await updateSaved(tx, known, { userSeq, isRemoved: true })) }
  })
  if (removed) publishUserEvent(app, userId, { type: 'messageUnsaved', seq: removed.userSeq, saved: removed })
  return messageId
}

/**
 * One page of the messages that the caller has saved, what was saved last first.
 * Needs a user. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function listSavedMessages(app: App, actor: Actor, args: PageArgs): Promise<PageOf<SavedMessage>> {
  const { userId } = requireUser(actor)
  const page = parsePage(actor, args, parseNumberCursor)
  return readPage(
    page,
    (part) => readSavedPage(app.db, userId, part),
    ({ savedSeq }) => savedSeq,
  )
}

/** Marks reminders whose time has come, and tells their users. Answers how many there were: any number of processes may do so at once. */
export async function remindOfSaved(app: App, limit: number): Promise<number> {
  const now = new Date(app.clock.now())
  const due = await readDueReminders(app.db, now, limit)
  for (const { userId, messageId } of due) {
    const saved = await app.db.transaction(async (tx) => {
      const userSeq = await takeUserSeq(tx, userId)
      const known = userSeq === undefined ? undefined : await readSaved(tx, userId, messageId)
      // It was changed, or another process was faster.
      if (userSeq === undefined || !known?.remindAt || known.remindAt > now || known.remindedAt || known.removedAt) {
        return undefined
      }
      return { ...known, ...(await updateSaved(tx, known, { userSeq, isReminded: true })) }
    })
    if (saved) publishUserEvent(app, userId, { type: 'reminderDue', seq: saved.userSeq, saved })
  }
  return due.length
}

/** Throws BAD_USER_INPUT for a time that has passed, or is more than a year ahead. */
export function assertAhead(app: App, name: string, at: Date): void {
  const now = app.clock.now()
  if (at.getTime() <= now) throw badInput(`${name} must be in the future`, name)
  if (at.getTime() > now + limits.scheduleDays * day) throw badInput(`${name} must be at most a year ahead`, name)
}
