import { expect, test } from 'vitest'
import { namedIn, namedPieces, namingAt } from '../src/lib/mentions.ts'

const names = [
  { name: 'Ann', key: 'ann' },
  { name: 'Ann Lee', key: 'lee' },
  { name: 'channel', key: '' },
]
const marked = (text: string) =>
  namedPieces(text, names)
    .map(({ text: piece, key }) => (key === undefined ? piece : `[${piece}]`))
    .join('')

test('the longest name counts, whole words alone, whatever its case', () => {
  expect(marked('@Ann, @ann lee! (@Ann) @Anna a@Ann.example @channel @Ann')).toBe(
    '[@Ann], [@ann lee]! ([@Ann]) @Anna a@Ann.example [@channel] [@Ann]',
  )
  expect([...namedIn('@Ann and @Ann Lee and @Ann', names)]).toEqual(['ann', 'lee'])
  expect(namedPieces('@nobody', names)).toEqual([{ text: '@nobody' }])
  expect(namedPieces('@Ann', [])).toEqual([{ text: '@Ann' }])
})

test('a name is being typed behind an @ that begins a word, with one space at most', () => {
  expect(namingAt('hello @an', 9)).toEqual({ at: 6, query: 'an' })
  expect(namingAt('@', 1)).toEqual({ at: 0, query: '' })
  expect(namingAt('@Ann Le later', 7)).toEqual({ at: 0, query: 'Ann Le' })
  for (const text of ['a@b', '@Ann ', '@a b c', '@@a', 'no', '@a\nb']) expect(namingAt(text, text.length)).toBeNull()
})

test('the longest message that there is takes no time', () => {
  const begun = performance.now()
  const many = Array.from({ length: 100 }, (_, at) => ({ name: `a${'b'.repeat(at)}`, key: `${at}` }))
  for (const text of ['@'.repeat(32_000), '@abbb'.repeat(6000)]) namedPieces(text, many)
  expect(performance.now() - begun).toBeLessThan(1000)
})
