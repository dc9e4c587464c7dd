import { Sid } from '../../kit/sid.tsx'
import { liveTexts as texts } from '../../texts/en/live.ts'

/** Who it is: a user by its identity, a backend by its key. */
export function Caller({
  of: { identity, apiKeyId, isSignedIn },
}: {
  readonly of: {
    readonly identity?: string | null
    readonly apiKeyId?: string | null
    readonly isSignedIn: boolean
  }
}) {
  if (!isSignedIn) return <span className="none">{texts.connections.signingIn}</span>
  if (identity != null) return <bdi>{identity}</bdi>
  return (
    <>
      {texts.connections.backend} {apiKeyId != null && <Sid id={apiKeyId} copy={false} />}
    </>
  )
}

export const callerName = ({
  identity,
  apiKeyId,
}: {
  readonly identity?: string | null
  readonly apiKeyId?: string | null
}): string => identity ?? apiKeyId ?? texts.connections.backend
