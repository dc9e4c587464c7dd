import type { Actor } from '../../model/actor.ts'
import { parseCursor } from '../../model/cursor.ts'
import { limits } from '../../model/limits.ts'
import type { Message, MessageExtras } from '../../model/message.ts'
import { parsePage, readPage, type PageArgs, type PageOf } from '../../model/page.ts'
import type { RepliesKey } from '../../store/thread.ts'
import { parseCount } from '../validation.ts'

/** How many authors of replies are shown of a message, when nobody says. */
const repliersSize = 3

/**
 * One page of the replies to a message that the caller sees, by index. `read` reads the pages of several messages together.
 * Needs nothing. Throws BAD_USER_INPUT.
 */
export async function listReplies(
  actor: Actor,
  { channelId, index }: Message,
  args: PageArgs,
  read: (page: RepliesKey) => Promise<Message[] | undefined>,
): Promise<PageOf<Message>> {
  const page = parsePage(actor, args, (cursor, field) => parseCursor(channelId, cursor, field).index)
  return readPage(
    page,
    // The answer may be shared with another field, and a page turns its rows.
    async ({ size, backwards: isBackwards, after, before }) => [
      ...(await read({ channelId, index, size: size + 1, isBackwards, after, before }))!,
    ],
    (reply) => reply.index,
  )
}

/**
 * Identities of those who have replied, who did so first is first.
 * Needs nothing. Throws BAD_USER_INPUT.
 */
export function listRepliers(
  extras: MessageExtras | null | undefined,
  first: number | null | undefined,
): readonly string[] {
  const size = parseCount('first', first ?? repliersSize, limits.repliers)
  return extras?.repliers.slice(0, size) ?? []
}
