import type { Actor } from '../../model/actor.ts'
import type { Member } from '../../model/member.ts'
import type { Message } from '../../model/message.ts'
import { byId, parsePage, readPage, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import type { Receipt } from '../../model/receipt.ts'
import type { ChannelId } from '../../model/sid.ts'
import { readReceipts } from '../../store/receipt.ts'
import type { App } from '../app.ts'

/** The receipts of all members of each channel, in their order. Undefined where none are reported. */
export async function lookUpReceipts(
  app: App,
  channelIds: readonly ChannelId[],
): Promise<(readonly Receipt[] | undefined)[]> {
  const receipts = await readReceipts(app.db, channelIds)
  return channelIds.map((channelId) => receipts.get(channelId))
}

/**
 * The members that have read a message: not its author, and nobody who joined after it. Null of a reply that the channel does not show: who has read
 * the channel has not read it.
 */
export function readersOf(receipts: readonly Receipt[], message: Message): Member[] | null {
  if (message.hiddenRun != null) return null
  return recipientsOf(receipts, message, ({ readIndex }) => readIndex)
}

/** The same for those that have received it. */
export function receiversOf(receipts: readonly Receipt[], message: Message): Member[] {
  return recipientsOf(receipts, message, ({ deliveredIndex }) => deliveredIndex)
}

function recipientsOf(
  receipts: readonly Receipt[],
  { index, author }: Message,
  reached: (receipt: Receipt) => number | null,
): Member[] {
  return receipts
    .filter((receipt) => (reached(receipt) ?? -1) >= index)
    .map(({ member }) => member)
    .filter(({ identity, joinedIndex }) => identity !== author && joinedIndex < index)
}

/**
 * One page of members that were read together, in the order in which they joined.
 * Needs nothing: whoever sees a message sees its receipts. Throws BAD_USER_INPUT.
 */
export function pageOfMembers(actor: Actor, members: readonly Member[], args: PageArgs): Promise<PageOf<Member>> {
  const page = parsePage(actor, args, sidCursor('MB'))
  return readPage(
    page,
    async ({ size, backwards, after, before }) => {
      const within = members.filter(
        ({ id }) => (after === undefined || id > after) && (before === undefined || id < before),
      )
      return (backwards ? within.toReversed() : within).slice(0, size + 1)
    },
    byId,
  )
}
