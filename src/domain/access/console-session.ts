import { createHash, randomBytes } from 'node:crypto'
import type { Actor, Backend } from '../../model/actor.ts'
import { notFound } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import { parsePage, readPage, byId, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import { isSid, newSid, type AccountId, type ApiKeyId } from '../../model/sid.ts'
import { lockAccount, lockApiKey, readAccountTokens } from '../../store/account.ts'
import {
  deleteConsoleSession,
  deleteConsoleSessionByToken,
  deleteSurplusConsoleSessions,
  insertConsoleSession,
  readConsoleSession,
  readConsoleSessionByToken,
  readConsoleSessionPage,
  type ConsoleSessionRow,
} from '../../store/console-session.ts'
import type { Tx } from '../../store/engine/db.ts'
import type { App } from '../app.ts'
import { findApiKey } from './api-key.ts'
import { opens } from './auth-token.ts'
import { checkLogin } from './authentication.ts'
import { requireBackend, unauthenticated } from './authority.ts'

/** Of the token in the cookie. */
const tokenBytes = 32

/** Of a token as it is made; nothing else is looked up. */
const tokenPattern = /^[\w-]{43}$/

/** The database has this in place of the token: who reads it signs in with nothing. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

export interface ConsoleLogin {
  /** SID of the account or of an API key. */
  readonly sid: string
  /** The auth token or the key's secret. */
  readonly secret: string
  readonly address: string
  readonly userAgent: string | undefined
}

/**
 * Signs in to the console. Only this answer ever has the token of the session.
 * Needs nothing. Throws UNAUTHENTICATED, or RATE_LIMITED after too many wrong secrets from its address.
 */
export async function openConsoleSession(
  app: App,
  { sid, secret, address, userAgent }: ConsoleLogin,
): Promise<{ session: ConsoleSessionRow; token: string }> {
  const { accountId } = await checkLogin(app, { name: sid, password: secret, address })
  const apiKeyId = isSid('SK', sid) ? sid : null
  const token = randomBytes(tokenBytes).toString('base64url')
  const session = await app.db.transaction(async (tx) => {
    if (!(await isStillAccepted(app, tx, accountId, apiKeyId, secret))) throw unauthenticated('Authenticate')
    return insertConsoleSession(tx, {
      id: newSid('CS'),
      accountId,
      apiKeyId,
      tokenHash: hashOf(token),
      userAgent: userAgent?.slice(0, limits.userAgentLength).toWellFormed() ?? null,
      address,
    })
  })
  // Afterwards: of sign-ins at the same time the last one sees the sessions of all.
  await deleteSurplusConsoleSessions(app.db, accountId)
  return { session, token }
}

/** Locks the credential until the transaction ends: what was checked before may have been remembered, and a session must not begin as its credential ends. */
async function isStillAccepted(
  app: App,
  tx: Tx,
  accountId: AccountId,
  apiKeyId: ApiKeyId | null,
  secret: string,
): Promise<boolean> {
  if (apiKeyId !== null) return lockApiKey(tx, apiKeyId)
  await lockAccount(tx, accountId)
  const account = await readAccountTokens(tx, accountId)
  return account !== undefined && opens(app.secrets, account.tokens, secret)
}

export interface ConsoleCredentials {
  /** Of the session. */
  readonly token: string
  /** The SID that the page was signed in with. Another page of the browser may have signed somebody else in since. */
  readonly signedInWith: string | undefined
  readonly address: string
}

/** The backend behind a session's token. Throws UNAUTHENTICATED, also where the session is another person's than the page shows. */
export async function authenticateConsole(
  app: App,
  { token, signedInWith, address }: ConsoleCredentials,
): Promise<Backend> {
  const session = tokenPattern.test(token) ? await findByToken(app, hashOf(token)) : undefined
  // The key may be gone longer than the session is remembered.
  if (!session || (session.apiKeyId !== null && !(await findApiKey(app, session.apiKeyId)))) {
    throw unauthenticated('the session has ended; sign in again')
  }
  if (signedInWith !== undefined && signedInWith !== credentialOf(session)) {
    throw unauthenticated('another person has signed in with this browser; sign in again')
  }
  app.accounts.add(session.accountId)
  app.consoleUse.note(session.id)
  if (session.apiKeyId !== null) app.keyUse.note(session.apiKeyId)
  return {
    kind: 'backend',
    accountId: session.accountId,
    credentialId: session.apiKeyId ?? undefined,
    consoleSessionId: session.id,
    address,
  }
}

const findByToken = (app: App, hash: string): Promise<ConsoleSessionRow | undefined> =>
  app.caches.consoleSessions.read(hash, () => readConsoleSessionByToken(app.db, hash))

/** Signs out. Needs the token alone. Throws nothing where the session has ended. */
export async function closeConsoleSession(app: App, token: string): Promise<void> {
  if (!tokenPattern.test(token)) return
  const hash = hashOf(token)
  await deleteConsoleSessionByToken(app.db, hash)
  app.caches.consoleSessions.delete(hash)
}

/**
 * One page of the account's sessions, oldest first.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function listConsoleSessions(app: App, actor: Actor, args: PageArgs): Promise<PageOf<ConsoleSessionRow>> {
  const { accountId } = requireBackend(actor)
  const page = parsePage(actor, args, sidCursor('CS'))
  return readPage(page, (part) => readConsoleSessionPage(app.db, accountId, part), byId)
}

/**
 * An open session of the caller's account.
 * Needs the backend. Throws FORBIDDEN.
 */
export async function findConsoleSession(app: App, actor: Actor, id: string): Promise<ConsoleSessionRow | undefined> {
  const { accountId } = requireBackend(actor)
  return isSid('CS', id) ? readConsoleSession(app.db, accountId, id) : undefined
}

/**
 * Ends a session: here at once, on other processes within 3 seconds.
 * Needs the backend. Throws FORBIDDEN, NOT_FOUND.
 */
export async function endConsoleSession(app: App, actor: Actor, id: string): Promise<ConsoleSessionRow> {
  const { accountId } = requireBackend(actor)
  const ended = isSid('CS', id) ? await deleteConsoleSession(app.db, accountId, id) : undefined
  if (!ended) throw notFound('the session')
  app.caches.consoleSessions.delete(ended.tokenHash)
  return ended
}

/** What a session was opened with, as one finds it again: the SID of the API key, or of the account for its auth token. */
export const credentialOf = ({ apiKeyId, accountId }: ConsoleSessionRow): ApiKeyId | string => apiKeyId ?? accountId
