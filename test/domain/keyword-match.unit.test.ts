import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MatchedText, applyRules } from '../../src/domain/keyword-match.ts'
import type { KeywordAction, KeywordRule } from '../../src/model/keyword-rule.ts'

function rule(action: KeywordAction, words: string[], pattern: string | null = null): KeywordRule {
  return { id: `KR${words.join()}${pattern}`, name: 'rule', words, pattern, action }
}

const mask = (text: string, words: string[], pattern: string | null = null): string =>
  applyRules([rule('mask', words, pattern)], text).body

test.each([
  ['Such a Darn owl', ['darn'], 'Such a **** owl'],
  ['darned darn, undarn', ['darn'], 'darned ****, undarn'],
  ['DARN_it darn-it', ['darn'], 'DARN_it ****-it'],
  ['ｄａｒｎ and ﬁne', ['darn', 'fine'], '**** and ***'],
  ['two  words, two; words and two', ['two words'], '**********, ********** and two'],
  ['Ärger und ärger', ['ÄRGER'], '***** und *****'],
  ['e\u0301clair', ['éclair'], '*******'],
  ['da\u200Brn d\u00ADarn', ['darn'], '***** *****'],
  ['two 👩‍👩 words', ['two words'], '*'.repeat(13)],
  ['坏话Owl owl坏', ['owl', '坏话'], '***** ***坏'],
  ['two 坏 words', ['two words'], 'two 坏 words'],
  ['这是坏话吗', ['坏话'], '这是**吗'],
  ['🦉 darn 🦉', ['darn'], '🦉 **** 🦉'],
  ['constructor toString __proto__', ['constructor'], '*********** toString __proto__'],
  ['two坏话words', ['two words', '坏话'], 'two**words'],
  ['nothing here', ['darn'], 'nothing here'],
])('%s is masked by words', (text, words, masked) => {
  expect(mask(text, words)).toBe(masked)
})

test.each([
  ['call 555-1234 or 555-9999', String.raw`\d{3}-\d{4}`, 'call ******** or ********'],
  ['FREEEE Money', 'fr[e3]{2,} ?money', '************'],
  ['🦉🦉x', '🦉+', '**x'],
  ['aXb', '(?-i)x', 'aXb'],
])('%s is masked by a pattern', (text, pattern, masked) => {
  expect(mask(text, [], pattern)).toBe(masked)
})

test('matches that overlap are masked once', () => {
  expect(mask('one two three', ['one two', 'two three'], 'wo th')).toBe('*************')
})

test('rules act in their turn: the first refusal ends it, a masked word is not seen any more', () => {
  const rules = [rule('mask', ['darn']), rule('flag', ['owl']), rule('refuse', ['darn']), rule('refuse', ['worst'])]
  expect(applyRules(rules, 'darn owl')).toEqual({ refusedBy: undefined, body: '**** owl', flaggedBy: [rules[1]] })
  expect(applyRules(rules, 'worst owl').refusedBy).toBe(rules[3])
  expect(applyRules(rules, 'nothing')).toEqual({ refusedBy: undefined, body: 'nothing', flaggedBy: [] })
})

test('no pattern takes long, whatever the text', () => {
  const text = new MatchedText('a'.repeat(32 * 1024))
  for (const pattern of ['(a+)+b', '(a|a)*b', '(a*)*c', '([a-z]+)*d', 'a{1,500}b']) {
    const started = performance.now()
    expect(text.matches({ words: [], pattern })).toBe(false)
    // Backtracking would take longer than there is time.
    expect(performance.now() - started).toBeLessThan(5000)
  }
})

test('a mask takes away nothing but what matches, and leaves no word of it', () => {
  const words = fc.array(fc.constantFrom('darn', 'owl', 'two words', '坏话'), { minLength: 1 })
  const pieces = fc.array(fc.constantFrom('darn', 'Owl', 'two', 'words', ' ', ', ', '坏', '话', '坏话', '🦉', 'x', '-'))
  fc.assert(
    fc.property(words, pieces, (given, parts) => {
      const text = parts.join('')
      const masked = mask(text, given)
      expect(Array.from(masked)).toHaveLength(Array.from(text).length)
      Array.from(masked).forEach((character, at) => expect(['*', Array.from(text)[at]]).toContain(character))
      // Words in a row may only now follow on one another.
      const single = given.filter((word) => word !== 'two words')
      expect(new MatchedText(masked).matches({ words: single, pattern: null })).toBe(false)
    }),
  )
})
