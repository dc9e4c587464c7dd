import type { Position } from '../../model/cursor.ts'
import type { ReactionsUpdated } from '../../model/event.ts'
import { limits } from '../../model/limits.ts'
import type { Message, MessageExtras } from '../../model/message.ts'
import type { Reaction, ReactionCount } from '../../model/reaction.ts'
import type { ChannelId } from '../../model/sid.ts'
import type { Db, Tx } from '../../store/engine/db.ts'
import {
  lockChannelCounters,
  readReacted,
  writeReactions,
  type ReactedMessage,
  type ReactionChange,
  type ReactionKey,
} from '../../store/reaction.ts'

/** What somebody wants of a reaction to a message. */
export interface Reacting extends ReactionKey {
  readonly messageId: Message['id']
  readonly isAdded: boolean
  /** The `seq` up to which the caller is known to be a member, as `NewMessage.memberAsOf`. */
  readonly memberAsOf: number
}

export interface WrittenReaction {
  readonly message: Message & { readonly extras: MessageExtras | null }
  readonly position: Position
}

/**
 * What became of a reaction. `stale` says that the channel is gone, or that the membership must be read again; `gone` that the message is
 * deleted or truncated; `full` that it has too many kinds of reactions.
 */
export type ReactionOutcome = WrittenReaction | 'stale' | 'gone' | 'full'

export interface WrittenBatch {
  /** In the order of the batch. */
  readonly outcomes: readonly ReactionOutcome[]
  readonly events: readonly ReactionsUpdated[]
}

/**
 * Writes reactions of one channel in one transaction: each message that they change takes one `seq`. The channel is locked before the rest is
 * read, so that what others have committed is seen; that its members are the same is compared under that lock, as for sends.
 */
export function writeReactionBatch(db: Db, channelId: ChannelId, batch: readonly Reacting[]): Promise<WrittenBatch> {
  return db.transaction(async (tx) => {
    const channel = await lockChannelCounters(tx, channelId)
    const isStale = ({ memberAsOf }: Reacting): boolean => !channel || channel.lastLeftSeq > memberAsOf
    const accepted = batch.filter((one) => !isStale(one))
    if (!channel || accepted.length === 0) return { outcomes: batch.map(() => 'stale' as const), events: [] }
    const messages = await foldAndWrite(tx, channelId, accepted, channel)
    const { lastIndex: index, lastSeq } = channel
    const events = [...messages.values()].flatMap(({ event }) => event ?? [])
    const position = { index, seq: events.at(-1)?.seq ?? lastSeq }
    const outcomes = batch.map((one): ReactionOutcome => {
      if (isStale(one)) return 'stale'
      const found = messages.get(one.index)
      if (found?.message.id !== one.messageId) return 'gone'
      return one.isAdded && found.refused.has(nameOf(one)) ? 'full' : { message: found.message, position }
    })
    return { outcomes, events }
  })
}

/** A message after the batch. */
interface FoldedMessage extends Omit<WrittenReaction, 'position'> {
  readonly event: ReactionsUpdated | undefined
  /** The additions that it has too many kinds for. */
  readonly refused: ReadonlySet<string>
}

async function foldAndWrite(
  tx: Tx,
  channelId: ChannelId,
  batch: readonly Reacting[],
  { firstIndex, lastSeq }: { readonly firstIndex: number; readonly lastSeq: number },
): Promise<Map<number, FoldedMessage>> {
  const changes: ReactionChange[] = []
  const messages = new Map<number, FoldedMessage>()
  for (const reacted of await readReacted(tx, channelId, batch)) {
    const { message } = reacted
    if (message.index < firstIndex) continue
    const { refused, ...folded } = foldReactions(reacted, batch)
    const { added, removed, counts } = folded
    if (added.length + removed.length === 0) {
      messages.set(message.index, { message, event: undefined, refused })
      continue
    }
    const seq = lastSeq + changes.length + 1
    changes.push({ index: message.index, seq, ...folded })
    const extras = { ...(message.extras ?? noExtras(message)), seq, reactionsSeq: seq, reactions: counts }
    const changed = { ...message, extras }
    const event: ReactionsUpdated = { type: 'reactionsUpdated', seq, message: changed, added, removed }
    messages.set(message.index, { message: changed, event, refused })
  }
  const [first, ...others] = changes
  if (first) await writeReactions(tx, channelId, [first, ...others])
  return messages
}

const noExtras = ({ channelId, index }: Message) => ({
  channelId,
  index,
  pinSeq: 0,
  pinnedAt: null,
  pinnedBy: null,
  threadSeq: 0,
  replyCount: 0,
  lastReplyIndex: null,
  lastReplyAt: null,
  repliers: [],
})

const nameOf = ({ identity, reaction }: Reaction): string => JSON.stringify([identity, reaction])

/**
 * Folds a batch to the last state of each reaction of each user to one message. What is taken away makes room for new kinds first; a kind that
 * is used again after its last user has taken it away stands at the end.
 */
function foldReactions(
  { message, present }: ReactedMessage,
  batch: readonly Reacting[],
): Omit<ReactionChange, 'index' | 'seq'> & { readonly refused: ReadonlySet<string> } {
  const wanted = new Map<string, { readonly isAdded: boolean; readonly isThere: boolean; readonly one: Reaction }>()
  batch.forEach(({ index, messageId, isAdded, reaction, identity }, at) => {
    if (index !== message.index || messageId !== message.id) return
    const one = { reaction, identity }
    wanted.set(nameOf(one), { isAdded, isThere: present.has(at), one })
  })
  const changed = Array.from(wanted.values()).filter(({ isAdded, isThere }) => isAdded !== isThere)
  const counts = new Map(message.extras?.reactions.map(({ reaction, count }) => [reaction, count]))
  const removed = changed.flatMap(({ isAdded, one }) => (isAdded ? [] : one))
  for (const { reaction } of removed) {
    const left = counts.get(reaction)! - 1
    if (left > 0) counts.set(reaction, left)
    else counts.delete(reaction)
  }
  const added: Reaction[] = []
  const refused = new Set<string>()
  for (const { isAdded, one } of changed) {
    if (!isAdded) continue
    const count = counts.get(one.reaction)
    if (count === undefined && counts.size >= limits.messageReactions) {
      refused.add(nameOf(one))
    } else {
      counts.set(one.reaction, (count ?? 0) + 1)
      added.push(one)
    }
  }
  return {
    added,
    removed,
    refused,
    counts: Array.from(counts, ([reaction, count]): ReactionCount => ({ reaction, count })),
  }
}
