import fc from 'fast-check'
import { expect, test } from 'vitest'
import { limits } from '../../src/model/limits.ts'
import { foldName, nameTokens, searchPrefixes } from '../../src/model/name-token.ts'

/** Whether a search finds a name, as the statements compare them. */
function finds(search: string, name: string): boolean {
  const tokens = nameTokens('identity', name)
  const prefixes = searchPrefixes(search)
  return prefixes.length > 0 && prefixes.every((prefix) => tokens.some((token) => token.startsWith(prefix)))
}

test.each([
  ['any word, in any case', 'Ada Lovelace', ['ada', 'LOVE', 'love ad', 'Lovelace, Ada'], ['velace', 'ada x', 'adaa']],
  ['accents', 'José Núñez', ['jose', 'JOSÉ', 'nun', 'núñ'], ['jo nux']],
  ['combining marks', 'Jose\u0301', ['josé', 'jose'], []],
  ['Turkish', 'Işıl İnönü', ['ışıl', 'Isil', 'IŞIL', 'inönü', 'İNÖ', 'inonu'], []],
  ['German', 'Strauß Müller', ['strauss', 'STRAUSS', 'STRAUẞ', 'strauß', 'muller', 'MÜL'], ['strauz']],
  ['Greek', 'Ὀδυσσεύς Παπαδόπουλος', ['οδυσσευς', 'ΟΔΥΣΣΕΎΣ', 'παπαδ'], []],
  ['Polish, Danish, Icelandic', 'Łukasz Øre Þór Æsir', ['lukasz', 'ore', 'thor', 'aes', 'ŁUK'], []],
  ['Cyrillic', 'Фёдор Достоевский', ['федор', 'ДОСТО', 'фёдор'], []],
  ['Vietnamese', 'Nguyễn Thị Đào', ['nguyen', 'thi dao', 'Đào'], []],
  ['Arabic', 'مُحَمَّد أحمد', ['محمد', 'احمد', 'أح'], []],
  ['Hebrew', 'שָׁלוֹם', ['שלום', 'שלו'], []],
  ['Han', '山田太郎', ['山', '太', '郎', '山田', '田太郎', '太郎 山田'], ['山太', '郎太']],
  ['kana, wide and narrow', 'ヤマダ たろう ｻﾄｳ', ['ヤマ', 'マダ', 'ろう', 'サトウ', 'ｻﾄ'], ['ヤダ']],
  ['Hangul', '김철수', ['김', '철수', '김철', '김철수'], ['김수']],
  ['Thai', 'สมชาย', ['สม', 'ชาย'], ['สย']],
  ['Devanagari', 'अमिताभ बच्चन', ['अमि', 'बच्चन'], ['अमत']],
  ['width and ligatures', 'Ｆｕｌｌ ﬁne', ['full', 'fine', 'ＦＵ'], []],
  ['emoji', 'Fox 🦊 👨‍👩‍👧 ❤️', ['🦊', 'fox 🦊', '👨‍👩‍👧', '❤'], ['🐻', 'fox 🐻']],
  ['digits and punctuation', "O'Neil-2 (ops)", ['neil', 'o neil', '2', 'ops', "o'n"], ['eil']],
  ['mixed scripts', 'Alice山田', ['ali', '田', 'alice 山田'], ['ice']],
])('%s: names are found by the beginnings of words', (_what, name, found, missed) => {
  expect(found.filter((search) => !finds(search, name))).toEqual([])
  expect(missed.filter((search) => finds(search, name))).toEqual([])
})

test('an identity is found by each of its parts, and one of punctuation as a whole', () => {
  const tokens = nameTokens('ada.lovelace@example.com', null)
  expect(tokens).toEqual(['ada', 'lovelace', 'example', 'com'])
  expect(nameTokens('--_--', null)).toEqual(['--_--'])
  expect(searchPrefixes('--')).toEqual(['--'])
  expect(searchPrefixes(' \u0301 ')).toEqual([])
})

test('what is looked for most narrowly comes first, and what another word says already is left out', () => {
  expect(searchPrefixes('a ada lovelace')).toEqual(['lovelace', 'ada'])
})

/** Letters and marks of many scripts, as people write them. */
const graphemes = [
  ...Array.from('aAeEzZ09ßÄäÖéÉñÑıİIiøØłŁçÇơđĐ'),
  ...Array.from('αΆΣσΩώЁёйЙжЖאבגשابةتمحد'),
  'e\u0301',
  'u\u0308',
  'Ａ',
  'ｶﾞ',
  'ﬁ',
  ...Array.from('山田太郎がギー김철수한'),
  'का',
  'मि',
  'สี',
]

test('each beginning of each word of a name finds it, in either case and every normal form', () => {
  const word = fc.array(fc.constantFrom(...graphemes), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), fc.nat(2), fc.nat(7), (parts, which, length) => {
      const name = parts.map((part) => part.join('')).join(' ')
      const search = parts[which % parts.length]!.slice(0, length + 1).join('')
      const forms = [
        search,
        search.normalize('NFD'),
        search.normalize('NFKC'),
        search.toUpperCase(),
        search.toLowerCase(),
      ]
      expect([name, forms.filter((form) => !finds(form, name))]).toEqual([name, []])
    }),
    { seed: 1, numRuns: 3000 },
  )
})

test('folding twice changes nothing, and what is stored is bounded', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 256 }), (text) => {
      expect(foldName(foldName(text))).toBe(foldName(text))
      const tokens = nameTokens(text || 'x', text.slice(0, 64))
      expect(tokens.length).toBeGreaterThan(0)
      expect(tokens.length).toBeLessThanOrEqual(limits.nameTokens)
      expect(tokens.every((token) => token !== '' && Array.from(token).length <= limits.nameTokenLength)).toBe(true)
    }),
    { seed: 1, numRuns: 2000 },
  )
  for (let code = 1; code < 0x11_0000; code++) {
    const once = foldName(String.fromCodePoint(code))
    if (foldName(once) !== once) throw new Error(`${code.toString(16)}: ${once}`)
  }
  const longest = nameTokens('\ufdfa'.repeat(256), '\ufdfa'.repeat(64))
  expect(longest.every((token) => Buffer.byteLength(token) <= 256)).toBe(true)
})
