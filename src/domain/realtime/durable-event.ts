import type { Channel } from '../../model/channel.ts'
import type { DurableEvent, Truncation } from '../../model/event.ts'
import type { Member } from '../../model/member.ts'
import type { Message } from '../../model/message.ts'
import type { ChangePage, ExtrasChange } from '../../store/change.ts'

export type DurableEventType = DurableEvent['type']

/** What an event can be about, by the name of the field that it stands in. */
interface Subjects {
  readonly message: Message
  readonly extras: ExtrasChange
  readonly member: Member
  readonly channel: Channel
  readonly truncation: Truncation
}

type Subject = keyof Subjects

interface EventRule<Type extends Subject> {
  readonly subject: Type
  /** Whether a stream of messages delivers it. Those are read by index, each once; all others are changes, read by `seq`. */
  readonly inMessageStream: boolean
  /**
   * After an interruption, each thing that has changed is reported once, in its latest state. Whether this event reports a thing in that
   * state, to a reader who has seen everything up to `seen`.
   */
  reports(latest: Subjects[Type], seen: number): boolean
}

type SubjectOf<Type extends DurableEventType> = Type extends 'messageExtrasUpdated'
  ? 'extras'
  : Extract<keyof Extract<DurableEvent, { readonly type: Type }>, Subject>

/**
 * Everything that can happen in a channel and is stored. For a new event: its shape stands in `model/event.ts`, the reader of its changes in
 * `store/change.ts`, its rule here, its GraphQL type in `graphql/schema/types/event.ts` and its subscription in
 * `graphql/subscriptions/channel-fields.ts`; the compiler asks for each.
 */
export const durableEvents = {
  messageAdded: { subject: 'message', inMessageStream: true, reports: () => false },
  messageUpdated: {
    subject: 'message',
    inMessageStream: false,
    // A message that was only sent is no change: it is read by index. The end of its text is none either.
    reports: ({ deletedAt, addedSeq, seq, streamEndedSeq }) =>
      deletedAt === null && addedSeq !== null && seq !== streamEndedSeq,
  },
  // One that was edited since is reported as both: its text, as it is now, has ended.
  messageFinished: {
    subject: 'message',
    inMessageStream: false,
    reports: ({ deletedAt, streamEndedSeq }, seen) => deletedAt === null && (streamEndedSeq ?? 0) > seen,
  },
  // Who has reacted is delivered live alone; after an interruption the message has its latest state, as one of its extras.
  reactionsUpdated: { subject: 'message', inMessageStream: false, reports: () => false },
  // Its row is the message and what was added to it.
  messageExtrasUpdated: { subject: 'extras', inMessageStream: false, reports: () => true },
  messageRemoved: { subject: 'message', inMessageStream: false, reports: ({ deletedAt }) => deletedAt !== null },
  memberJoined: {
    subject: 'member',
    inMessageStream: false,
    reports: ({ leftAt, joinedSeq }, seen) => leftAt === null && joinedSeq > seen,
  },
  memberUpdated: {
    subject: 'member',
    inMessageStream: false,
    reports: ({ leftAt, joinedSeq }, seen) => leftAt === null && joinedSeq <= seen,
  },
  memberLeft: { subject: 'member', inMessageStream: false, reports: ({ leftAt }) => leftAt !== null },
  channelUpdated: { subject: 'channel', inMessageStream: false, reports: ({ deletedAt }) => deletedAt === null },
  channelRemoved: { subject: 'channel', inMessageStream: false, reports: ({ deletedAt }) => deletedAt !== null },
  // A deleted channel has nothing to truncate, and ends every stream.
  channelTruncated: {
    subject: 'truncation',
    inMessageStream: false,
    reports: ({ channel }) => channel.deletedAt === null,
  },
} as const satisfies { readonly [Type in DurableEventType]: EventRule<SubjectOf<Type>> }

const rules = Object.entries(durableEvents) as readonly [DurableEventType, EventRule<Subject>][]

/** What a stream of messages delivers. */
export const messageStreamTypes = rules.flatMap(([type, { inMessageStream }]) => (inMessageStream ? [type] : []))

/** Everything else. */
export const changeTypes = rules.flatMap(([type, { inMessageStream }]) => (inMessageStream ? [] : [type]))

/** The events of what has changed, in the order of `seq`, for a reader who has seen everything up to `seen`. */
export function changeEvents({ changed }: ChangePage, seen: number): DurableEvent[] {
  const events: DurableEvent[] = []
  for (const [type, { subject, reports }] of rules) {
    for (const row of changed[subject]) {
      if (!reports(row as never, seen)) continue
      const about = subject === 'extras' ? { ...row, since: seen } : { [subject]: row }
      events.push({ type, seq: row.seq, ...about } as never)
    }
  }
  return events.sort((one, other) => one.seq - other.seq)
}
