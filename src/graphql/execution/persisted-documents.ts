import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { ConfigError, type Config } from '../../config/config.ts'

const file = z.record(z.string(), z.string().min(1))

/** The operator's documents by id, from the file that GraphQL Code Generator writes: `{ "<sha256>": "<text>" }`. */
export async function readPersistedDocuments({
  PERSISTED_DOCUMENTS: path,
}: Pick<Config, 'PERSISTED_DOCUMENTS'>): Promise<ReadonlyMap<string, string>> {
  if (path === undefined) return new Map()
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError(`PERSISTED_DOCUMENTS: ${path} cannot be read (${reason})`, { cause: error })
  })
  try {
    const documents = file.parse(JSON.parse(text))
    return new Map(Object.entries(documents).map(([id, document]) => [id.replace(/^sha256:/, ''), document]))
  } catch (error) {
    const expected = 'a JSON file of documents by their sha256, as GraphQL Code Generator writes it'
    throw new ConfigError(`PERSISTED_DOCUMENTS: expected ${expected}`, { cause: error })
  }
}
