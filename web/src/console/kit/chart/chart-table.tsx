import { formatTime } from '../../../lib/format.ts'
import { kitTexts as texts } from '../../texts/en/kit.ts'
import type { ChartProps } from './chart.tsx'
import './chart.css'

/** What charts that share their times show, as a table: a row for each time, the latest first. */
export function ChartTable({
  label,
  charts,
}: {
  readonly label: string
  readonly charts: readonly Pick<ChartProps, 'title' | 'unit' | 'times' | 'whole' | 'format'>[]
}) {
  const times = charts[0]?.times ?? []
  return (
    <div className="chart-table" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">{texts.chart.time}</th>
            {charts.map(({ title, unit }) => (
              <th key={title} scope="col">
                {title}
                <span>{unit}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times
            .map((time, at) => (
              <tr key={time}>
                <th scope="row">{formatTime(new Date(time * 1000))}</th>
                {charts.map(({ title, whole, format }) => {
                  const value = whole.values[at] ?? null
                  return <td key={title}>{value === null ? texts.chart.unknown : format(value)}</td>
                })}
              </tr>
            ))
            .toReversed()}
        </tbody>
      </table>
    </div>
  )
}
