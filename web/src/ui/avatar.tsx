import { initials, personColor } from '../lib/people.ts'
import './avatar.css'

/** A person's initials on the person's colour; `online` adds a dot, whose word is `OnlineWord`. */
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
      {online !== undefined && <span className="avatar-dot" data-online={online} aria-hidden="true" />}
    </span>
  )
}

/** What the dot of an avatar says, for those who do not see it. It stands behind the name, so that the name is read first. */
export function OnlineWord({ online }: { readonly online: boolean | undefined }) {
  return online !== undefined && <span className="unseen">{online ? ' online' : ' offline'}</span>
}

/** The square of a channel that is no person's. */
export function Hash() {
  return (
    <span className="avatar hash" aria-hidden="true">
      #
    </span>
  )
}
