import {
  CancelScheduledMessageDocument,
  DraftsDocument,
  SaveDraftDocument,
  SaveMessageDocument,
  SavedMessagesDocument,
  ScheduleMessageDocument,
  ScheduledMessagesDocument,
  UpdateScheduledMessageDocument,
  type SaveDraftInput,
  type ScheduleMessageInput,
  type UpdateScheduledMessageInput,
} from '../../schema/generated/graphql.ts'
import { sidToUuid, type Sid } from '../../src/model/sid.ts'
import type { Kit, User } from './kit.ts'

const hour = 3_600_000

export const inAnHour = (): string => new Date(Date.now() + hour).toISOString()

export const saveDraft = async (user: User, input: SaveDraftInput) =>
  (await user.request(SaveDraftDocument, { input })).saveDraft.draft

export async function draftsOf(user: User) {
  const { viewer } = await user.request(DraftsDocument, { first: 100 })
  return viewer.drafts!.edges.map(({ node }) => node)
}

export const schedule = async (user: User, input: Omit<ScheduleMessageInput, 'sendAt'> & { sendAt?: string }) =>
  (await user.request(ScheduleMessageDocument, { input: { sendAt: inAnHour(), ...input } })).scheduleMessage
    .scheduledMessage

export const reschedule = async (user: User, input: UpdateScheduledMessageInput) =>
  (await user.request(UpdateScheduledMessageDocument, { input })).updateScheduledMessage.scheduledMessage

export const cancel = async (user: User, scheduledMessageId: string) =>
  (await user.request(CancelScheduledMessageDocument, { input: { scheduledMessageId } })).cancelScheduledMessage
    .scheduledMessage

export async function scheduledOf(user: User) {
  const { viewer } = await user.request(ScheduledMessagesDocument, { first: 100 })
  return viewer.scheduledMessages!.edges.map(({ node }) => node)
}

export const saveMessage = async (user: User, messageId: string, remindAt?: string | null) =>
  (await user.request(SaveMessageDocument, { input: { messageId, ...(remindAt !== undefined && { remindAt }) } }))
    .saveMessage.savedMessage

export async function savedOf(user: User) {
  const { viewer } = await user.request(SavedMessagesDocument, { first: 100 })
  return viewer.savedMessages!.edges.map(({ node }) => node)
}

/** Moves the time of what was scheduled into the past, and lets the worker look. */
export async function makeDue({ server, store }: Kit, id: string, milliseconds = 0): Promise<void> {
  const at = new Date(Date.now() - milliseconds)
  await store.db.run(
    'UPDATE scheduled_messages SET send_at = $2::timestamptz, due_at = $2::timestamptz WHERE id = $1::uuid',
    [sidToUuid(id as Sid), at.toISOString()],
  )
  server.app.expectDue(at)
}
