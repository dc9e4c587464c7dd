import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonText } from '../../src/model/json-text.ts'
import { RestError } from '../../src/rest/errors.ts'
import {
  flag,
  integer,
  json,
  list,
  oneOf,
  parseForm,
  readParameters,
  required,
  sid,
  text,
} from '../../src/rest/form.ts'

const read = (parameters: Parameters<typeof readParameters>[0], form: string) =>
  readParameters(parameters, parseForm(form), 'post body')

const refusal = (parameters: Parameters<typeof readParameters>[0], form: string): unknown => {
  try {
    return { read: read(parameters, form) }
  } catch (error) {
    if (!(error instanceof RestError)) throw error
    return [error.status, error.code, error.message]
  }
}

test('a name without a sign is null, with one empty, and a name that is not there is absent', () => {
  const parameters = { A: text(''), B: text(''), C: text('') }
  expect(read(parameters, 'A&B=')).toEqual({ A: null, B: '' })
})

test('what URLSearchParams writes is read as it was', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' }))),
      (pairs) => {
        const expected = Object.fromEntries(
          [...Map.groupBy(pairs, ([name]) => name)].map(([name, group]) => [name, group.map(([, value]) => value)]),
        )
        expect(Object.fromEntries(parseForm(new URLSearchParams(pairs).toString()))).toEqual(expected)
      },
    ),
  )
})

/** Undefined where what is escaped is not UTF-8. */
function namesOf(sent: string): readonly string[] | undefined {
  try {
    return [...parseForm(sent).keys()]
  } catch (error) {
    if (error instanceof RestError && error.message === 'Parameters must be UTF-8') return undefined
    throw error
  }
}

test('any text at all is a form, or is no UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (sent) => {
      const names = namesOf(sent) ?? []
      expect(names.every((name) => typeof name === 'string')).toBe(true)
      expect(names.length).toBeLessThanOrEqual(sent.split('&').length)
    }),
  )
})

test.each([
  ['Number=7', { Number: 7 }],
  ['Number=-7', { Number: -7 }],
  ['Number=', { Number: null }],
  ['Flag=true', { Flag: true }],
  ['Flag=False', { Flag: false }],
  ['Json=%7B%22a%22%3A1%7D', { Json: new JsonText('{"a":1}') }],
  ['Json=%201.0', { Json: new JsonText(' 1.0') }],
  ['Json=', { Json: null }],
  ['Word=one', { Word: 'ONE' }],
  ['Word=', {}],
  ['Word', {}],
  ['Words=one&Words=two', { Words: ['ONE', 'TWO'] }],
  ['Words=one&Words=', { Words: ['ONE'] }],
  ['Words=', { Words: [] }],
  ['Sid=rlAB', { Sid: 'rlAB' }],
  [`Sid=rL${'aB'.repeat(16)}`, { Sid: `RL${'ab'.repeat(16)}` }],
  ['Text=first&Text=last', { Text: 'last' }],
  ['Text=%C3%A4%', { Text: 'ä%' }],
  ['Other=1', {}],
])('%s is read as %j', (form, expected) => {
  const words = oneOf('', { one: 'ONE', two: 'TWO' })
  const parameters = {
    Number: integer(''),
    Flag: flag(''),
    Json: json('', 100),
    Word: words,
    Words: list(words),
    Sid: sid('RL', ''),
    Text: text(''),
  }
  expect(read(parameters, form)).toEqual(expected)
})

test('a value that is none names its parameter, with the code that the parameter has', () => {
  const parameters = {
    Number: integer('', 50406),
    Flag: flag(''),
    Json: json('', 100, 50304),
    Word: oneOf('', { one: '1' }),
  }
  expect(refusal(parameters, 'Number=1.5')).toEqual([400, 50406, 'Invalid parameter Number: expected a whole number'])
  expect(refusal(parameters, 'Number=99999999999')).toContain(50406)
  expect(refusal(parameters, 'Flag=yes')).toEqual([400, 20001, 'Invalid parameter Flag: expected true or false'])
  expect(refusal(parameters, 'Json=%7B')).toEqual([400, 50304, 'Invalid parameter Json: expected JSON'])
  expect(refusal(parameters, 'Word=constructor')).toEqual([400, 20001, 'Invalid parameter Word: expected one'])
})

test('the first required parameter that is missing is named', () => {
  const parameters = { A: text(''), B: required(text('')), C: required(text('')) }
  expect(refusal(parameters, 'A=1')).toEqual([400, 20001, 'Missing required parameter B in the post body'])
  expect(refusal(parameters, 'B=')).toEqual([400, 20001, 'Missing required parameter C in the post body'])
  expect(refusal(parameters, 'B=&C')).toEqual([400, 20001, 'Missing required parameter C in the post body'])
})
