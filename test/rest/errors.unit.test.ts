import { GraphQLError } from 'graphql'
import { expect, test } from 'vitest'
import { errorCodes } from '../../src/model/error.ts'
import { toRestError } from '../../src/rest/errors.ts'

const refusalOf = (code: string, chatCode?: number) =>
  toRestError(new GraphQLError('why', { extensions: { code, ...(chatCode !== undefined && { chatCode }) } }), '/Here')
    .body

test.each([
  ['BAD_USER_INPUT', 400, 20001],
  ['UNAUTHENTICATED', 401, 20003],
  ['FORBIDDEN', 403, 20403],
  ['NOT_FOUND', 404, 20404],
  ['CONFLICT', 409, 20409],
  ['RATE_LIMITED', 429, 20429],
  ['INTERNAL_SERVER_ERROR', 500, 20500],
  ['UNAVAILABLE', 503, 20503],
])('%s is status %i with the general code %i', (code, status, general) => {
  expect(refusalOf(code)).toMatchObject({ code: general, status })
})

test('every code of the domain has a status of its own', () => {
  const statuses = Object.keys(errorCodes).map((code) => refusalOf(code).status)
  expect(statuses).not.toContain(500)
  expect(new Set(statuses).size).toBe(statuses.length)
})

test('a numeric code of Programmable Chat stands in place of the general one, with the page that explains it', () => {
  expect(refusalOf('CONFLICT', 50307)).toEqual({
    code: 50307,
    message: 'why',
    more_info: 'https://www.twilio.com/docs/errors/50307',
    status: 409,
  })
})

test('what the path names and is not there makes the whole path not found; a role in the form keeps its own code', () => {
  for (const chatCode of [50050, 50100, 50200, 50300, 50402, 50500, 50601]) {
    expect(refusalOf('NOT_FOUND', chatCode)).toMatchObject({
      code: 20404,
      message: 'The requested resource /Here was not found',
    })
  }
  for (const chatCode of [50101, 50102, 50106]) {
    expect(refusalOf('NOT_FOUND', chatCode)).toMatchObject({ code: chatCode, message: 'why', status: 404 })
  }
})
