import { createHmac } from 'node:crypto'

/** A token that ended an hour ago, signed as fonechat signs its own. */
export function signExpiredToken(key: {
  readonly accountId: string
  readonly serviceId: string
  readonly identity: string
  readonly keyId: string
  readonly secret: string
}): string {
  const now = Math.floor(Date.now() / 1000)
  const header = { alg: 'HS256', typ: 'JWT' }
  const claims = {
    iss: key.keyId,
    sub: key.accountId,
    iat: now - 7200,
    exp: now - 3600,
    grants: { identity: key.identity, chat: { service_sid: key.serviceId } },
  }
  const content = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${content}.${createHmac('sha256', key.secret).update(content).digest('base64url')}`
}
