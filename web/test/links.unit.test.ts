import { expect, test } from 'vitest'
import { pieces } from '../src/lib/links.ts'

const hrefs = (text: string) => pieces(text).flatMap(({ href }) => href ?? [])
const whole = (text: string) =>
  pieces(text)
    .map(({ text: piece }) => piece)
    .join('|')

test('a link ends before what ends the sentence, and has the brackets that it opened itself', () => {
  expect(hrefs('see https://a.example/b. (or https://a.example/c_(d)), "https://a.example/e"!')).toEqual([
    'https://a.example/b',
    'https://a.example/c_(d)',
    'https://a.example/e',
  ])
  expect(whole('(https://a.example/(b)…).')).toBe('(|a.example/(b)|…).')
})

test('only addresses of the web are links', () => {
  const text = 'javascript:alert(1) data:text/html,x http://javascript:alert(1) //a.example http://[::1 https://...'
  expect(pieces(text)).toEqual([{ text }])
})

test('the longest message that there is takes no time, whatever it ends with', () => {
  const begun = performance.now()
  for (const end of [
    ')'.repeat(32_000),
    '.'.repeat(32_000),
    '('.repeat(16_000) + ')'.repeat(16_000),
    ').'.repeat(16_000),
  ]) {
    expect(hrefs(`https://a.example/${end}`)).toHaveLength(1)
  }
  expect(performance.now() - begun).toBeLessThan(1000)
})
