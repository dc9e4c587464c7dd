import { createHash } from 'node:crypto'
import clientDocuments from '../../../schema/generated/client-documents.json' with { type: 'json' }
import consoleDocuments from '../../../schema/generated/console-documents.json' with { type: 'json' }
import releasedDocuments from '../../../schema/released-documents.json' with { type: 'json' }
import type { Config } from '../../config/config.ts'
import { readDocumentFile } from '../../config/document-file.ts'

/**
 * What the client of this repository and the console send, always known: they send texts, and must work where no others are answered. Their last release
 * goes on where the server was upgraded first.
 */
const ofRepository = [...releasedDocuments, ...clientDocuments, ...consoleDocuments].map(
  (text) => [createHash('sha256').update(text).digest('hex'), text] as const,
)

/**
 * The known documents by id: the repository's, and the operator's from the file that GraphQL Code Generator writes, `{ "<sha256>": "<text>" }`.
 */
export async function readPersistedDocuments({
  PERSISTED_DOCUMENTS: path,
}: Pick<Config, 'PERSISTED_DOCUMENTS'>): Promise<ReadonlyMap<string, string>> {
  if (path === undefined) return new Map(ofRepository)
  const documents = Object.entries(await readDocumentFile(path))
  return new Map([
    ...ofRepository,
    ...documents.map(([id, document]) => [id.replace(/^sha256:/, ''), document] as const),
  ])
}
