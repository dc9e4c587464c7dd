import { DefaultServiceDocument } from '../../generated/live.ts'
import { ChoiceFilter } from '../../kit/filters.tsx'
import { useUrl } from '../../kit/url.ts'
import { useData } from '../../kit/use-data.ts'
import { liveTexts as texts } from '../../texts/en/live.ts'

/** Of lists that are of all services: only those of the one that is chosen in the head. */
export function ServiceFilter() {
  return <ChoiceFilter name="of" label={texts.service} all={texts.everyService} choices={{ one: texts.thisService }} />
}

/** The service whose things are listed; null for all, and undefined while it is not known. */
export function useFilteredService(): string | null | undefined {
  const isOne = useUrl().get('of') === 'one'
  const chosen = useChosenService()
  return isOne ? chosen : null
}

/** The service that is chosen in the head, by its SID; undefined while it is not known. */
export function useChosenService(): string | undefined {
  const chosen = useUrl().get('service')
  const { data } = useData(DefaultServiceDocument, {}, { enabled: chosen === undefined })
  return chosen ?? data?.viewer?.service.id
}
