import { badInput, ChatError } from '../model/error.ts'
import { JsonText, jsonFault, parseJson, textFault } from '../model/json-text.ts'
import { limits } from '../model/limits.ts'
import type { Rate } from '../model/rate-limit.ts'
import { isLikeSid } from '../model/sid.ts'

/** Throws BAD_USER_INPUT for text that Postgres cannot hold, or that clients would not read back as it was sent. */
export function assertText(name: string, text: string, chatCode?: number, field = name): void {
  const fault = textFault(text)
  if (fault) throw badInput(`${name} ${fault}`, field, chatCode)
}

export function parseBody(body: string): string {
  assertText('body', body)
  if (Buffer.byteLength(body) > limits.bodyBytes) {
    throw badInput(`body must not be longer than ${limits.bodyBytes} bytes`, 'body', 50504)
  }
  return body
}

/** Checks attributes, which arrive as a JSON value or as JSON text. Answers their text: `{}` for none and for null. */
export function parseAttributes(
  attributes: unknown,
  bytes: number,
  { invalidCode = 20001, tooLongCode = 20001 }: { readonly invalidCode?: number; readonly tooLongCode?: number } = {},
): string {
  const value = attributes instanceof JsonText ? parseJson(attributes.raw) : attributes
  if (attributes === undefined || value === null) return '{}'
  const fault = jsonFault(value)
  if (fault) throw badInput(`attributes ${fault}`, 'attributes', invalidCode)
  const text = attributes instanceof JsonText ? attributes.raw : JSON.stringify(value)
  // The text is checked too: of equal keys, the value has only the last.
  assertText('attributes', text, invalidCode)
  if (Buffer.byteLength(text) > bytes) {
    throw badInput(`attributes must not be longer than ${bytes} bytes`, 'attributes', tooLongCode)
  }
  return text
}

/** In the path of a URL, `.` and `..` lead elsewhere, however they are escaped. */
function assertReachable(name: string, value: string, field = name): void {
  if (value === '.' || value === '..') throw badInput(`${name} must not be . or .., which no URL can name`, field)
}

export function parseIdentity(identity: string, field = 'identity'): string {
  if (identity === '') throw badInput('identity must not be empty', field, 50204)
  assertText('identity', identity, 50204, field)
  if (identity.length > limits.identityLength) {
    throw badInput(`identity must not be longer than ${limits.identityLength} characters`, field, 50207)
  }
  assertReachable('identity', identity, field)
  if (isLikeSid('US', identity)) throw badInput('identity must not look like a user SID', field, 50206)
  if (identity === 'system') throw badInput('the identity system is reserved', field, 50203)
  return identity
}

export function parseUniqueName(uniqueName: string | null | undefined): string | null {
  if (uniqueName === undefined || uniqueName === null || uniqueName === '') return null
  assertText('uniqueName', uniqueName)
  if (uniqueName.length > limits.nameLength) {
    throw badInput(`uniqueName must not be longer than ${limits.nameLength} characters`, 'uniqueName', 50004)
  }
  assertReachable('uniqueName', uniqueName)
  if (isLikeSid('CH', uniqueName)) throw badInput('uniqueName must not look like a channel SID', 'uniqueName', 50306)
  return uniqueName
}

export function parseFriendlyName(friendlyName: string | null | undefined): string | null {
  if (friendlyName === undefined || friendlyName === null) return null
  assertText('friendlyName', friendlyName)
  if (friendlyName.length > limits.nameLength) {
    throw badInput(`friendlyName must not be longer than ${limits.nameLength} characters`, 'friendlyName', 50003)
  }
  return friendlyName
}

/** The same for a name that is required. */
export function requireFriendlyName(friendlyName: string | null | undefined): string {
  const name = parseFriendlyName(friendlyName)
  if (name === null || name === '') throw badInput('friendlyName must not be empty', 'friendlyName', 50000)
  return name
}

export function parseText(name: string, text: string, max: number, tooLongCode?: number, field = name): string {
  assertText(name, text, undefined, field)
  if (text.length > max) throw badInput(`${name} must not be longer than ${max} characters`, field, tooLongCode)
  return text
}

/** Answers the tag in its canonical form. */
export function parseLanguageTag(name: string, tag: string): string {
  parseText(name, tag, limits.languageTagLength)
  try {
    return Intl.getCanonicalLocales(tag)[0]!
  } catch {
    throw badInput(`${name} must be a BCP 47 language tag, such as en or pt-BR`, name)
  }
}

/** Checks the address of a webhook. Null and the empty text remove it. `findFault` says why an address could never be called. */
export function parseWebhookUrl(
  name: string,
  url: string | null,
  findFault: (url: string) => string | undefined,
  field = name,
): string | null {
  if (url === null || url === '') return null
  parseText(name, url, limits.webhookUrlLength, undefined, field)
  const { protocol } = URL.parse(url) ?? {}
  if (protocol !== 'https:' && protocol !== 'http:') throw badInput(`${name} must be an http or https URL`, field)
  const fault = findFault(url)
  if (fault !== undefined) throw badInput(`${name} can't be called: ${fault}`, field)
  return url
}

export function parseCount(name: string, value: number | null, max: number, chatCode?: number, min = 1): number {
  if (value === null || !Number.isInteger(value) || value < min || value > max) {
    throw badInput(`${name} must be from ${min} to ${max}`, name, chatCode)
  }
  return value
}

/** A rate as it is given. */
export interface RateInput {
  readonly limit: number
  readonly seconds: number
}

export function parseRate(name: string, { limit, seconds }: RateInput): Rate {
  return {
    limit: parseCount(`${name}.limit`, limit, limits.rate),
    seconds: parseCount(`${name}.seconds`, seconds, limits.rateSeconds),
  }
}

/** Checks a name that the client chooses, of a device or of a message that it may send twice. */
export function parseClientName(name: string, value: string | null | undefined, max: number): string | undefined {
  if (value === undefined || value === null) return undefined
  if (value === '') throw badInput(`${name} must not be empty`, name)
  assertText(name, value)
  if (value.length > max) throw badInput(`${name} must not be longer than ${max} characters`, name)
  return value
}

/** Whether Postgres reads it as the moment that it is: `toISOString` has more characters for years that Postgres does not take. */
export function isInstant(value: string): boolean {
  return value.length === 24 && Date.parse(value) > 0 && new Date(value).toISOString() === value
}

/** Checks a version that a caller has seen of what it changes; `min` is the least that there is. Throws BAD_USER_INPUT. */
export function checkExpectedVersion(expected: number | null | undefined, min = 1): void {
  if (expected != null && expected < min) throw badInput(`expectedVersion must be ${min} or more`, 'expectedVersion')
}

/** Throws CONFLICT, with the version that there is, where the caller has seen another one. `says` is what has happened. */
export function assertExpectedVersion(says: string, current: number, expected: number | null | undefined): void {
  if (expected == null || expected === current) return
  throw new ChatError('CONFLICT', says, undefined, { currentVersion: current })
}
