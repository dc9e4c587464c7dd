import type { MessageRow } from '@fonechat/client'
import type { SavedMessage } from '@fonechat/client/later'
import { lazy, Suspense, useCallback, useMemo, useRef, useState, type ReactNode } from 'react'
import { formatAhead } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { usePageClient } from '../live/page-client.ts'
import { useLater } from '../live/use-later.ts'
import { allowNotifications } from './notify.ts'

const When = lazy(() => import('./when.tsx'))

interface Saving {
  readonly row: MessageRow
  readonly anchor: DOMRect
}

/** Saving messages of a channel. What it returns stays the same while nothing of it is saved or removed, but for the popover. */
export function useSaving(attempt: (work: Promise<unknown>) => void) {
  const { later } = usePageClient()
  const { saved } = useLater()
  const [saving, setSaving] = useState<Saving | null>(null)
  const now = useRef(attempt)
  now.current = attempt
  const byId = useMemo(() => new Map(saved.map((one) => [one.messageId, one])), [saved])
  const savedOf = useCallback(({ message }: MessageRow) => (message ? byId.get(message.id) : undefined), [byId])
  const savedAs = useCallback(
    (row: MessageRow): string | null => {
      const { remindAt } = savedOf(row) ?? { remindAt: undefined }
      if (remindAt === undefined) return null
      return remindAt === null ? 'Saved' : `Saved · reminder ${formatAhead(new Date(remindAt), new Date())}`
    },
    [savedOf],
  )

  /** Saves a message at once, and offers a reminder. */
  const onSave = useCallback(
    (row: MessageRow, anchor: DOMRect): void => {
      if (!row.message) return
      if (!byId.has(row.message.id)) now.current(later.save(row.message.id))
      setSaving({ row, anchor })
    },
    [later, byId],
  )

  const messageId = saving?.row.message?.id
  const popover: ReactNode = saving && messageId !== undefined && (
    <Suspense fallback={null}>
      <When
        title="Saved for later"
        anchor={{ getBoundingClientRect: () => saving.anchor }}
        side="bottom"
        action="Remind"
        finalFocus={() => document.querySelector<HTMLElement>(`[data-key="${CSS.escape(saving.row.key)}"]`)}
        onChoose={(at) => {
          allowNotifications()
          attempt(later.save(messageId, at))
        }}
        onClose={() => setSaving(null)}
      >
        <p className="when-says">
          {saidOf(byId.get(messageId))}
          <Button
            onClick={() => {
              attempt(later.unsave(messageId))
              setSaving(null)
            }}
          >
            Remove
          </Button>
        </p>
      </When>
    </Suspense>
  )
  return { savedOf, savedAs, onSave, popover }
}

const saidOf = (saved: SavedMessage | undefined): string =>
  saved?.remindAt == null ? 'Remind me of it?' : `Reminder ${formatAhead(new Date(saved.remindAt), new Date())}`
