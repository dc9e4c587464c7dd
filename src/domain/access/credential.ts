import { X509Certificate, createPrivateKey } from 'node:crypto'
import type { Actor } from '../../model/actor.ts'
import type { Credential, CredentialType } from '../../model/credential.ts'
import { badInput, notFound } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import { byId, parsePage, readPage, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import { isSid, newSid } from '../../model/sid.ts'
import {
  deleteCredentialRow,
  insertCredential,
  lockCredential,
  readCredential,
  readCredentialPage,
  updateCredentialRow,
  type SealedSecrets,
} from '../../store/credential.ts'
import type { App } from '../app.ts'
import { assertText, parseFriendlyName } from '../validation.ts'
import { requireBackend } from './authority.ts'

type Given = string | null | undefined

/** The credentials of a push service. Null means the same as left out. */
interface CredentialSecrets {
  readonly certificate?: Given
  readonly privateKey?: Given
  readonly apiKey?: Given
  readonly secret?: Given
  readonly sandbox?: boolean | null | undefined
}

export interface CreateCredentialInput extends CredentialSecrets {
  readonly type: CredentialType
  readonly friendlyName?: Given
}

export interface UpdateCredentialInput extends CredentialSecrets {
  readonly id: string
  readonly friendlyName?: Given
}

/** The fields that each push service takes. */
const fieldsOf: Readonly<Record<CredentialType, ReadonlySet<string>>> = {
  apn: new Set(['certificate', 'privateKey', 'sandbox']),
  gcm: new Set(['apiKey']),
  fcm: new Set(['secret']),
}

const secretNames = ['certificate', 'privateKey', 'apiKey', 'secret'] as const

/**
 * Stores the credentials of a push service. They belong to the account.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function createCredential(app: App, actor: Actor, input: CreateCredentialInput): Promise<Credential> {
  const { accountId } = requireBackend(actor)
  const { type } = input
  const secrets = parseSecrets(type, input)
  assertPair(secrets.certificate, secrets.privateKey)
  return insertCredential(app.db, {
    id: newSid('CR'),
    accountId,
    friendlyName: parseFriendlyName(input.friendlyName),
    type,
    sandbox: type === 'apn' ? (input.sandbox ?? false) : null,
    certificate: null,
    privateKey: null,
    apiKey: null,
    secret: null,
    ...seal(app, secrets),
  })
}

/**
 * Changes the given fields. The type stays.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function updateCredential(app: App, actor: Actor, input: UpdateCredentialInput): Promise<Credential> {
  const { accountId } = requireBackend(actor)
  const { id, friendlyName, sandbox } = input
  return app.db.transaction(async (tx) => {
    const known = isSid('CR', id) ? await lockCredential(tx, accountId, id) : undefined
    if (!known) throw notFound('the credential')
    const secrets = parseSecrets(known.type, input)
    if (secrets.certificate !== undefined || secrets.privateKey !== undefined) {
      const current = (name: 'certificate' | 'privateKey'): string | undefined =>
        secrets[name] ?? (known[name] === null ? undefined : app.secrets.open(known[name]))
      assertPair(current('certificate'), current('privateKey'))
    }
    const change = {
      ...seal(app, secrets),
      ...(friendlyName !== undefined && { friendlyName: parseFriendlyName(friendlyName) }),
      ...(sandbox != null && { sandbox }),
    }
    if (Object.keys(change).length === 0) throw badInput('nothing to change')
    return updateCredentialRow(tx, known.id, change)
  })
}

/**
 * Deletes the credentials of a push service.
 * Needs the backend. Throws FORBIDDEN, NOT_FOUND.
 */
export async function deleteCredential(app: App, actor: Actor, id: string): Promise<Credential> {
  const { accountId } = requireBackend(actor)
  const deleted = isSid('CR', id) ? await deleteCredentialRow(app.db, accountId, id) : undefined
  if (!deleted) throw notFound('the credential')
  return deleted
}

/**
 * A credential of the caller's account.
 * Needs the backend. Throws FORBIDDEN.
 */
export async function findCredential(app: App, actor: Actor, id: string): Promise<Credential | undefined> {
  const { accountId } = requireBackend(actor)
  return isSid('CR', id) ? readCredential(app.db, accountId, id) : undefined
}

/**
 * One page of the account's credentials, oldest first.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function listCredentials(app: App, actor: Actor, args: PageArgs): Promise<PageOf<Credential>> {
  const { accountId } = requireBackend(actor)
  const page = parsePage(actor, args, sidCursor('CR'))
  return readPage(page, (part) => readCredentialPage(app.db, accountId, part), byId)
}

type Secrets = { -readonly [Name in keyof SealedSecrets]?: string }

function parseSecrets(type: CredentialType, given: CredentialSecrets): Secrets {
  const secrets: Secrets = {}
  if (given.sandbox != null && !fieldsOf[type].has('sandbox'))
    throw badInput(`a ${type} credential takes no sandbox`, 'sandbox')
  for (const name of secretNames) {
    const value = given[name]
    if (value == null) continue
    if (!fieldsOf[type].has(name)) throw badInput(`a ${type} credential takes no ${name}`, name)
    if (value === '') throw badInput(`${name} must not be empty`, name)
    assertText(name, value)
    if (Buffer.byteLength(value) > limits.credentialBytes) {
      throw badInput(`${name} must not be longer than ${limits.credentialBytes} bytes`, name)
    }
    secrets[name] = value
  }
  return secrets
}

/** Throws when one of them is not PEM, or the key does not belong to the certificate. */
function assertPair(certificate: string | undefined, privateKey: string | undefined): void {
  const read = <Result>(name: string, text: string | undefined, parse: (pem: string) => Result): Result | undefined => {
    if (text === undefined) return undefined
    try {
      return parse(text)
    } catch {
      throw badInput(`${name} must be in PEM`, name)
    }
  }
  const parsed = read('certificate', certificate, (pem) => new X509Certificate(pem))
  const key = read('privateKey', privateKey, (pem) => createPrivateKey(pem))
  if (parsed && key && !parsed.checkPrivateKey(key))
    throw badInput('privateKey must be the key of the certificate', 'privateKey')
}

function seal(app: App, secrets: Secrets): Secrets {
  const sealed: Secrets = {}
  for (const name of secretNames) {
    const secret = secrets[name]
    if (secret !== undefined) sealed[name] = app.secrets.seal(secret)
  }
  return sealed
}
