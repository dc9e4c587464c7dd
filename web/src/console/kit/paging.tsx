import { Button } from '../../ui/button.tsx'
import { kitTexts as texts } from '../texts/en/kit.ts'
import type { PageInfo } from './connection.ts'
import type { Data } from './use-data.ts'
import { Age } from './waiting.tsx'

/** The foot of a list: how many rows there are, how old they are, and the way to the other pages. */
export function Paging({
  id,
  count,
  info,
  data,
  isForwardOnly = false,
  onPage,
}: {
  readonly id: string
  readonly count: number
  readonly info: PageInfo | undefined
  readonly data: Data<unknown>
  readonly isForwardOnly?: boolean
  readonly onPage: (place: { readonly after?: string; readonly before?: string }) => void
}) {
  const { hasNextPage = false, hasPreviousPage = false, startCursor, endCursor } = info ?? {}
  const isOnlyPage = !hasNextPage && !hasPreviousPage
  return (
    <div className="list-foot" id={id}>
      <p aria-live="polite">{data.isChanging ? texts.loading : count > 0 && texts.rows(count, isOnlyPage)}</p>
      <Age of={data} />
      {!isOnlyPage && (
        <nav aria-label={texts.pages}>
          {isForwardOnly ? (
            <Button disabled={!hasPreviousPage} onClick={() => onPage({})}>
              {texts.firstPage}
            </Button>
          ) : (
            <Button
              disabled={!hasPreviousPage || startCursor == null}
              onClick={() => startCursor != null && onPage({ before: startCursor })}
            >
              {texts.previousPage}
            </Button>
          )}
          <Button
            disabled={!hasNextPage || endCursor == null}
            onClick={() => endCursor != null && onPage({ after: endCursor })}
          >
            {texts.nextPage}
          </Button>
        </nav>
      )}
    </div>
  )
}
