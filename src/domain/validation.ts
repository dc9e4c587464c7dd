import { badInput } from '../model/error.ts'
import { JsonText, jsonFault, parseJson, textFault } from '../model/json-text.ts'
import { limits } from '../model/limits.ts'
import { isLikeSid } from '../model/sid.ts'

/** Throws BAD_USER_INPUT for text that Postgres cannot hold, or that clients would not read back as it was sent. */
export function assertText(name: string, text: string, chatCode?: number): void {
  const fault = textFault(text)
  if (fault) throw badInput(`${name} ${fault}`, chatCode)
}

export function parseBody(body: string): string {
  assertText('body', body)
  if (Buffer.byteLength(body) > limits.bodyBytes) {
    throw badInput(`body must not be longer than ${limits.bodyBytes} bytes`, 50504)
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
  if (fault) throw badInput(`attributes ${fault}`, invalidCode)
  const text = attributes instanceof JsonText ? attributes.raw : JSON.stringify(value)
  // The text is checked too: of equal keys, the value has only the last.
  assertText('attributes', text, invalidCode)
  if (Buffer.byteLength(text) > bytes) throw badInput(`attributes must not be longer than ${bytes} bytes`, tooLongCode)
  return text
}

/** In the path of a URL, `.` and `..` lead elsewhere, however they are escaped. */
function assertReachable(name: string, value: string): void {
  if (value === '.' || value === '..') throw badInput(`${name} must not be . or .., which no URL can name`)
}

export function parseIdentity(identity: string): string {
  if (identity === '') throw badInput('identity must not be empty', 50204)
  assertText('identity', identity, 50204)
  if (identity.length > limits.identityLength) {
    throw badInput(`identity must not be longer than ${limits.identityLength} characters`, 50207)
  }
  assertReachable('identity', identity)
  if (isLikeSid('US', identity)) throw badInput('identity must not look like a user SID', 50206)
  if (identity === 'system') throw badInput('the identity system is reserved', 50203)
  return identity
}

export function parseUniqueName(uniqueName: string | null | undefined): string | null {
  if (uniqueName === undefined || uniqueName === null || uniqueName === '') return null
  assertText('uniqueName', uniqueName)
  if (uniqueName.length > limits.nameLength) {
    throw badInput(`uniqueName must not be longer than ${limits.nameLength} characters`, 50004)
  }
  assertReachable('uniqueName', uniqueName)
  if (isLikeSid('CH', uniqueName)) throw badInput('uniqueName must not look like a channel SID', 50306)
  return uniqueName
}

export function parseFriendlyName(friendlyName: string | null | undefined): string | null {
  if (friendlyName === undefined || friendlyName === null) return null
  assertText('friendlyName', friendlyName)
  if (friendlyName.length > limits.nameLength) {
    throw badInput(`friendlyName must not be longer than ${limits.nameLength} characters`, 50003)
  }
  return friendlyName
}

/** The same for a name that is required. */
export function requireFriendlyName(friendlyName: string | null | undefined): string {
  const name = parseFriendlyName(friendlyName)
  if (name === null || name === '') throw badInput('friendlyName must not be empty', 50000)
  return name
}

export function parseText(name: string, text: string, max: number, tooLongCode?: number): string {
  assertText(name, text)
  if (text.length > max) throw badInput(`${name} must not be longer than ${max} characters`, tooLongCode)
  return text
}

/** Checks the address of a webhook. Null and the empty text remove it. `findFault` says why an address could never be called. */
export function parseWebhookUrl(
  name: string,
  url: string | null,
  findFault: (url: string) => string | undefined,
): string | null {
  if (url === null || url === '') return null
  parseText(name, url, limits.webhookUrlLength)
  const { protocol } = URL.parse(url) ?? {}
  if (protocol !== 'https:' && protocol !== 'http:') throw badInput(`${name} must be an http or https URL`)
  const fault = findFault(url)
  if (fault !== undefined) throw badInput(`${name} can't be called: ${fault}`)
  return url
}

export function parseCount(name: string, value: number | null, max: number, chatCode?: number): number {
  if (value === null || !Number.isInteger(value) || value < 1 || value > max) {
    throw badInput(`${name} must be from 1 to ${max}`, chatCode)
  }
  return value
}

/** Checks a name that the client chooses, of a device or of a message that it may send twice. */
export function parseClientName(name: string, value: string | null | undefined, max: number): string | undefined {
  if (value === undefined || value === null) return undefined
  if (value === '') throw badInput(`${name} must not be empty`)
  assertText(name, value)
  if (value.length > max) throw badInput(`${name} must not be longer than ${max} characters`)
  return value
}
