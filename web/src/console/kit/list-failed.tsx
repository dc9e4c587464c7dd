import { useLocation } from 'wouter'
import { useSearch } from '../../lib/address.ts'
import { kitTexts as texts } from '../texts/en/kit.ts'
import { placeParams } from './filters.tsx'
import type { RequestError } from './request.ts'
import { useUrl } from './url.ts'
import { Failed, Stuck } from './waiting.tsx'
import { wayOutOf } from './way-out.ts'

/** Why the list of a view could not be read, and what can help: where its address is at fault, to try again cannot. */
export function ListFailed({ error, onRetry }: { readonly error: RequestError; readonly onRetry: () => void }) {
  const url = useUrl()
  const [path] = useLocation()
  const { service, after, before, open: _open, ...filters } = Object.fromEntries(new URLSearchParams(useSearch()))
  const way = wayOutOf(error, {
    isPlaced: after !== undefined || before !== undefined,
    isFiltered: Object.keys(filters).length > 0,
    hasService: service !== undefined,
  })
  switch (way) {
    case 'tryAgain':
      return <Failed error={error} onRetry={onRetry} />
    case 'firstPage':
      return <NoSuchPage onFirstPage={() => url.set(placeParams)} />
    case 'clearFilters': {
      // What the API says without a field is about the types of its schema.
      const why = error.field === undefined ? '' : error.message
      const says = error.isLasting ? texts.wrongFilter(why) : error.message
      return <Stuck says={says} way={texts.clearFilters} onWay={() => url.go(url.to(path))} />
    }
    case 'defaultService': {
      const onWay = (): void => url.go(url.to(path, { service: null }))
      return <Stuck says={error.message} way={texts.defaultService} onWay={onWay} />
    }
  }
}

/** The same of a list within what is open, whose address has its place alone. */
export function SubListFailed({
  error,
  isPlaced,
  onFirstPage,
  onRetry,
}: {
  readonly error: RequestError
  readonly isPlaced: boolean
  readonly onFirstPage: () => void
  readonly onRetry: () => void
}) {
  if (wayOutOf(error, { isPlaced }) === 'firstPage') return <NoSuchPage onFirstPage={onFirstPage} />
  return <Failed error={error} onRetry={onRetry} />
}

function NoSuchPage({ onFirstPage }: { readonly onFirstPage: () => void }) {
  return <Stuck says={texts.noSuchPage} way={texts.firstPage} onWay={onFirstPage} />
}
