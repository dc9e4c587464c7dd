import type { RefusalsQuery } from '../../generated/types.ts'
import { Sid } from '../../kit/sid.tsx'
import { To } from '../../kit/to.tsx'
import { liveTexts } from '../../texts/en/live.ts'

const texts = liveTexts.limits

export type Refusal = NonNullable<RefusalsQuery['rateRefusals']>['nodes'][number]

/** Who was refused, with a link to more. */
export function Refused({ by: { identity, userId, apiKeyId } }: { readonly by: Refusal }) {
  if (identity != null) {
    return (
      <To path="/users" params={{ open: userId ?? null }}>
        <bdi>{identity}</bdi>
      </To>
    )
  }
  if (apiKeyId == null) return texts.nobody
  return (
    <To path="/keys" params={{ open: apiKeyId }}>
      <Sid id={apiKeyId} copy={false} />
    </To>
  )
}
