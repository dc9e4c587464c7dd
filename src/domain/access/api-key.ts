import type { Actor } from '../../model/actor.ts'
import { badInput, notFound } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import { byId, parsePage, readPage, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import { isSid, newSid, type AccountId, type ApiKeyId } from '../../model/sid.ts'
import {
  deleteApiKeyRow,
  insertApiKey,
  readApiKey,
  readApiKeyPage,
  retireInternalKeys,
  updateApiKeyRow,
  type ApiKeyRow,
} from '../../store/account.ts'
import type { Tx } from '../../store/engine/db.ts'
import type { AccessApp } from '../app.ts'
import { parseFriendlyName, parseRate, type RateInput } from '../validation.ts'
import { changeAuthority, publishApiKey, publishApiKeyDeleted, publishSigningKey } from './authority-change.ts'
import { requireBackend } from './authority.ts'
import { newSecret, type SecretBox } from './secret.ts'

/** Any key, internal ones included. A replaced internal key is found until its tokens have expired. */
export async function findApiKey(app: AccessApp, id: ApiKeyId): Promise<ApiKeyRow | undefined> {
  const key = await app.caches.apiKeys.read(id, () => readApiKey(app.db, id))
  return key?.retiresAt && key.retiresAt.getTime() <= Date.now() ? undefined : key
}

/** Allows for clocks that differ, and for processes that still sign with the previous key, in milliseconds. */
const slackMilliseconds = 60_000

/**
 * Replaces the key that signs the server's own tokens. Tokens of the previous key stay valid until they expire.
 * Needs the backend. Throws FORBIDDEN.
 */
export async function rotateSigningKey(app: AccessApp, actor: Actor): Promise<{ previousAcceptedUntil: Date }> {
  const { accountId } = requireBackend(actor)
  const previousAcceptedUntil = new Date(Date.now() + limits.tokenSeconds * 1000 + slackMilliseconds)
  await changeAuthority(app, accountId, async (tx) => {
    await retireInternalKeys(tx, accountId, previousAcceptedUntil)
    await insertInternalKey(tx, app.secrets, accountId)
  })
  publishSigningKey(app, accountId)
  return { previousAcceptedUntil }
}

export async function insertInternalKey(tx: Tx, secrets: SecretBox, accountId: AccountId): Promise<void> {
  const secret = secrets.seal(newSecret())
  await insertApiKey(tx, { id: newSid('SK'), accountId, friendlyName: null, secret, internal: true })
}

interface ApiKeySettings {
  readonly friendlyName?: string | null | undefined
  readonly rate?: RateInput | null | undefined
}

const parseKeyRate = (rate: RateInput | null | undefined) => (rate == null ? null : parseRate('rate', rate))

/**
 * Makes an API key. Only this answer ever has its secret.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function createApiKey(
  app: AccessApp,
  actor: Actor,
  input: ApiKeySettings,
): Promise<{ apiKey: ApiKeyRow; secret: string }> {
  const { accountId } = requireBackend(actor)
  const friendlyName = parseFriendlyName(input.friendlyName)
  const rate = parseKeyRate(input.rate)
  const secret = newSecret()
  const apiKey = await changeAuthority(app, accountId, (tx) =>
    insertApiKey(tx, {
      id: newSid('SK'),
      accountId,
      friendlyName,
      rate,
      secret: app.secrets.seal(secret),
      internal: false,
    }),
  )
  return { apiKey, secret }
}

/**
 * One page of the account's keys, oldest first.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function listApiKeys(app: AccessApp, actor: Actor, args: PageArgs): Promise<PageOf<ApiKeyRow>> {
  const { accountId } = requireBackend(actor)
  const page = parsePage(actor, args, sidCursor('SK'))
  return readPage(page, (part) => readApiKeyPage(app.db, accountId, part), byId)
}

/**
 * An API key of the caller's account; never an internal key.
 * Needs the backend. Throws FORBIDDEN.
 */
export async function findOwnApiKey(app: AccessApp, actor: Actor, id: string): Promise<ApiKeyRow | undefined> {
  const { accountId } = requireBackend(actor)
  const key = isSid('SK', id) ? await readApiKey(app.db, id) : undefined
  return key && !key.internal && key.accountId === accountId ? key : undefined
}

/**
 * Changes the name and the rate of an API key. What is left out stays; null removes it. Open connections of the key follow.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function updateApiKey(
  app: AccessApp,
  actor: Actor,
  id: string,
  { friendlyName, rate }: ApiKeySettings,
): Promise<ApiKeyRow> {
  const { accountId } = requireBackend(actor)
  const change = {
    ...(friendlyName !== undefined && { friendlyName: parseFriendlyName(friendlyName) }),
    ...(rate !== undefined && { rate: parseKeyRate(rate) }),
  }
  if (!(await findOwnApiKey(app, actor, id))) throw notFound('the API key')
  if (Object.keys(change).length === 0) throw badInput('nothing to change')
  const updated = await changeAuthority(app, accountId, async (tx) => {
    const row = isSid('SK', id) ? await updateApiKeyRow(tx, accountId, id, change) : undefined
    if (!row) throw notFound('the API key')
    return row
  })
  publishApiKey(app, updated)
  return updated
}

/**
 * Revokes an API key. The key and the tokens that it signed are refused, and connections that were opened with either are closed.
 * Needs the backend. Throws FORBIDDEN, NOT_FOUND.
 */
export async function deleteApiKey(app: AccessApp, actor: Actor, id: string): Promise<ApiKeyRow> {
  const { accountId } = requireBackend(actor)
  const deleted = await changeAuthority(app, accountId, async (tx) => {
    const row = isSid('SK', id) ? await deleteApiKeyRow(tx, accountId, id) : undefined
    if (!row) throw notFound('the API key')
    return row
  })
  publishApiKeyDeleted(app, deleted)
  return deleted
}
