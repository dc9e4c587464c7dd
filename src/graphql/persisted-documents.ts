import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { ConfigError, type Config } from '../config.ts'

const file = z.record(z.string(), z.string().min(1))

/** The operator's documents by id, from the file that GraphQL Code Generator writes: `{ "<sha256>": "<text>" }`. */
export async function readPersistedDocuments({
  PERSISTED_DOCUMENTS: path,
}: Pick<Config, 'PERSISTED_DOCUMENTS'>): Promise<ReadonlyMap<string, string>> {
  if (path === undefined) return new Map()
  try {
    const documents = file.parse(JSON.parse(await readFile(path, 'utf8')))
    return new Map(Object.entries(documents).map(([id, text]) => [id.replace(/^sha256:/, ''), text]))
  } catch (error) {
    const expected = 'a JSON file of documents by their sha256, as GraphQL Code Generator writes it'
    throw new ConfigError(`PERSISTED_DOCUMENTS: expected ${expected}`, { cause: error })
  }
}
