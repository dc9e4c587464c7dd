import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { ConfigError } from './read-config.ts'

const file = z.record(z.string(), z.string().min(1))

/** The documents of `PERSISTED_DOCUMENTS` by their ids. Throws a sentence that names the setting. */
export async function readDocumentFile(path: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError(`PERSISTED_DOCUMENTS: ${path} cannot be read (${reason})`, { cause: error })
  })
  try {
    return file.parse(JSON.parse(text))
  } catch (error) {
    const expected = 'a JSON file of documents by their sha256, as GraphQL Code Generator writes it'
    throw new ConfigError(`PERSISTED_DOCUMENTS: expected ${expected}`, { cause: error })
  }
}
