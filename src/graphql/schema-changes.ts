import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { buildSchema, findBreakingChanges } from 'graphql'

/**
 * The breaking changes between two schemas that the changelog does not announce. A change is announced when the part of the changelog that is not
 * released yet has graphql-js's sentence for it, such as `Channel.topic was removed.`
 */
export function findUnannounced(released: string, current: string, changelog: string): string[] {
  const [, pending = ''] = /^## Unreleased$(.*?)(?=^## |(?![^]))/ms.exec(changelog) ?? []
  const announced = pending.replace(/\s+/g, ' ')
  return findBreakingChanges(buildSchema(released), buildSchema(current))
    .map(({ description }) => description)
    .filter((description) => !announced.includes(description))
}

const [current, released, changelog] = ['schema/schema.graphql', 'schema/released.graphql', 'CHANGELOG.md'].map(
  (path) => new URL(`../../${path}`, import.meta.url),
) as [URL, URL, URL]

/** Compares the schema with that of the last release. Before the first there is none. */
async function main(): Promise<void> {
  const text = await readFile(released, 'utf8').catch(() => undefined)
  if (text === undefined) return
  const unannounced = findUnannounced(text, await readFile(current, 'utf8'), await readFile(changelog, 'utf8'))
  if (unannounced.length === 0) return
  process.stderr.write(
    `these changes break clients of the last release; deprecate instead, or announce each in CHANGELOG.md under "Unreleased":\n` +
      unannounced.map((description) => `  ${description}\n`).join(''),
  )
  process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
