import type { SilentFieldsFragment } from '../../generated/types.ts'
import { When } from '../../kit/when.tsx'
import { liveTexts as texts } from '../../texts/en/live.ts'
import './live.css'

/** Names the processes that have not answered: what is shown lacks what they have. */
export function Silent({ processes }: { readonly processes: readonly SilentFieldsFragment[] }) {
  if (processes.length === 0) return null
  return (
    <div className="silent" role="status">
      <p>
        <strong>{texts.silentTitle(processes.length)}</strong> {texts.silentSays}
      </p>
      <ul>
        {processes.map(({ id, host, lastHeardAt }) => (
          <li key={id}>
            {host} <code>{id.slice(-12)}</code>, {texts.heard} <When at={lastHeardAt} />
          </li>
        ))}
      </ul>
    </div>
  )
}
