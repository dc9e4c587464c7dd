export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

/** A table in Markdown; the first row is its header. */
export function table([header, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  return [header!, header!.map(() => '---'), ...rows].map(line).join('')
}

interface Bar {
  readonly name: string
  readonly value: number
  readonly dark: number
}

/** A bar chart as SVG. */
export function chart(title: string, bars: readonly Bar[]): string {
  const scale = 480 / Math.max(...bars.map(({ value }) => value))
  const shapes = bars.map(({ name, value, dark }, at) => {
    const y = 40 + at * 34
    const bar = (width: number, color: string): string =>
      `<rect x="120" y="${y}" width="${(width * scale).toFixed(1)}" height="22" fill="${color}"/>`
    return (
      `<text x="110" y="${y + 16}" text-anchor="end">${name}</text>${bar(value, '#9bb8d3')}${bar(dark, '#2f6690')}` +
      `<text x="${(126 + value * scale).toFixed(1)}" y="${y + 16}">${value.toFixed(1)}</text>`
    )
  })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="700" height="${60 + bars.length * 34}" font-family="sans-serif" font-size="13">` +
    `<rect width="100%" height="100%" fill="white"/><text x="12" y="22" font-weight="bold">${title}</text>${shapes.join('')}</svg>\n`
  )
}
