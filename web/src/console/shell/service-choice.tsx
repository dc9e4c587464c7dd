import { useId } from 'react'
import { useLocation } from 'wouter'
import { ServiceChoiceDocument, ServiceChoicesDocument } from '../generated/shell.ts'
import { useUrl } from '../kit/url.ts'
import { useData } from '../kit/use-data.ts'
import { kitTexts } from '../texts/en/kit.ts'
import { shellTexts as texts } from '../texts/en/shell.ts'

const more = 'more'

/** The service that the views are about. Of many services the list has the first; the view of services chooses any. */
export function ServiceChoice() {
  const id = useId()
  const url = useUrl()
  const [path] = useLocation()
  const chosen = url.get('service')
  const { data } = useData(ServiceChoicesDocument, {})
  const { nodes = [], pageInfo } = data?.services ?? {}
  const isListed = chosen === undefined || nodes.some((service) => service.id === chosen)
  const other = useData(ServiceChoiceDocument, { id: chosen ?? '' }, { enabled: data !== undefined && !isListed })
  const present = chosen ?? nodes.find(({ isDefault }) => isDefault)?.id ?? ''
  return (
    <div className="service-choice">
      <label htmlFor={id}>{texts.service}</label>
      <select
        id={id}
        className="select"
        value={present}
        onChange={({ target: { value } }) => {
          if (value === more) return url.go(url.to('/services'))
          const isDefault = nodes.some((service) => service.id === value && service.isDefault)
          // Filters and places are of the service before.
          url.go(url.to(path, { service: isDefault ? null : value }))
        }}
      >
        {present === '' && <option value="">{kitTexts.loading}</option>}
        {!isListed && <option value={chosen}>{other.data?.service?.friendlyName ?? chosen}</option>}
        {nodes.map((service) => (
          <option key={service.id} value={service.id}>
            {service.friendlyName}
          </option>
        ))}
        {pageInfo?.hasNextPage && <option value={more}>{texts.moreServices}</option>}
      </select>
    </div>
  )
}
