import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { formatTime } from '../../../lib/format.ts'
import type { Line } from './line.ts'

/** What a chart draws. Times are in seconds since 1970. */
export interface PlotData {
  readonly times: readonly number[]
  readonly parts: readonly Line[]
  readonly whole: Line
  /** A value that is never exceeded, such as the size of a pool. */
  readonly limit: number | undefined
}

interface PlotOptions {
  readonly format: (value: number) => string
  /** Called with the place of the pointer among the times; null when it has left. */
  readonly onAt: (at: number | null) => void
}

export interface Plot {
  draw(data: PlotData): void
  /** Moves the line of the crosshair. */
  point(at: number | null): void
  destroy(): void
}

/** Sizes where the text is of 16 pixels: a canvas knows no rem. */
const sizes = { height: 120, font: 12, below: 20, beside: 46, space: 34 }

/** Colours as the theme has them now: a canvas knows no custom properties. */
class Colours {
  readonly #probe = document.createElement('span')

  constructor(parent: HTMLElement) {
    this.#probe.hidden = true
    parent.append(this.#probe)
  }

  of(name: string): string {
    this.#probe.style.color = `var(--${name})`
    return getComputedStyle(this.#probe).color
  }
}

/** Draws a chart into an element, as wide as that is. */
export function createPlot(parent: HTMLElement, { format, onAt }: PlotOptions): Plot {
  const colours = new Colours(parent)
  let plot: UPlot | undefined
  let shape = ''

  const scale = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16
  const height = sizes.height * scale
  const font = `${sizes.font * scale}px "Inter Variable", Inter, system-ui, sans-serif`
  const axis = { font, stroke: () => colours.of('muted'), ticks: { show: false } } satisfies UPlot.Axis
  const grid = { stroke: () => colours.of('line'), width: 1 }
  const make = (data: PlotData): UPlot => {
    const line = (name: string, width: number): UPlot.Series => ({
      stroke: () => colours.of(name),
      width,
      points: { show: false },
    })
    return new UPlot(
      {
        width: parent.clientWidth,
        height,
        padding: [6, 0, 0, 0],
        legend: { show: false },
        cursor: { x: true, y: false, points: { show: false }, drag: { x: false, y: false } },
        scales: { x: { time: true }, y: { range: (_plot, _min, max) => [0, nice(Math.max(max, data.limit ?? 0))] } },
        axes: [
          {
            ...axis,
            size: sizes.below * scale,
            gap: 4,
            space: 64 * scale,
            grid: { show: false },
            values: (_plot, at) => at.map(timeWord),
          },
          {
            ...axis,
            size: sizes.beside * scale,
            gap: 6,
            space: sizes.space * scale,
            grid,
            values: (_plot, values) => values.map(format),
          },
        ],
        series: [
          {},
          ...data.parts.map(() => line('control', 1)),
          line('ink', 1.5),
          ...(data.limit === undefined ? [] : [{ ...line('control', 1), dash: [4, 4] }]),
        ],
        hooks: { setCursor: [({ cursor }) => onAt(cursor.idx ?? null)] },
      },
      columnsOf(data),
      parent,
    )
  }
  const resized = new ResizeObserver(() => plot?.setSize({ width: parent.clientWidth, height }))
  resized.observe(parent)
  const redraw = (): void => plot?.redraw(false)
  const themes = [matchMedia('(prefers-color-scheme: dark)'), matchMedia('(forced-colors: active)')]
  for (const theme of themes) theme.addEventListener('change', redraw)
  const chosen = new MutationObserver(redraw)
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })

  return {
    draw(data) {
      const next = `${data.parts.length} ${data.limit === undefined}`
      if (plot && next === shape) return plot.setData(columnsOf(data))
      shape = next
      plot?.destroy()
      plot = make(data)
    },
    point(at) {
      if (!plot || at === (plot.cursor.idx ?? null)) return
      const time = at === null ? undefined : plot.data[0][at]
      const left = time === undefined ? -10 : plot.valToPos(time, 'x')
      plot.setCursor({ left, top: time === undefined ? -10 : 0 }, false)
    },
    destroy() {
      resized.disconnect()
      chosen.disconnect()
      for (const theme of themes) theme.removeEventListener('change', redraw)
      plot?.destroy()
    },
  }
}

const timeWord = (seconds: number): string => formatTime(new Date(seconds * 1000))

function columnsOf({ times, parts, whole, limit }: PlotData): UPlot.AlignedData {
  return [
    [...times],
    ...parts.map(({ values }) => [...values]),
    [...whole.values],
    ...(limit === undefined ? [] : [times.map(() => limit)]),
  ] as UPlot.AlignedData
}

/** The end of the axis: room above the line, and a number that one reads at a glance. */
function nice(max: number): number {
  if (!(max > 0)) return 1
  const unit = 10 ** Math.floor(Math.log10(max * 1.05))
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((step) => step * unit).find((end) => end >= max * 1.05) ?? 10 * unit
}
