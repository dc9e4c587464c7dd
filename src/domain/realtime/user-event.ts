import type { UserEvent } from '../../model/event.ts'
import type { UserChanges } from '../../store/user-change.ts'

/** What an event can be about, by its name among the changes that are read from the store. */
type Subjects = { readonly [Subject in keyof UserChanges['changed']]: UserChanges['changed'][Subject][number] }

type Subject = keyof Subjects

interface EventRule<Type extends Subject> {
  readonly subject: Type
  /** After an interruption, each thing that has changed is reported once, in its latest state. Whether this event reports a thing in that state. */
  reports(latest: Subjects[Type]): boolean
}

/**
 * Everything that can happen to a user and is stored. For a new event: its shape stands in `model/event.ts`, the reader of its changes in
 * `store/user-change.ts`, its rule here, its latest state in `viewer-stream.ts`, its GraphQL type in `graphql/schema/types/viewer-event.ts`
 * and its subscription, or the reason for none, in `graphql/subscriptions/user-fields.ts`; the compiler asks for each.
 *
 * A deletion shares its `seq` with the memberships and invites that end with it, and stands before them.
 */
export const userEvents = {
  userDeleted: { subject: 'user', reports: ({ deletedAt }) => deletedAt !== null },
  userUpdated: { subject: 'user', reports: ({ deletedAt }) => deletedAt === null },
  joined: { subject: 'member', reports: ({ leftAt }) => leftAt === null },
  left: { subject: 'member', reports: ({ leftAt }) => leftAt !== null },
  channelStateChanged: { subject: 'state', reports: () => true },
  threadChanged: { subject: 'thread', reports: () => true },
  inviteAdded: { subject: 'invite', reports: ({ removedAt }) => removedAt === null },
  inviteRemoved: { subject: 'invite', reports: ({ removedAt }) => removedAt !== null },
  draftSaved: { subject: 'draft', reports: ({ isGone }) => !isGone },
  draftRemoved: { subject: 'draft', reports: ({ isGone }) => isGone },
  scheduledMessageChanged: { subject: 'scheduled', reports: () => true },
  messageSaved: { subject: 'saved', reports: ({ removedAt, remindedAt }) => removedAt === null && remindedAt === null },
  messageUnsaved: { subject: 'saved', reports: ({ removedAt }) => removedAt !== null },
  reminderDue: { subject: 'saved', reports: ({ removedAt, remindedAt }) => removedAt === null && remindedAt !== null },
} as const satisfies { readonly [Type in UserEvent['type']]: { [Of in Subject]: EventRule<Of> }[Subject] }

/** What an event says of its subject. */
const details: { readonly [Of in Subject]: (latest: Subjects[Of]) => { readonly seq: number } } = {
  user: (user) => ({ seq: user.seq, user }),
  member: ({ userSeq, channelId, id }) => ({ seq: userSeq, channelId, memberId: id }),
  state: ({ userSeq, channelId }) => ({ seq: userSeq, channelId }),
  thread: (thread) => ({ seq: thread.userSeq, thread }),
  invite: (invite) => ({ seq: invite.userSeq, invite }),
  draft: (draft) => ({ seq: draft.userSeq, draft }),
  scheduled: (scheduled) => ({ seq: scheduled.userSeq, scheduled }),
  saved: (saved) => ({ seq: saved.userSeq, saved }),
}

const rules = Object.entries(userEvents) as readonly [UserEvent['type'], EventRule<Subject>][]

/** The events of what has changed, in the order of `seq`. */
export function toUserEvents({ changed }: Pick<UserChanges, 'changed'>): UserEvent[] {
  const events: UserEvent[] = []
  for (const [type, { subject, reports }] of rules) {
    for (const latest of changed[subject]) {
      if (reports(latest as never)) events.push({ type, ...details[subject](latest as never) } as UserEvent)
    }
  }
  return events.sort((one, other) => one.seq - other.seq)
}
