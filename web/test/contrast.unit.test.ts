import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Both themes of each colour in `tokens.css`. */
const colors = new Map(
  [
    ...readFileSync(new URL('../src/style/tokens.css', import.meta.url), 'utf8').matchAll(
      /--([a-z0-9-]+): (?:light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)|(#[0-9a-f]{6}));/g,
    ),
  ].map(
    ([, name = '', light, dark, both]) => [name, { light: light ?? both ?? '', dark: dark ?? both ?? '' }] as const,
  ),
)
const people = [...colors.keys()].filter((name) => /^person-\d$/.test(name))
const grounds = ['ground', 'surface', 'sunken']

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** As WCAG 2 defines it: from 1 to 21. */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/** What is written in a colour, and on which. */
const texts: readonly (readonly [string, string])[] = [
  ...['ink', 'muted', 'faint', 'accent', 'warn'].flatMap((text) => grounds.map((ground) => [text, ground] as const)),
  ['ink', 'accent-soft'],
  ['muted', 'accent-soft'],
  ['faint', 'accent-soft'],
  ['accent', 'accent-soft'],
  ['warn', 'warn-soft'],
  ['accent-ink', 'accent'],
  ['muted', 'line'],
  ['ground', 'ink'],
  ...people.map((person) => ['person-ink', person] as const),
]

/** What one has to see to use or to understand something. */
const controls: readonly (readonly [string, string])[] = [
  ...['control', 'live', 'accent', 'faint'].flatMap((color) => grounds.map((ground) => [color, ground] as const)),
  ['knob', 'live'],
  ['knob', 'control'],
]

test('every colour that is compared is there', () => {
  expect(people).toHaveLength(8)
  expect([...texts, ...controls].flat().filter((name) => !colors.has(name))).toEqual([])
})

for (const theme of ['light', 'dark'] as const) {
  const of = (name: string): string => colors.get(name)?.[theme] ?? '#000000'

  test.for(texts)(`text %s on %s has a contrast of 4.5, ${theme}`, ([text, ground]) => {
    expect(contrast(of(text), of(ground))).toBeGreaterThanOrEqual(4.5)
  })

  test.for(controls)(`%s on %s has a contrast of 3, ${theme}`, ([control, ground]) => {
    expect(contrast(of(control), of(ground))).toBeGreaterThanOrEqual(3)
  })
}
