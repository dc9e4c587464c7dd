import { expect, test } from 'vitest'
import { spellReaction } from '../../src/model/reaction.ts'

test.each([
  ['❤', '❤️'],
  ['❤︎', '❤️'],
  ['❤️', '❤️'],
  ['👍', '👍'],
  ['👍\ufe0f', '👍'],
  ['1\u20e3', '1️⃣'],
  ['☝', '☝️'],
  ['☝🏽', '☝🏽'],
  ['🏳\u200d🌈', '🏳️‍🌈'],
  ['👩\u200d❤\u200d💋\u200d👨', '👩‍❤️‍💋‍👨'],
  ['👨‍👩‍👧‍👦', '👨‍👩‍👧‍👦'],
  ['🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
  ['🇩🇪', '🇩🇪'],
  ['100', '100'],
  ['+1', '+1'],
  ['thumbs_up', 'thumbs_up'],
  ['e\u0301', 'é'],
])('%j is spelled %j, and so is its spelling', (text, spelled) => {
  expect(spellReaction(text)).toBe(spelled)
  expect(spellReaction(spelled)).toBe(spelled)
})

test.each([
  '',
  ' ',
  'two words',
  '\ufe0f',
  '\u200d',
  '\u0301',
  'a\nb',
  'a\u0007',
  'a\u202eb',
  '\u200b',
  'x\u2060',
  '\ufeff',
])('%j is no reaction', (text) => {
  expect(spellReaction(text)).toBeUndefined()
})
