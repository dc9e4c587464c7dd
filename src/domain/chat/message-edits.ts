import type { Actor } from '../../model/actor.ts'
import { badInput } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import type { Message, MessageEdit } from '../../model/message.ts'
import { parsePage, readPage, type PageArgs, type PageOf } from '../../model/page.ts'
import type { Service } from '../../model/service.ts'
import type { Tx } from '../../store/engine/db.ts'
import { keepEdit, readEditPage } from '../../store/message-edit.ts'
import { nullIfHidden, requireMembership, requireService } from '../access/authority.ts'
import type { App } from '../app.ts'

/** How many of a message’s former versions a service keeps. */
const keptBy = { none: 0, last: 1, all: limits.messageEdits } as const satisfies Record<Service['editHistory'], number>

/** Keeps a message of a locked channel as it is before an edit, where its service does. */
export async function keepVersion(tx: Tx, service: Service | undefined, message: Message): Promise<void> {
  const max = keptBy[service?.editHistory ?? 'none']
  if (max > 0) await keepEdit(tx, message, max)
}

/**
 * One page of what a message was before its edits, the newest first. Null for whoever may not see it.
 * Needs membership, and `editAnyMessage` for messages of others. Throws BAD_USER_INPUT.
 */
export async function listEdits(
  app: App,
  actor: Actor,
  message: Message,
  args: PageArgs,
): Promise<PageOf<MessageEdit> | null> {
  const page = parsePage(actor, args, parseVersion)
  const access = await nullIfHidden(() => requireMembership(app, actor, message.channelId, 'cached'))
  const isOwn = actor.kind === 'user' && message.author === actor.identity
  if (!access || !(isOwn || access.can('editAnyMessage'))) return null
  const { editHistory } = await requireService(app, actor, access.channel.serviceId)
  const oldest = (message.version ?? 1) - keptBy[editHistory]
  return readPage(
    page,
    async (part) => (await readEditPage(app.db, message, part)).filter(({ version }) => version >= oldest),
    ({ version }) => version,
  )
}

/** The place of a version among the others of its message. */
export const toEditCursor = ({ version }: MessageEdit): string => `${version}`

function parseVersion(cursor: string, field: string): number {
  if (!/^\d{1,9}$/.test(cursor)) throw badInput('the cursor is malformed', field)
  return Number(cursor)
}
