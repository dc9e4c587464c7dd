import { useEffect, useRef, useState, type ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { kitTexts as texts } from '../texts/en/kit.ts'
import './selection.css'

/** The rows of a list that something is to be done to. */
export interface Selection {
  /** Those of the page; of `isAll` too. */
  readonly ids: readonly string[]
  /** Whether it is all that match the filters, on whatever page. */
  readonly isAll: boolean
  readonly clear: () => void
}

export interface Bulk<Row> {
  /** What a row is called, for screen readers. */
  readonly rowName: (row: Row) => string
  /** What the rows are, in words: `3 channels`. */
  readonly count: (rows: number) => string
  /** `All channels that match`; without it only rows of the page can be selected. */
  readonly all?: string | undefined
  /** Buttons for what can be done. */
  readonly actions: (selection: Selection) => ReactNode
}

export interface RowSelection extends Selection {
  readonly has: (id: string) => boolean
  readonly toggle: (id: string, withRange: boolean) => void
  readonly toggleAll: () => void
  readonly setAll: () => void
}

/** Which of the rows are selected. What is not on the page is not. */
export function useSelection(rows: readonly string[]): RowSelection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [isAll, setIsAll] = useState(false)
  const last = useRef<string | null>(null)
  const ids = rows.filter((id) => chosen.has(id))
  const set = (next: Iterable<string>): void => {
    setChosen(new Set(next))
    setIsAll(false)
  }
  return {
    ids,
    isAll: isAll && ids.length > 0,
    has: (id) => chosen.has(id),
    clear: () => set([]),
    toggle: (id, withRange) => {
      const [from, to] = [rows.indexOf(last.current ?? ''), rows.indexOf(id)]
      const range = withRange && from >= 0 ? rows.slice(Math.min(from, to), Math.max(from, to) + 1) : [id]
      const isOn = !chosen.has(id)
      last.current = id
      set(isOn ? [...ids, ...range] : ids.filter((one) => !range.includes(one)))
    },
    toggleAll: () => set(ids.length === rows.length ? [] : rows),
    setAll: () => setIsAll(true),
  }
}

/** Selects one row; with Shift all from the last one on. */
export function SelectRow({
  label,
  id,
  by,
}: {
  readonly label: string
  readonly id: string
  readonly by: RowSelection
}) {
  return (
    <input
      type="checkbox"
      className="select-row"
      aria-label={label}
      checked={by.has(id)}
      onChange={({ nativeEvent }) => by.toggle(id, (nativeEvent as MouseEvent).shiftKey)}
    />
  )
}

/** Selects all rows of the page. */
export function SelectPage({ rows, by }: { readonly rows: number; readonly by: RowSelection }) {
  const box = useRef<HTMLInputElement>(null)
  const isPart = by.ids.length > 0 && by.ids.length < rows
  useEffect(() => {
    if (box.current) box.current.indeterminate = isPart
  }, [isPart])
  return (
    <input
      ref={box}
      type="checkbox"
      className="select-row"
      aria-label={texts.selectPage}
      disabled={rows === 0}
      checked={rows > 0 && by.ids.length === rows}
      onChange={by.toggleAll}
    />
  )
}

/** What is selected and what can be done to it. Its room is there before anything is. */
export function BulkBar({
  bulk: { count, all, actions },
  by,
  isWholePage,
}: {
  readonly bulk: Pick<Bulk<never>, 'count' | 'all' | 'actions'>
  readonly by: RowSelection
  readonly isWholePage: boolean
}) {
  const isEmpty = by.ids.length === 0
  return (
    <div className="bulk-bar" data-empty={isEmpty || undefined}>
      <p role="status">{isEmpty ? texts.selectSays : by.isAll ? all : texts.selected(count(by.ids.length))}</p>
      {!isEmpty && (
        <div className="bulk-actions">
          {all !== undefined && isWholePage && !by.isAll && <Button onClick={by.setAll}>{texts.selectAll(all)}</Button>}
          {actions(by)}
          <Button onClick={by.clear}>{texts.selectNone}</Button>
        </div>
      )}
    </div>
  )
}
