import { useId } from 'react'
import { placeParams } from './filters.tsx'
import { useUrl } from './url.ts'
import './time-filter.css'

/** A filter by a point in time, in the time zone of the browser; its parameter has it as the API takes it. */
export function TimeFilter({ name, label }: { readonly name: string; readonly label: string }) {
  const id = useId()
  const url = useUrl()
  return (
    <div className="filter">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        data-filter
        className="time-filter"
        value={toLocal(url.get(name))}
        onChange={({ target: { value } }) => url.set({ ...placeParams, [name]: toIso(value) }, { replace: true })}
      />
    </div>
  )
}

/** What an input of the type datetime-local takes: without a time zone, to the minute. */
export function toLocal(iso: string | undefined): string {
  const at = iso === undefined ? Number.NaN : Date.parse(iso)
  if (Number.isNaN(at)) return ''
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** The reverse; null for what is no time. */
export function toIso(local: string): string | null {
  const at = Date.parse(local)
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}
