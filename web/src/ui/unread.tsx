import './unread.css'

export interface UnreadProps {
  /** Shown up to 99. With 0 nothing is. */
  readonly count: number
  /** The number with what it counts, for screen readers. */
  readonly says: string
}

/** How much is unread, on a coloured ground. */
export function Unread({ count, says }: UnreadProps) {
  if (count === 0) return null
  return (
    <span className="unread">
      <span aria-hidden="true">{count > 99 ? '99+' : count}</span>
      <span className="unseen">{says}</span>
    </span>
  )
}
