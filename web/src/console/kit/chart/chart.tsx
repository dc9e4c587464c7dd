import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import { formatTime } from '../../../lib/format.ts'
import { kitTexts as texts } from '../../texts/en/kit.ts'
import type { Line } from './line.ts'
import type { Plot, PlotData } from './plot.ts'
import './chart.css'

export interface ChartProps {
  readonly title: string
  /** Such as `per second`. */
  readonly unit: string
  /** In seconds since 1970. */
  readonly times: readonly number[]
  /** What the chart is about: the sum of its parts, or the highest of them. */
  readonly whole: Line
  /** Thin lines behind it. One alone is the whole, and is left out. */
  readonly parts?: readonly Line[]
  /** A value that is never exceeded: a dashed line. */
  readonly limit?: number | undefined
  readonly format: (value: number) => string
  /** Which of the times is read, the same for all charts that stand together; null for the latest. */
  readonly at: number | null
  readonly onAt: (at: number | null) => void
}

const none: readonly Line[] = []

/**
 * A chart of 120 px that says its unit and its value. The pointer, or ← and → while it has the focus, reads the same minute on all charts that
 * share `at`. A screen reader gets a sentence; all of it belongs in a table beside (`ChartTable`).
 */
export function Chart({ title, unit, times, whole, parts = none, limit, format, at, onAt }: ChartProps) {
  const id = useId()
  const shown = parts.length > 1 ? parts : none
  const place = at ?? lastKnown(whole.values)
  const value = place === null ? null : (whole.values[place] ?? null)
  const highest = place === null ? undefined : highestAt(shown, place)
  const box = usePlot({ times, parts: shown, whole, limit }, format, at, onAt)
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    onAt(Math.min(Math.max((at ?? times.length - 1) + step, 0), times.length - 1))
  }
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption className="chart-caption">
        <span className="chart-title" id={id}>
          {title}
        </span>
        <span className="chart-unit">{unit}</span>
        <span className="chart-value">
          {value === null ? texts.chart.unknown : format(value)}
          {at !== null && <span className="chart-time">{formatTime(new Date(times[at]! * 1000))}</span>}
        </span>
        <span className="chart-most">{highest ? texts.chart.most(highest.name, format(highest.value)) : '\u00a0'}</span>
      </figcaption>
      <div
        className="chart-plot"
        ref={box}
        role="img"
        aria-label={summaryOf(title, unit, whole, times, format)}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => onAt(null)}
      />
    </figure>
  )
}

/** Loads what draws when the first chart is shown. */
function usePlot(data: PlotData, format: ChartProps['format'], at: number | null, onAt: ChartProps['onAt']) {
  const box = useRef<HTMLDivElement>(null)
  const [plot, setPlot] = useState<Plot>()
  // What is made once uses what is given last.
  const latest = useRef({ format, onAt })
  latest.current = { format, onAt }
  useEffect(() => {
    let isGone = false
    let made: Plot | undefined
    void import('./plot.ts').then(({ createPlot }) => {
      if (isGone || !box.current) return
      made = createPlot(box.current, {
        format: (value) => latest.current.format(value),
        onAt: (place) => latest.current.onAt(place),
      })
      setPlot(made)
    })
    return () => {
      isGone = true
      made?.destroy()
    }
  }, [])
  const { times, parts, whole, limit } = data
  useEffect(() => plot?.draw({ times, parts, whole, limit }), [plot, times, parts, whole, limit])
  useEffect(() => plot?.point(at), [plot, at])
  return box
}

function lastKnown(values: Line['values']): number | null {
  const at = values.findLastIndex((value) => value !== null)
  return at < 0 ? null : at
}

function highestAt(parts: readonly Line[], at: number): { readonly name: string; readonly value: number } | undefined {
  let found: { readonly name: string; readonly value: number } | undefined
  for (const { name, values } of parts) {
    const value = values[at] ?? null
    if (value !== null && value > 0 && (!found || value > found.value)) found = { name, value }
  }
  return found
}

function summaryOf(
  title: string,
  unit: string,
  { values }: Line,
  times: readonly number[],
  format: (value: number) => string,
): string {
  const last = lastKnown(values)
  if (last === null) return `${title}, ${unit}: ${texts.chart.unknown}`
  const top = values.reduce<number>((best, value, at) => ((value ?? -1) > (values[best] ?? -1) ? at : best), last)
  const time = formatTime(new Date(times[top]! * 1000))
  return texts.chart.summary(title, unit, format(values[last]!), format(values[top]!), time)
}
