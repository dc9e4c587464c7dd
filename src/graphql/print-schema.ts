import { readFile, writeFile } from 'node:fs/promises'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { schema } from './schema.ts'

/** Writes the schema to the file that clients and reviews read; with --check only compares. */
const file = new URL('../../schema/schema.graphql', import.meta.url)
const printed = `${printSchema(lexicographicSortSchema(schema))}\n`

if (!process.argv.includes('--check')) {
  await writeFile(file, printed)
} else if ((await readFile(file, 'utf8')) !== printed) {
  process.stderr.write('schema/schema.graphql is not current: npm run schema\n')
  process.exitCode = 1
}
