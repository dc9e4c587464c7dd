import { initials, personColor } from '../lib/people.ts'
import './avatar.css'

/** A person's initials on the person's colour; `online` adds a dot, and its word for those who do not see it. */
export function Avatar({
  identity,
  name,
  online,
}: {
  readonly identity: string
  readonly name: string
  readonly online?: boolean | undefined
}) {
  return (
    <span className="avatar" style={{ backgroundColor: personColor(identity) }}>
      <span aria-hidden="true">{initials(name)}</span>
      {online !== undefined && (
        <span className="avatar-dot" data-online={online}>
          <span className="unseen">{online ? 'online' : 'away'}</span>
        </span>
      )}
    </span>
  )
}

/** The square of a channel that is no person's. */
export function Hash() {
  return (
    <span className="avatar hash" aria-hidden="true">
      #
    </span>
  )
}
