import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import clientDocuments from '../../../schema/generated/client-documents.json' with { type: 'json' }
import releasedDocuments from '../../../schema/released-documents.json' with { type: 'json' }
import type { Config } from '../../config/config.ts'
import { ConfigError } from '../../config/read-config.ts'

const file = z.record(z.string(), z.string().min(1))

/**
 * What the client of this repository sends, always known: it sends texts, and must work where no others are answered. Its last release goes on where the
 * server was upgraded first.
 */
const ofClient = [...releasedDocuments, ...clientDocuments].map(
  (text) => [createHash('sha256').update(text).digest('hex'), text] as const,
)

/**
 * The known documents by id: the client's, and the operator's from the file that GraphQL Code Generator writes, `{ "<sha256>": "<text>" }`.
 */
export async function readPersistedDocuments({
  PERSISTED_DOCUMENTS: path,
}: Pick<Config, 'PERSISTED_DOCUMENTS'>): Promise<ReadonlyMap<string, string>> {
  if (path === undefined) return new Map(ofClient)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError(`PERSISTED_DOCUMENTS: ${path} cannot be read (${reason})`, { cause: error })
  })
  try {
    const documents = file.parse(JSON.parse(text))
    const ofOperator = Object.entries(documents).map(
      ([id, document]) => [id.replace(/^sha256:/, ''), document] as const,
    )
    return new Map([...ofClient, ...ofOperator])
  } catch (error) {
    const expected = 'a JSON file of documents by their sha256, as GraphQL Code Generator writes it'
    throw new ConfigError(`PERSISTED_DOCUMENTS: expected ${expected}`, { cause: error })
  }
}
