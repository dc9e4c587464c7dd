import { ChatError } from '../../model/error.ts'
import type { Message } from '../../model/message.ts'
import { newSid } from '../../model/sid.ts'
import {
  claimScheduledMessages,
  releaseClaim,
  updateScheduledRow,
  type ClaimedMessage,
  type ScheduleChange,
} from '../../store/scheduled-message.ts'
import { takeUserSeq } from '../../store/user.ts'
import { userWithoutToken } from '../access/authentication.ts'
import type { App } from '../app.ts'
import { nothing, publishScheduled } from './scheduled-message.ts'
import { findSent, sendMessage, toContentInput } from './send-message.ts'

/**
 * For how long a claim is its process's alone, in milliseconds: longer than a send takes, with its pre-event. A process that was stopped for longer may
 * send what another has sent: the `clientMessageId` makes it once.
 */
const leaseMilliseconds = 30_000

/** A message that could not be sent for so long is not sent any more, in milliseconds. */
const lateMilliseconds = 24 * 3_600_000

/** How long a send that may succeed later waits for its next try, in milliseconds: at first, and at most. */
const retryMilliseconds = 5000
const maxRetryMilliseconds = 300_000

/** Refusals that last. With any other code the send is tried again, until it is too late. */
const lasting = new Set(['FORBIDDEN', 'NOT_FOUND', 'BAD_USER_INPUT', 'UNAUTHENTICATED'])

/** Claims messages whose time has come. Whoever has claimed one calls `sendDueMessage`. */
export async function claimDueMessages(app: App, limit: number): Promise<ClaimedMessage[]> {
  const now = app.clock.now()
  return claimScheduledMessages(app.db, { now: new Date(now), leaseEndsAt: new Date(now + leaseMilliseconds), limit })
}

/** Sends a claimed message as its author would now, and notes what became of it. Throws what is no answer: the claim ends by itself. */
export async function sendDueMessage(app: App, due: ClaimedMessage): Promise<void> {
  // The same, however often it is tried.
  const clientMessageId = `scheduled-${due.id}`
  const name = { id: newSid('IM'), author: due.identity, clientMessageId }
  // A process that has died may have sent it.
  const sent = due.claims > 1 ? await findSent(app, due.channelId, name) : undefined
  if (sent) return settle(app, due, sentAs(sent))
  const now = app.clock.now()
  if (now - due.sendAt.getTime() > lateMilliseconds) {
    return settle(app, due, failedWith('TOO_LATE', 'it could not be sent within a day of its time'))
  }
  try {
    const author = await userWithoutToken(app, due)
    const { channelId, content } = due
    return await settle(
      app,
      due,
      sentAs(await sendMessage(app, author, { ...toContentInput(content), channelId, clientMessageId })),
    )
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    if (lasting.has(error.code)) return settle(app, due, failedWith(error.code, error.message))
    const wait = Math.min(retryMilliseconds * 2 ** (due.claims - 1), maxRetryMilliseconds)
    await releaseClaim(app.db, due, new Date(now + wait))
    app.expectDue(new Date(now + wait))
  }
}

type Outcome = Omit<ScheduleChange, 'userSeq' | 'dueAt'>

const sentAs = ({ id }: Message): Outcome => ({ state: 'sent', messageId: id, content: nothing })

const failedWith = (failureCode: string, failureReason: string): Outcome => ({
  state: 'failed',
  failureCode,
  failureReason,
})

/** Nothing is written where another process has claimed it since, or its author was deleted. */
async function settle(app: App, due: ClaimedMessage, outcome: Outcome): Promise<void> {
  const settled = await app.db.transaction(async (tx) => {
    const userSeq = await takeUserSeq(tx, due.userId)
    if (userSeq === undefined) return undefined
    return updateScheduledRow(tx, { ...due, state: 'sending' }, { ...outcome, userSeq, dueAt: null })
  })
  if (settled) publishScheduled(app, settled)
}
