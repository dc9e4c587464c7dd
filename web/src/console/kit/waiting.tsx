import type { ReactNode } from 'react'
import { formatSince } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { kitTexts as texts } from '../texts/en/kit.ts'
import type { RequestError } from './request.ts'
import type { Data } from './use-data.ts'
import { useNow } from './use-now.ts'
import './waiting.css'

/**
 * Shows what was read, or in its room that it is being read, that it is not there, or why it could not be read. What was read once stays
 * when a later attempt fails: `Age` says how old it is.
 */
export function Loaded<Result>({
  from,
  height,
  children,
}: {
  readonly from: Data<Result>
  /** The room it takes, such as `12rem`, so that nothing jumps when it comes. */
  readonly height?: string
  readonly children: (data: Result) => ReactNode
}) {
  if (from.data !== undefined) return children(from.data)
  return (
    <div style={{ minHeight: height }}>
      {from.error ? <Failed error={from.error} onRetry={from.reload} /> : <p className="waiting">{texts.loading}</p>}
    </div>
  )
}

/** Why something could not be read, and that one may try again. */
export function Failed({ error, onRetry }: { readonly error: RequestError; readonly onRetry: () => void }) {
  return <Stuck says={error.message} way={texts.tryAgain} onWay={onRetry} />
}

/** What stands in the way, and what to do about it. */
export function Stuck({
  says,
  way,
  onWay,
}: {
  readonly says: string
  readonly way: string
  readonly onWay: () => void
}) {
  return (
    <div className="failed" role="alert">
      <p>{says}</p>
      <Button onClick={onWay}>{way}</Button>
    </div>
  )
}

/** Nothing to show, in words, with what one can do about it. */
export function Nothing({ children }: { readonly children: ReactNode }) {
  return <div className="nothing">{children}</div>
}

/** Where the last attempt to read has failed: how old it is what is shown. */
export function Age({ of: { data, error, readAt } }: { readonly of: Data<unknown> }) {
  const now = useNow()
  if (!error || data === undefined) return null
  return (
    <span className="age" role="status">
      {texts.asOf(formatSince(now - readAt))}
    </span>
  )
}

/** What is wrong with an input as a whole. */
export function Problem({ error }: { readonly error: RequestError | null }) {
  if (!error) return null
  return (
    <p className="problem" role="alert">
      {error.message}
    </p>
  )
}
