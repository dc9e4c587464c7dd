import type { ReactNode } from 'react'
import { ChannelByNameDocument, ChannelHeadDocument } from '../generated/people.ts'
import type { ChannelHeadQuery } from '../generated/types.ts'
import { kitTexts } from '../texts/en/kit.ts'
import { peopleTexts as texts } from '../texts/en/people.ts'
import { ListFailed } from './list-failed.tsx'
import { sidPrefix } from './names.ts'
import { To } from './to.tsx'
import { useServiceId, useUrl } from './url.ts'
import { useData } from './use-data.ts'
import { Nothing } from './waiting.tsx'
import './channel-param.css'

export type ChannelHead = NonNullable<ChannelHeadQuery['channel']>

/** The parameter of the address that says whose members or messages are shown, by SID or unique name. */
export const channelParam = 'channel'

/** Shows a view of the channel that the address names, or how to choose one. */
export function OfChannel({ children }: { readonly children: (channel: ChannelHead) => ReactNode }) {
  const serviceId = useServiceId()
  const name = useUrl().get(channelParam) ?? ''
  const isSid = sidPrefix(name) === 'CH'
  // A unique name is one of the chosen service, which `channel(id:)` does not know.
  const named = useData(
    ChannelByNameDocument,
    { name, ...(serviceId !== undefined && { serviceId }) },
    { enabled: name !== '' && !isSid },
  )
  const [first] = named.data?.channels?.nodes ?? []
  const id = isSid ? name : first?.uniqueName === name ? first.id : undefined
  const head = useData(ChannelHeadDocument, { id: id ?? '' }, { enabled: id !== undefined })
  if (name === '') {
    return (
      <Nothing>
        <p>{texts.chooseChannel}</p>
        <p>
          <To path="/channels">{texts.toChannels}</To>
        </p>
      </Nothing>
    )
  }
  const data = id === undefined ? named : head
  if (data.data === undefined && data.error) return <ListFailed error={data.error} onRetry={data.reload} />
  const isMissing = id === undefined ? named.data !== undefined : head.data?.channel === null
  if (isMissing) return <Nothing>{texts.noSuchChannel}</Nothing>
  return head.data?.channel ? children(head.data.channel) : <p className="waiting">{kitTexts.loading}</p>
}
