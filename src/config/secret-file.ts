import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/** A secret is a line. What is longer is another file by mistake. In bytes. */
const maxSecretBytes = 64 * 1024

/** Why a file gives no value, after its name. */
export class SecretFileError extends Error {
  override readonly name = 'SecretFileError'
}

/** The text of a file that holds one secret, without the end of its line. */
export function readSecretFile(path: string): string {
  let handle: number | undefined
  try {
    // A pipe without a writer would be waited for, and is no file that another process of this server could read again.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    if (!fstatSync(handle).isFile()) throw new SecretFileError('is no file')
    const buffer = Buffer.alloc(maxSecretBytes + 1)
    const length = readSync(handle, buffer)
    if (length > maxSecretBytes) throw new SecretFileError(`has more than ${maxSecretBytes} bytes`)
    return textOf(buffer.subarray(0, length))
  } catch (error) {
    if (error instanceof SecretFileError) throw error
    throw new SecretFileError(`cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error })
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

function textOf(bytes: Uint8Array): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new SecretFileError('is no text in UTF-8', { cause: error })
  }
  const value = text.replace(/\r?\n$/, '')
  if (value === '') throw new SecretFileError('is empty')
  return value
}
