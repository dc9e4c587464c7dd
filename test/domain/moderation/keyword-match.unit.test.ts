import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import {
  MatchedText,
  PreparedRules,
  evaluateRules,
  compilePattern,
  type RuleOutcome,
} from '../../../src/domain/moderation/keyword-match.ts'
import { BudgetExceeded } from '../../../src/domain/moderation/pacer.ts'
import type { KeywordAction, KeywordRule } from '../../../src/model/keyword-rule.ts'
import { newSid, type KeywordRuleId } from '../../../src/model/sid.ts'

function rule(action: KeywordAction, words: string[], pattern: string | null = null): KeywordRule {
  return { id: newSid('KR'), name: 'rule', words, pattern, action }
}

const mask = async (text: string, words: string[], pattern: string | null = null): Promise<string> =>
  (await evaluateRules([rule('mask', words, pattern)], text)).body

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
])('%s is masked by words', async (text, words, masked) => {
  expect(await mask(text, words)).toBe(masked)
})

test.each([
  ['call 555-1234 or 555-9999', String.raw`\d{3}-\d{4}`, 'call ******** or ********'],
  ['FREEEE Money', 'fr[e3]{2,} ?money', '************'],
  ['🦉🦉x', '🦉+', '**x'],
  ['aXb', '(?-i)x', 'aXb'],
  // Larger than what is accepted today.
  ['aax', '.{0,1000}x', '***'],
])('%s is masked by a pattern', async (text, pattern, masked) => {
  expect(await mask(text, [], pattern)).toBe(masked)
})

test('matches that overlap are masked once', async () => {
  expect(await mask('one two three', ['one two', 'two three'], 'wo th')).toBe('*************')
})

test('rules act in their turn: the first refusal ends it, a masked word is not seen any more', async () => {
  const rules = [rule('mask', ['darn']), rule('flag', ['owl']), rule('refuse', ['darn']), rule('refuse', ['worst'])]
  expect(await evaluateRules(rules, 'darn owl')).toEqual({
    refusedBy: undefined,
    body: '**** owl',
    flaggedBy: [rules[1]],
  })
  expect((await evaluateRules(rules, 'worst owl')).refusedBy).toBe(rules[3])
  expect(await evaluateRules(rules, 'nothing')).toEqual({ refusedBy: undefined, body: 'nothing', flaggedBy: [] })
})

test('no pattern backtracks', async () => {
  const patterns = ['(a+)+b', '(a|a)*b', '(a*)*c', '([a-z]+)*d', 'a{1,250}b']
  const rules = await PreparedRules.of(patterns.map((pattern) => ({ words: [], pattern })))
  const text = new MatchedText(rules, 'a'.repeat(32 * 1024))
  // With backtracking there would not be time enough.
  expect(patterns.filter((_, ruleIndex) => text.matches(ruleIndex))).toEqual([])
})

test('a mask that would take minutes is given up, and others have their turn meanwhile', async () => {
  let turns = 0
  const count = setInterval(() => turns++, 1)
  // Every match has to look at all of the rest.
  await expect(mask('a'.repeat(32 * 1024), [], '.*b|a')).rejects.toThrow(BudgetExceeded)
  clearInterval(count)
  expect(turns).toBeGreaterThan(10)
})

test('others have their turn while the words of rules are prepared', async () => {
  let turns = 0
  const count = setInterval(() => turns++, 1)
  const words = Array.from({ length: 100_000 }, (_, at) => `word ${at}`)
  await PreparedRules.of([{ words, pattern: null }])
  clearInterval(count)
  expect(turns).toBeGreaterThan(5)
})

test('a mask takes away nothing but what matches, and leaves no word of it', async () => {
  const words = fc.array(fc.constantFrom('darn', 'owl', 'two words', '坏话'), { minLength: 1 })
  const pieces = fc.array(fc.constantFrom('darn', 'Owl', 'two', 'words', ' ', ', ', '坏', '话', '坏话', '🦉', 'x', '-'))
  await fc.assert(
    fc.asyncProperty(words, pieces, async (given, parts) => {
      const text = parts.join('')
      const masked = await mask(text, given)
      expect(Array.from(masked)).toHaveLength(Array.from(text).length)
      Array.from(masked).forEach((character, at) => expect(['*', Array.from(text)[at]]).toContain(character))
      // Words in a row may only now follow on one another.
      const single = given.filter((word) => word !== 'two words')
      const rules = await PreparedRules.of([{ words: single, pattern: null }])
      expect(new MatchedText(rules, masked).matches(0)).toBe(false)
    }),
  )
})

/** What rules make of a text, word by word and place by place. */
function applyPlainly(rules: readonly KeywordRule[], body: string): RuleOutcome {
  const unspaced = /[\p{Script=Han}\p{Script=Thai}]/v
  const token = /[\p{Script=Han}\p{Script=Thai}]+|[[\p{L}\p{M}\p{N}\p{Cf}_]--[\p{Script=Han}\p{Script=Thai}]]+/gv
  const tokensIn = (text: string) =>
    [...text.matchAll(token)]
      .map(({ 0: written, index }) => ({
        word: written
          .normalize('NFKC')
          .replace(/\p{Cf}/gu, '')
          .toLowerCase(),
        start: index,
        end: index + written.length,
      }))
      .filter(({ word }) => word !== '')
  const rangesOf = ({ words, pattern }: KeywordRule, text: string) => {
    const tokens = tokensIn(text)
    const ranges: (readonly [number, number])[] = []
    for (const word of words) {
      if (unspaced.test(word)) {
        for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) {
          ranges.push([at, at + word.length])
        }
        continue
      }
      const phrase = tokensIn(word)
      tokens.forEach(({ start }, at) => {
        const last = tokens[at + phrase.length - 1]
        if (phrase.length === 0 || !last) return
        if (phrase.every((part, next) => tokens[at + next]!.word === part.word)) ranges.push([start, last.end])
      })
    }
    const matcher = pattern === null ? undefined : compilePattern(pattern).matcher(text)
    while (matcher?.find()) ranges.push([matcher.start(), matcher.end()])
    return ranges
  }
  let text = body
  const flaggedBy: KeywordRule[] = []
  for (const given of rules) {
    const ranges = rangesOf(given, text)
    if (ranges.length === 0) continue
    if (given.action === 'refuse') return { refusedBy: given, body, flaggedBy }
    if (given.action === 'flag') flaggedBy.push(given)
    else {
      let at = 0
      text = Array.from(text, (character) => {
        const isHit = ranges.some(([start, end]) => start <= at && at < end)
        at += character.length
        return isHit ? '*' : character
      }).join('')
    }
  }
  return { refusedBy: undefined, body: text, flaggedBy }
}

test('however they are found, rules make of a text what they make of it word by word', async () => {
  const pieces = [
    'a',
    'a ',
    'B',
    'b ',
    ' ',
    '-',
    '_',
    'c',
    'ﬁ',
    'é',
    'e\u0301',
    '\u200B',
    '🦉',
    '坏',
    '话',
    '坏坏',
    'ก',
    '*',
  ]
  const textOf = (maxLength: number) =>
    fc.array(fc.constantFrom(...pieces), { maxLength, size: 'max' }).map((parts) => parts.join(''))
  let count = 0
  const someRule = fc
    .record({
      words: fc.uniqueArray(textOf(5), { maxLength: 6 }),
      pattern: fc.option(fc.constantFrom('a+', 'b.', '坏a?', '[🦉c]', ' -'), { freq: 4 }),
      action: fc.constantFrom<KeywordAction>('mask', 'mask', 'flag', 'refuse'),
    })
    .map((given): KeywordRule => ({ ...given, id: `KR${count++}` as KeywordRuleId, name: 'rule' }))
  const outcomes = { refused: 0, flagged: 0, masked: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(someRule, { maxLength: 6 }), textOf(40), async (rules, text) => {
      const outcome = await evaluateRules(rules, text)
      expect(outcome).toEqual(applyPlainly(rules, text))
      if (outcome.refusedBy) outcomes.refused++
      if (outcome.flaggedBy.length > 0) outcomes.flagged++
      if (outcome.body !== text) outcomes.masked++
    }),
    { numRuns: 5000 },
  )
  // The rules have something to do.
  for (const times of Object.values(outcomes)) expect(times).toBeGreaterThan(300)
})

test('a text is looked at as often, however many the words are', async () => {
  const phrases = (count: number, length: number) =>
    Array.from({ length: count }, (_, at) => ['same', ...Array.from(`${at}`.padStart(length - 1, '0'))].join(' '))
  const fragments = (count: number) => Array.from({ length: count }, (_, at) => `坏${`${at}`.padStart(4, '0')}`)
  const lookUps = async (words: string[], ruleCount: number, text: string) => {
    const rules = await PreparedRules.of(Array.from({ length: ruleCount }, () => ({ words, pattern: null })))
    const get = vi.spyOn(Map.prototype, 'get')
    try {
      const matched = new MatchedText(rules, text)
      for (let ruleIndex = 0; ruleIndex < ruleCount; ruleIndex++) matched.matches(ruleIndex)
      return get.mock.calls.length
    } finally {
      get.mockRestore()
    }
  }
  const text = 'same 0 0 0 5 坏0009 '
  const few = await lookUps([...phrases(10, 5), ...fragments(10)], 1, text.repeat(100))
  const many = [...phrases(1000, 5), ...fragments(1000)]
  expect(await lookUps(many, 100, text.repeat(100))).toBeLessThanOrEqual(2 * few)
  expect(await lookUps(many, 100, text.repeat(400))).toBeLessThanOrEqual(4 * 2 * few)
})
