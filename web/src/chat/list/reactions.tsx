import type { MessageRow, ReactionGroup } from '@fonechat/client'
import { useEffect, useRef, useState } from 'react'
import { counted } from '../../lib/format.ts'
import './reactions.css'

/** Who has reacted, by reaction. */
export type ReactorNames = ReadonlyMap<string, readonly string[]>

export interface ReactionsProps {
  readonly row: MessageRow
  readonly onReact: (row: MessageRow, reaction: string) => void
  readonly namesOf: (row: MessageRow) => Promise<ReactorNames>
}

/** The reactions to a message: how many have each, and which are one's own. Who, they say while one points at them. */
export function Reactions({ row, onReact, namesOf }: ReactionsProps) {
  const { reactions } = row
  const [isAsked, setIsAsked] = useState(false)
  const [known, setKnown] = useState<{ readonly of: MessageRow['reactions']; readonly names: ReactorNames } | null>(
    null,
  )
  const asked = useRef(row)
  asked.current = row
  useEffect(() => {
    if (!isAsked || reactions.length === 0) return
    let isOver = false
    namesOf(asked.current).then(
      (names) => isOver || setKnown({ of: reactions, names }),
      () => {},
    )
    return () => {
      isOver = true
    }
  }, [isAsked, reactions, namesOf])
  if (reactions.length === 0) return null
  // Whose they were before they changed would be said of others.
  const names = known?.of === reactions ? known.names : null
  const ask = () => setIsAsked(true)
  const end = () => setIsAsked(false)
  return (
    <ul className="reactions" aria-label="Reactions">
      {reactions.map((group) => {
        const who = whoOf(group, names?.get(group.reaction))
        return (
          <li key={group.reaction}>
            <button
              type="button"
              className="reaction"
              aria-pressed={group.viewerHasReacted ?? false}
              aria-label={`${group.reaction} ${group.count}: ${who}`}
              title={who}
              onPointerEnter={ask}
              onPointerLeave={end}
              onFocus={ask}
              onBlur={end}
              onClick={() => onReact(row, group.reaction)}
            >
              <span className="reaction-sign">{group.reaction}</span>
              <span className="reaction-count">{group.count}</span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}

/** `You, Bob and 3 more`; before names are known `3 reactions, yours among them`. */
function whoOf({ count, viewerHasReacted = false }: ReactionGroup, others: readonly string[] | undefined): string {
  if (!others) return `${counted(count, 'reaction')}${viewerHasReacted ? ', yours among them' : ''}`
  const named = [...(viewerHasReacted ? ['You'] : []), ...others].slice(0, Math.min(count, maxNames))
  const last = count > named.length ? `${count - named.length} more` : named.pop()
  return named.length > 0 ? `${named.join(', ')} and ${last}` : `${last}`
}

const maxNames = 10
