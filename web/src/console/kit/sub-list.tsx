import { useId, type ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import type { Document } from '../document.ts'
import { peopleTexts as texts } from '../texts/en/people.ts'
import type { Connection } from './connection.ts'
import { SubListFailed } from './list-failed.tsx'
import type { PageVariables } from './list.tsx'
import { useUrl } from './url.ts'
import { useData } from './use-data.ts'
import './sub-list.css'

const rowPixels = 30

/** A list within what is open, by short pages. The address has its place, with whose list it is: another thing that is opened begins at its head. */
export function SubList<Row, Result, Variables extends PageVariables>({
  title,
  name,
  owner,
  document,
  variables,
  pick,
  rowId,
  row,
  empty,
  size = 10,
  link,
}: {
  readonly title: string
  /** The parameter of the address. */
  readonly name: string
  /** The id of the thing that the list is of. */
  readonly owner: string
  readonly document: Document<Result, Variables>
  readonly variables: Omit<Variables, keyof PageVariables>
  readonly pick: (result: Result) => Connection<Row> | null | undefined
  readonly rowId: (row: Row) => string
  readonly row: (row: Row) => ReactNode
  readonly empty: string
  readonly size?: number
  /** To the view that has more of it. */
  readonly link?: ReactNode
}) {
  const id = useId()
  const url = useUrl()
  const [of, side, cursor] = (url.get(name) ?? '').split('~')
  const isPlaced = of === owner && cursor !== undefined
  const page: PageVariables = !isPlaced
    ? { first: size }
    : side === 'before'
      ? { last: size, before: cursor }
      : { first: size, after: cursor }
  const data = useData(document, { ...variables, ...page } as Variables, { keep: true })
  const connection = data.data === undefined ? undefined : pick(data.data)
  const rows = connection?.nodes ?? []
  const { hasNextPage = false, hasPreviousPage = false, startCursor, endCursor } = connection?.pageInfo ?? {}
  const go = (where: 'before' | 'after', place: string): void =>
    url.set({ [name]: `${owner}~${where}~${place}` }, { replace: true })
  return (
    <section className="sub-list" aria-labelledby={id}>
      <div className="sub-list-head">
        <h3 id={id}>{title}</h3>
        {link}
      </div>
      {data.data === undefined && data.error ? (
        <SubListFailed
          error={data.error}
          isPlaced={isPlaced}
          onFirstPage={() => url.set({ [name]: null }, { replace: true })}
          onRetry={data.reload}
        />
      ) : (
        <ul
          style={data.data === undefined ? { minHeight: 3 * rowPixels } : undefined}
          aria-busy={data.data === undefined}
        >
          {rows.map((item) => (
            <li key={rowId(item)}>{row(item)}</li>
          ))}
          {data.data !== undefined && rows.length === 0 && <li className="none">{empty}</li>}
        </ul>
      )}
      {(hasNextPage || hasPreviousPage) && (
        <div className="sub-list-foot">
          <Button
            disabled={!hasPreviousPage || startCursor == null}
            onClick={() => startCursor != null && go('before', startCursor)}
          >
            {texts.previous}
          </Button>
          <Button
            disabled={!hasNextPage || endCursor == null}
            onClick={() => endCursor != null && go('after', endCursor)}
          >
            {texts.next}
          </Button>
        </div>
      )}
    </section>
  )
}
