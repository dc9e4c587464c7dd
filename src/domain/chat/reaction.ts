import type { Actor } from '../../model/actor.ts'
import { badInput, ChatError } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import type { MessageKey } from '../../model/message.ts'
import { parseNumberCursor, parsePage, readPage, toNumberCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import { spellReaction } from '../../model/reaction.ts'
import { readReactionPages, readReactionsOf, type PlacedReaction, type ReactionPage } from '../../store/reaction.ts'
import { assertMayReact } from '../access/action-rules.ts'
import { actorName, isFrozenFor, notFoundIfHidden, requireMembership } from '../access/authority.ts'
import type { App } from '../app.ts'
import { assertText } from '../validation.ts'
import { requireMessage } from './message.ts'
import type { WrittenReaction } from './reaction-batch.ts'

/** How often the membership is read again for one reaction. */
const maxAttempts = 5

/**
 * Adds a reaction of the caller to a message; one that it has added already stays as it is.
 * Needs membership and `react`, in a frozen channel also `sendToFrozenChannel`. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export function addReaction(app: App, actor: Actor, messageId: string, reaction: string): Promise<WrittenReaction> {
  return react(app, actor, messageId, reaction, true)
}

/**
 * Takes away a reaction of the caller to a message; where there is none nothing changes.
 * Needs membership and `react`, in a frozen channel also `sendToFrozenChannel`. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export function removeReaction(app: App, actor: Actor, messageId: string, reaction: string): Promise<WrittenReaction> {
  return react(app, actor, messageId, reaction, false)
}

async function react(app: App, actor: Actor, id: string, text: string, isAdded: boolean): Promise<WrittenReaction> {
  const reaction = parseReaction(text)
  const { message, access: known } = await requireMessage(app, actor, id)
  const again = () => notFoundIfHidden('the message', 50500, () => requireMembership(app, actor, message.channelId))
  // A freezing is noticed by the write; what is remembered may be older than its end.
  let access = isFrozenFor(known) ? await again() : known
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    assertMayReact(access)
    const written = await app.reactions.write({
      channelId: message.channelId,
      index: message.index,
      messageId: message.id,
      identity: actorName(actor),
      reaction,
      isAdded,
      memberAsOf: actor.kind === 'user' ? access.channel.lastLeftSeq : Number.MAX_SAFE_INTEGER,
    })
    if (written) return written
    access = await again()
  }
  throw new ChatError('CONFLICT', 'the channel changes too fast', 50349)
}

function parseReaction(text: string): string {
  assertText('reaction', text)
  const reaction = spellReaction(text)
  if (reaction === undefined) {
    throw badInput('reaction must be an emoji or a name without white space and control characters', 'reaction')
  }
  if (Buffer.byteLength(reaction) > limits.reactionBytes) {
    throw badInput(`reaction must not be longer than ${limits.reactionBytes} bytes`, 'reaction')
  }
  return reaction
}

/** One kind of reaction to a message. */
export interface ReactionKind extends MessageKey {
  readonly reaction: string
}

/**
 * One page of who has a reaction to a message, in the order in which they added it. `load` reads pages of several kinds together.
 * Needs a message that the caller sees. Throws BAD_USER_INPUT.
 */
export async function listReactions(
  actor: Actor,
  { channelId, index, reaction }: ReactionKind,
  args: PageArgs,
  load: (page: ReactionPage) => Promise<readonly PlacedReaction[] | undefined>,
): Promise<PageOf<PlacedReaction>> {
  const page = parsePage(actor, args, parseNumberCursor)
  return readPage(
    page,
    async ({ size, after, before, backwards }) => [
      ...(await load({ channelId, index, reaction, after, before, backwards, limit: size + 1 }))!,
    ],
    ({ place }) => place,
  )
}

/** The place of a reaction among those of its kind. */
export const toReactionCursor = ({ place }: PlacedReaction): string => toNumberCursor(place)

/** Pages of who has reacted to messages. */
export function lookUpReactions(app: App, pages: readonly ReactionPage[]): Promise<PlacedReaction[][]> {
  return readReactionPages(app.db, pages)
}

/** What the caller has added to each of these messages. */
export async function lookUpOwnReactions(
  app: App,
  messages: readonly MessageKey[],
  actor: Actor | undefined,
): Promise<(ReadonlySet<string> | undefined)[]> {
  return actor ? readReactionsOf(app.db, actorName(actor), messages) : messages.map(() => undefined)
}
