import { formatWhole } from '../../lib/format.ts'
import { kitTexts as texts } from '../texts/en/kit.ts'
import { useNow } from './use-now.ts'

/** A point in time as it is from now, such as `3 min ago` and `in 2 h`; its title has all of it. Null is shown as `never`, or as `none` says. */
export function When({ at, none = texts.never }: { readonly at: string | null | undefined; readonly none?: string }) {
  const now = useNow()
  if (at == null) return <span className="none">{none}</span>
  const date = new Date(at)
  return (
    <time dateTime={at} title={formatWhole(date)}>
      {relative(date.getTime() - now)}
    </time>
  )
}

const skewMs = 10_000

const units = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const
const format = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'narrow' })

/** `just now`, `3min ago`, `in 2h`. */
function relative(ms: number): string {
  for (const [unit, length] of units) {
    if (Math.abs(ms) >= length) return format.format(Math.trunc(ms / length), unit)
  }
  // The clocks of the server and the browser differ, and the time that is shown is up to five seconds old.
  return ms > skewMs ? texts.inAMoment : texts.justNow
}

/** The same with the whole of it below, where one has to know the minute. */
export function Moment({ at }: { readonly at: string }) {
  return (
    <>
      <When at={at} />
      <p className="fact-says">{formatWhole(new Date(at))}</p>
    </>
  )
}
