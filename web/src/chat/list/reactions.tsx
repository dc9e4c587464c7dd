import type { MessageRow, ReactionGroup } from '@fonechat/client'
import { useState } from 'react'
import { counted } from '../../lib/format.ts'
import './reactions.css'

/** Who has reacted, by reaction. */
export type ReactorNames = ReadonlyMap<string, readonly string[]>

export interface ReactionsProps {
  readonly row: MessageRow
  readonly onReact: (row: MessageRow, reaction: string) => void
  readonly namesOf: (row: MessageRow) => Promise<ReactorNames>
}

/** The reactions to a message: how many have each, and which are one's own. Who, they say once one points at them. */
export function Reactions({ row, onReact, namesOf }: ReactionsProps) {
  const [names, setNames] = useState<ReactorNames | null>(null)
  if (row.reactions.length === 0) return null
  const read = (): void => {
    namesOf(row).then(setNames, () => {})
  }
  return (
    <ul className="reactions" aria-label="Reactions">
      {row.reactions.map((group) => {
        const who = whoOf(group, names?.get(group.reaction))
        return (
          <li key={group.reaction}>
            <button
              type="button"
              className="reaction"
              aria-pressed={group.viewerHasReacted ?? false}
              aria-label={`${group.reaction} ${group.count}: ${who}`}
              title={who}
              onPointerEnter={read}
              onFocus={read}
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
