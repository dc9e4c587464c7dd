import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { OperatorError } from '../model/operator-error.ts'

/** Encrypts what the server must be able to read again: the auth token signs webhooks, a key's secret verifies tokens. */
export interface SecretBox {
  seal(secret: string): string
  open(sealed: string): string
}

/** Secrets are asked for with every request of a backend. */
const openedSecrets = 1000

/** AES-256-GCM; a sealed secret is `<nonce>.<tag>.<text>` in base64url. `key` is 64 hex digits. */
export function createSecretBox(key: string): SecretBox {
  const bytes = Buffer.from(key, 'hex')
  const opened = new LRUCache<string, string>({ max: openedSecrets, memoMethod: openSealed })
  return {
    seal: (secret) => {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', bytes, nonce)
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return [nonce, cipher.getAuthTag(), text].map((part) => part.toString('base64url')).join('.')
    },
    open: (sealed) => opened.memo(sealed),
  }

  function openSealed(sealed: string): string {
    const [nonce, tag, text] = sealed.split('.').map((part) => Buffer.from(part, 'base64url'))
    if (!nonce || !tag || !text) throw new Error('a stored secret is damaged')
    const decipher = createDecipheriv('aes-256-gcm', bytes, nonce, { authTagLength: 16 }).setAuthTag(tag)
    try {
      return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8')
    } catch (error) {
      throw new OperatorError('SECRET_KEY: it is not the key that the secrets in the database were encrypted with', {
        cause: error,
      })
    }
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
