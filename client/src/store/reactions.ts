import type { ReactionsChange } from './change.ts'
import type { Reacted, ReactionGroup } from './reacted.ts'
import type { Message, OutboxItem } from './state.ts'
import { withText } from './streamed.ts'
import { withThread } from './thread.ts'

type ReactedMessage = Reacted & Pick<Message, 'revision'>

const numberOf = ({ reactions, reactionsAt, revision }: ReactedMessage): number =>
  reactions === undefined ? -1 : (reactionsAt ?? revision)

const isWhole = ({ reactions = [], isOwnStale }: Reacted): boolean =>
  !isOwnStale && reactions.every(({ viewerHasReacted }) => viewerHasReacted !== undefined)

/** A message that was not known before, as it was read: streams do not say what the user itself has. */
export function firstReading(message: Message): Message {
  return message.reactions === undefined || message.isOwnStale || isWhole(message)
    ? message
    : { ...message, isOwnStale: true }
}

/** The newer of two readings of a message, with the newer of two readings of its reactions; `known` itself when nothing is newer. */
export function mergeMessage(known: Message, news: Message): Message {
  return withText(mergeReading(known, news), known, news)
}

function mergeReading(known: Message, news: Message): Message {
  const isNewer = news.revision > known.revision
  const reacted = newerReactions(known, news)
  if (!isNewer && !reacted) return known
  if (isNewer && known.reactions === undefined) return withThread(firstReading(news), known)
  return withReactions(isNewer ? withThread(news, known) : known, reacted ?? { ...known, reactionsAt: numberOf(known) })
}

function withReactions(message: Message, { reactions, reactionsAt, isOwnStale }: Reacted): Message {
  const { reactions: _, reactionsAt: _at, isOwnStale: _stale, ...content } = message
  return { ...content, reactions: reactions!, reactionsAt: reactionsAt!, ...(isOwnStale && { isOwnStale }) }
}

/** The reactions of `news` where they are the newer reading; what the user itself has is from before where it does not say. */
function newerReactions(known: ReactedMessage, news: ReactedMessage): Reacted | undefined {
  const [before, reactionsAt] = [numberOf(known), numberOf(news)]
  const { reactions } = news
  if (reactions === undefined || reactionsAt < before) return undefined
  const isAll = isWhole(news)
  if (reactionsAt === before && !(known.isOwnStale && isAll)) return undefined
  if (isAll) return { reactions, reactionsAt }
  const marks = marksOf(known)
  return {
    reactions: reactions.map((group) => marked(group, group.viewerHasReacted ?? marks.get(group.reaction))),
    reactionsAt,
    isOwnStale: true,
  }
}

const marksOf = ({ reactions = [] }: Reacted): ReadonlyMap<string, boolean | undefined> =>
  new Map(reactions.map(({ reaction, viewerHasReacted }) => [reaction, viewerHasReacted]))

function marked({ reaction, count }: ReactionGroup, viewerHasReacted: boolean | undefined): ReactionGroup {
  return { reaction, count, ...(viewerHasReacted !== undefined && { viewerHasReacted }) }
}

/** A message after a change of its reactions. An event says what the user itself has added and taken away. */
export function applyReactions(message: Message, { at, reactions, own }: ReactionsChange): Message {
  const { revision } = message
  if (!own) {
    const reacted = newerReactions(message, { revision, reactions, reactionsAt: at })
    return reacted ? withReactions(message, reacted) : message
  }
  if (at <= numberOf(message)) return message
  const marks = marksOf(message)
  const isStale = message.isOwnStale || message.reactions === undefined
  const toMark = (reaction: string): boolean | undefined => {
    if (own.added.includes(reaction)) return true
    if (own.removed.includes(reaction)) return false
    return marks.get(reaction) ?? (isStale ? undefined : false)
  }
  return withReactions(message, {
    reactions: reactions.map((group) => marked(group, toMark(group.reaction))),
    reactionsAt: at,
    ...(isStale && { isOwnStale: true }),
  })
}

const none: readonly ReactionGroup[] = []

/** The reactions as they are to become: what waits in the outbox is shown as if it were done. */
export function shownReactions(
  { reactions = none }: Reacted,
  waiting: readonly OutboxItem[],
): readonly ReactionGroup[] {
  let shown = reactions
  for (const { action } of waiting) {
    if (action.kind !== 'react') continue
    const { reaction, isAdded } = action
    const place = shown.findIndex((group) => group.reaction === reaction)
    const group = shown[place] ?? { reaction, count: 0 }
    if ((group.viewerHasReacted ?? false) === isAdded) continue
    const count = group.count + (isAdded ? 1 : -1)
    const next = count > 0 ? [{ reaction, count, viewerHasReacted: isAdded }] : []
    shown = place < 0 ? [...shown, ...next] : shown.toSpliced(place, 1, ...next)
  }
  return shown
}
