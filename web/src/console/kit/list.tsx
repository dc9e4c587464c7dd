import { useId, useMemo, useRef, type KeyboardEvent, type ReactNode } from 'react'
import type { Document } from '../document.ts'
import { kitTexts as texts } from '../texts/en/kit.ts'
import type { Connection } from './connection.ts'
import { placeParams } from './filters.tsx'
import { ListFailed } from './list-failed.tsx'
import { Paging } from './paging.tsx'
import { useRowFocus } from './row-focus.ts'
import { useRowInView } from './row-in-view.ts'
import { BulkBar, SelectPage, SelectRow, useSelection, type Bulk } from './selection.tsx'
import { useUrl } from './url.ts'
import { useData } from './use-data.ts'
import { Nothing } from './waiting.tsx'
import './list.css'

export interface PageVariables {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

export interface Column<Row> {
  readonly head: string
  readonly cell: (row: Row) => ReactNode
  /** Numbers and times stand at the end. */
  readonly align?: 'end'
  /** Such as `12rem`. What is left is divided among columns without one. */
  readonly width?: string
  /** Where it stands on a phone, whose rows have two lines: at the end of the first, in the second, or nowhere. The first column begins the first line. */
  readonly phone?: 'end' | 'below' | 'none'
}

export interface ListProps<Row, Result, Variables> {
  /** What is in it, for screen readers: `API keys`. */
  readonly label: string
  readonly document: Document<Result, Variables>
  /** The variables without those of the page. */
  readonly variables: Omit<Variables, keyof PageVariables>
  /** The page within the result; null where it does not exist, which is shown as nothing. */
  readonly pick: (result: Result) => Connection<Row> | null | undefined
  readonly rowId: (row: Row) => string
  /** The first says what a row is: its cell is the link that opens it. */
  readonly columns: readonly Column<Row>[]
  /** In place of the rows where there is none. */
  readonly empty: ReactNode
  /** The parameters of the address that filter it: with any of them the words for nothing are about the filter. */
  readonly filters?: readonly string[]
  /** What stands beside the list while a row is open, whose id is `open` in the address. */
  readonly detail?: (id: string, close: () => void) => ReactNode
  /** The address of a row that opens a view of its own instead. */
  readonly hrefOf?: (row: Row) => string
  /** How often it is read again, in milliseconds. */
  readonly refetchMs?: number
  /** Rows of a page; null for what is read as a whole. */
  readonly size?: number | null
  /** What can be done to several rows at once: each gets a box to select it. */
  readonly bulk?: Bulk<Row> | undefined
  /** The row that somebody has asked for: it is marked, and in view once it is there. What is open is in view by itself. */
  readonly shows?: (row: Row) => boolean
  /** Which end of the list it shows at first; the start by default. */
  readonly begins?: 'start' | 'end'
  /** What is said of the whole above the rows. */
  readonly above?: (result: Result) => ReactNode
  /** Of a list that can only be read from its front: the way back leads to its beginning. */
  readonly isForwardOnly?: boolean
  /** What is to be marked: `wait` has a warm ground. */
  readonly mark?: (row: Row) => 'wait' | undefined
}

/**
 * A list by pages, forward and back by key. The address has its whole state: filters, page (`after`, `before`) and the open row (`open`).
 * ↑ and ↓ move between rows, Enter opens one, Esc closes it.
 */
export function List<Row, Result, Variables>({
  label,
  document,
  variables,
  pick,
  rowId,
  columns,
  empty,
  filters = [],
  detail,
  hrefOf,
  refetchMs,
  size = 50,
  bulk,
  begins = 'start',
  shows,
  above,
  isForwardOnly = false,
  mark,
}: ListProps<Row, Result, Variables>) {
  const url = useUrl()
  const [after, before, open] = [url.get('after'), url.get('before'), url.get('open')]
  const page = size === null ? {} : pageOf({ after, before, begins, size })
  const data = useData(document, { ...variables, ...page } as Variables, {
    keep: true,
    ...(refetchMs !== undefined && { refetchMs }),
  })
  const connection = useMemo(() => (data.data === undefined ? undefined : pick(data.data)), [data.data, pick])
  const rows = connection?.nodes ?? []
  const body = useRef<HTMLTableSectionElement>(null)
  const focus = useRowFocus(body, rows.length, JSON.stringify([variables, page]))
  const id = useId()
  const selection = useSelection(rows.map((row) => rowId(row)))
  useRowInView(body, { isThere: rows.length > 0, isPlaced: after !== undefined || before !== undefined, begins })

  const close = (): void => {
    const at = rows.findIndex((row) => rowId(row) === open)
    url.set({ open: null })
    focus.to(Math.max(at, 0))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.key !== 'Escape' || open === undefined || event.defaultPrevented) return
    if (hasDialog()) return
    event.preventDefault()
    close()
  }
  const opens = detail !== undefined || hrefOf !== undefined
  const rowHref = (row: Row): string => hrefOf?.(row) ?? url.with({ open: rowId(row) })
  const isFiltered = filters.some((name) => url.get(name) !== undefined)
  const isOpen = detail !== undefined && open !== undefined
  return (
    <div className="list-split" data-open={isOpen || undefined} onKeyDown={onKeyDown}>
      <div className="list-main">
        {bulk && <BulkBar bulk={bulk} by={selection} isWholePage={selection.ids.length === rows.length} />}
        {data.data !== undefined && above?.(data.data)}
        <table className="list" role="table" aria-label={label} aria-busy={data.isChanging || data.data === undefined}>
          <colgroup>
            {bulk && <col className="list-select" />}
            {columns.map(({ head, width, phone }) => (
              <col key={head} data-phone={phone} {...(width !== undefined && { style: { width } })} />
            ))}
          </colgroup>
          <thead role="rowgroup">
            <tr role="row">
              {bulk && (
                <th role="columnheader" scope="col" className="list-select">
                  <SelectPage rows={rows.length} by={selection} />
                </th>
              )}
              {columns.map(({ head, align, phone }) => (
                <th key={head} role="columnheader" scope="col" data-align={align} data-phone={phone}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup" ref={body} onKeyDown={focus.onKeyDown}>
            {rows.map((row, at) => (
              <tr
                key={rowId(row)}
                role="row"
                data-open={rowId(row) === open || undefined}
                data-mark={mark?.(row)}
                data-shows={shows?.(row) || undefined}
                data-opens={opens || undefined}
                onClick={(event) => {
                  // A click on what is a control by itself, or at the end of a selection of text, opens nothing.
                  const isOwn = (event.target as Element).closest('a, button, input, label, select')
                  if (!opens || isOwn || event.defaultPrevented || hasSelection()) return
                  focus.set(at)
                  url.go(rowHref(row))
                }}
              >
                {bulk && (
                  <td role="cell" className="list-select">
                    <SelectRow label={texts.selectRow(bulk.rowName(row))} id={rowId(row)} by={selection} />
                  </td>
                )}
                {columns.map(({ head, cell, align, phone }, column) => (
                  <td
                    key={head}
                    role={column === 0 ? 'rowheader' : 'cell'}
                    data-align={align}
                    data-phone={column === 0 ? 'first' : (phone ?? 'below')}
                    data-head={head}
                  >
                    {column === 0 && opens ? (
                      <a
                        href={focus.hrefOf(rowHref(row))}
                        className="row-link"
                        data-row={at}
                        tabIndex={at === focus.at ? 0 : -1}
                        aria-current={rowId(row) === open || undefined}
                        onFocus={() => focus.set(at)}
                        onClick={(event) => {
                          if (event.metaKey || event.ctrlKey || event.shiftKey) return
                          event.preventDefault()
                          url.go(rowHref(row))
                        }}
                      >
                        {cell(row)}
                      </a>
                    ) : (
                      cell(row)
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {data.data === undefined && !data.error && <p className="waiting">{texts.loading}</p>}
        {data.data === undefined && data.error && <ListFailed error={data.error} onRetry={data.reload} />}
        {data.data !== undefined && rows.length === 0 && <Nothing>{isFiltered ? texts.nothingMatches : empty}</Nothing>}
        <Paging
          id={id}
          count={rows.length}
          info={connection?.pageInfo}
          data={data}
          isForwardOnly={isForwardOnly}
          onPage={(place) => url.set({ ...placeParams, ...place })}
        />
      </div>
      {isOpen && detail(open, close)}
    </div>
  )
}

function pageOf({
  after,
  before,
  begins,
  size,
}: {
  readonly after: string | undefined
  readonly before: string | undefined
  readonly begins: 'start' | 'end'
  readonly size: number
}): PageVariables {
  if (before !== undefined) return { last: size, before }
  if (after !== undefined) return { first: size, after }
  return begins === 'end' ? { last: size } : { first: size }
}

/** Esc closes a dialog alone, which gets the focus a moment after it is shown; and what happens in it bubbles to the list in React. */
const hasDialog = (): boolean => document.querySelector('[role="dialog"], [role="alertdialog"]') !== null

const hasSelection = (): boolean => getSelection()?.type === 'Range'
