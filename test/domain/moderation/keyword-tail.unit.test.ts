import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluateRules } from '../../../src/domain/moderation/keyword-match.ts'
import { decideSoFar } from '../../../src/domain/moderation/keyword-tail.ts'
import type { KeywordRule } from '../../../src/model/keyword-rule.ts'
import { newSid } from '../../../src/model/sid.ts'

const rule = (action: KeywordRule['action'], ...words: string[]): KeywordRule => ({
  id: newSid('KR'),
  name: action,
  action,
  words,
  pattern: null,
})

const maskings = [
  [rule('mask', 'darn owl', 'a b c', 'é'), rule('mask', 'owl a')],
  [rule('mask', '猫头鹰', 'darn owl', '鹰a')],
  [rule('mask', 'owl')],
]

const part = fc.constantFrom(
  'darn',
  'owl',
  'a',
  'b',
  'c',
  ' ',
  ', ',
  '🦉',
  '猫',
  '头',
  '鹰',
  'e',
  '\u0301',
  '\u200b',
  'dar',
)

test('what is shown of a text that goes on is the beginning of what is shown of the whole', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...maskings), fc.array(part, { maxLength: 14 }), async (masking, parts) => {
      const whole = (await evaluateRules(masking, parts.join(''))).body
      for (let count = 0; count <= parts.length; count++) {
        const decided = await decideSoFar(masking, parts.slice(0, count).join(''))
        expect(whole.startsWith(decided!.visible)).toBe(true)
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 500) },
  )
})

test('a word that a rule refuses is refused once it is complete, and never shown', async () => {
  const refusing = [rule('refuse', 'forbidden')]
  expect(await decideSoFar(refusing, 'this is forbidde')).toEqual({ visible: 'this is ', isRefused: false })
  expect(await decideSoFar(refusing, 'this is forbidden')).toEqual({ visible: 'this is ', isRefused: false })
  expect(await decideSoFar(refusing, 'this is forbidden!')).toMatchObject({ isRefused: true })
  expect(await decideSoFar(refusing, 'this is unforbidden.')).toEqual({
    visible: 'this is unforbidden.',
    isRefused: false,
  })
})

test('what is held back has a bound', async () => {
  const { visible } = (await decideSoFar(maskings[0]!, `owl ${'x'.repeat(5000)}`))!
  expect(visible.length).toBe(3 + 1 + 5000 - 256)
})
