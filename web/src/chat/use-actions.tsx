import type { MessageRow } from '@fonechat/client'
import {
  Bookmark,
  BookmarkCheck,
  Link2,
  MessageSquareReply,
  Pencil,
  Pin,
  PinOff,
  TextQuote,
  Trash2,
} from 'lucide-react'
import { lazy, Suspense, useCallback, useRef, useState, type ReactNode } from 'react'
import { useAnnounce } from '../ui/announcer.tsx'
import type { useSaving } from './later/use-saving.tsx'
import { MessageActions, type MessageAction } from './list/actions.tsx'
import { isDeleted, isWritten } from './list/look.ts'
import { usePageClient } from './live/page-client.ts'
import type { useReacting } from './use-reacting.tsx'

const More = lazy(() => import('./list/more.tsx'))

/** What the conversation does of what can be done. */
interface Doing {
  /** The address of a message. */
  readonly linkOf: (index: number) => string
  readonly onThread: (index: number) => void
  readonly onQuote: (row: MessageRow) => void
  readonly onEdit: (row: MessageRow) => void
  readonly onDelete: (row: MessageRow) => void
}

interface Allowing {
  /** Those of the user in the channel. */
  readonly permissions: readonly string[]
  /** Whether the messages are replies: those have none. */
  readonly isThread: boolean
  readonly attempt: (work: Promise<unknown>) => void
  readonly reacting: Pick<ReturnType<typeof useReacting>, 'onReact' | 'onPicking'>
  readonly saving: Pick<ReturnType<typeof useSaving>, 'savedOf' | 'onSave'>
}

/** The menu of what is done less often. */
interface ShownMore {
  readonly row: MessageRow
  readonly actions: readonly MessageAction[]
  readonly anchor: DOMRect
}

/** What can be done with each message. `actionsOf` stays the same while the user may and has the same. */
export function useActions(doing: Doing, { permissions, isThread, attempt, reacting, saving }: Allowing) {
  const { pins } = usePageClient()
  const announce = useAnnounce()
  const [more, setMore] = useState<ShownMore | null>(null)
  const now = useRef(doing)
  now.current = doing
  const { onReact, onPicking } = reacting
  const { savedOf, onSave } = saving
  const actionsOf = useCallback(
    (row: MessageRow): ReactNode => {
      const { message, isMine, isPinned } = row
      if (!message) return null
      const can = (permission: string): boolean => permissions.includes(permission)
      const isHere = !isDeleted(message)
      const actions: (MessageAction | false)[] = [
        !isThread && {
          label: 'Reply in thread',
          icon: MessageSquareReply,
          onAct: () => now.current.onThread(message.parentIndex ?? message.index),
        },
        isHere && { label: 'Quote', icon: TextQuote, onAct: () => now.current.onQuote(row) },
        {
          label: 'Copy link',
          icon: Link2,
          isMore: true,
          onAct: () => void copy(now.current.linkOf(message.index)).then(announce),
        },
        isHere && {
          label: savedOf(row) ? 'Saved' : 'Save for later',
          icon: savedOf(row) ? BookmarkCheck : Bookmark,
          onAct: (anchor) => onSave(row, anchor),
        },
        isHere &&
          can('pinMessage') &&
          (isPinned
            ? { label: 'Unpin', icon: PinOff, isMore: true, onAct: () => attempt(pins.unpin(message)) }
            : { label: 'Pin', icon: Pin, isMore: true, onAct: () => attempt(pins.pin(message)) }),
        isHere &&
          !isWritten(row) &&
          (isMine || can('editAnyMessage')) && {
            label: 'Edit',
            icon: Pencil,
            isMore: true,
            onAct: () => now.current.onEdit(row),
          },
        isHere &&
          (isMine || can('deleteAnyMessage')) && {
            label: 'Delete',
            icon: Trash2,
            isMore: true,
            onAct: () => now.current.onDelete(row),
          },
      ]
      return (
        <MessageActions
          onReact={isHere ? (reaction) => onReact(row, reaction) : undefined}
          onPicking={(anchor) => onPicking(row, anchor)}
          actions={actions.filter((action) => action !== false)}
          onMore={(shown, anchor) => setMore({ row, actions: shown, anchor })}
        />
      )
    },
    [announce, attempt, pins, permissions, onReact, onPicking, savedOf, onSave, isThread],
  )
  const menu = more && (
    <Suspense fallback={null}>
      <More
        actions={more.actions}
        anchor={more.anchor}
        finalFocus={() => document.querySelector<HTMLElement>(`[data-key="${CSS.escape(more.row.key)}"]`)}
        onClose={() => setMore(null)}
      />
    </Suspense>
  )
  return { actionsOf, menu, menuOf: more?.row.key ?? null }
}

/** Copies an address of this page. Resolves with what happened, in words. */
async function copy(href: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(new URL(href, location.href).href)
    return 'Link copied'
  } catch {
    return 'The browser does not let this page copy'
  }
}
