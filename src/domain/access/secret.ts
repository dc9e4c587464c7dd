import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { SettingError } from '../../model/setting-error.ts'

/** Encrypts secrets that the server must read again: the auth token signs webhooks, a key's secret verifies tokens. */
export interface SecretBox {
  /** The ending of everything that it seals. */
  readonly mark: string
  seal(secret: string): string
  open(sealed: string): string
  /** Names a text to all processes, and to nobody else. */
  nameOf(text: string): string
}

/** Opened secrets that are kept in memory: every request of a backend needs one. */
const openedSecrets = 1000

/**
 * AES-256-GCM; a sealed secret is `<nonce>.<tag>.<text>.<key>` in base64url, where the key is named by a digest of it; what was sealed
 * before keys were named has no such part, and any key may be its own. `keys` is one key of 64 hex digits, or several with commas between
 * them: the first seals, all open.
 */
export function createSecretBox(keys: string): SecretBox {
  const all = keys.split(',').map((hex) => {
    const bytes = Buffer.from(hex, 'hex')
    return { bytes, name: createHash('sha256').update(bytes).digest('base64url').slice(0, 8) }
  })
  const [first] = all as [(typeof all)[number]]
  const opened = new LRUCache<string, string>({ max: openedSecrets, memoMethod: openSealed })
  return {
    mark: `.${first.name}`,
    seal: (secret) => {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', first.bytes, nonce)
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return [...[nonce, cipher.getAuthTag(), text].map((part) => part.toString('base64url')), first.name].join('.')
    },
    open: (sealed) => opened.memo(sealed),
    nameOf: (text) => createHmac('sha256', first.bytes).update(text).digest('base64url'),
  }

  function openSealed(sealed: string): string {
    const [nonce, tag, text, name] = sealed.split('.')
    if (!nonce || !tag || text === undefined) throw new Error('a stored secret is damaged')
    let cause: unknown
    for (const key of all.filter((known) => name === undefined || known.name === name)) {
      try {
        const [iv, authTag, body] = [nonce, tag, text].map((part) => Buffer.from(part, 'base64url')) as [
          Buffer,
          Buffer,
          Buffer,
        ]
        const decipher = createDecipheriv('aes-256-gcm', key.bytes, iv, { authTagLength: 16 }).setAuthTag(authTag)
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
      } catch (error) {
        cause = error
      }
    }
    throw new SettingError('SECRET_KEY: not the key that the secrets in this database were written with', {
      cause,
    })
  }
}

export function newSecret(): string {
  return randomBytes(24).toString('base64url')
}

/** Compares in constant time; hashing first makes the lengths equal. */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
