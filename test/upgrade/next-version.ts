import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { copyPresent, type Version } from './version.ts'

/** Migrations of the next version: they expand, the second one online. A role gets a permission that the present version does not know. */
const migrations = [
  `ALTER TABLE "messages" ADD COLUMN "poll" text;
--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "poll_count" integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
UPDATE "roles" SET "permissions" = array_append("permissions", 'openPoll');
`,
  `-- online
CREATE INDEX CONCURRENTLY IF NOT EXISTS "channels_polls" ON "channels" ("service_id", "id") WHERE "poll_count" > 0;
`,
]

/**
 * What the next version publishes in place of the present one's hints: edits and user's drafts as events of a new kind, every other change with a new field, and
 * hints of a new type beside them. It reads its own.
 */
const publishing = `
const renamed: Readonly<Record<string, string>> = { messageUpdated: 'messageRecast', draftSaved: 'draftRecast' }

export function toNextHint(hint: { readonly type: string; readonly seq?: number | undefined }): object {
  const type = renamed[hint.type]
  if (type !== undefined) return { type, seq: hint.seq, recast: hint }
  return hint.seq === undefined ? hint : { ...hint, poll: { question: '?' } }
}

export function fromNextHint(payload: unknown): unknown {
  return (payload as { readonly recast?: unknown } | null)?.recast ?? payload
}
`

interface Edit {
  readonly file: string
  readonly from: string
  readonly to: string
}

const edits: readonly Edit[] = [
  {
    file: 'src/domain/realtime/publication.ts',
    from: '  if (tracing === undefined) app.bus.publish(topics.channel(channelId), event)',
    to: `  app.bus.publish(topics.channel(channelId), { type: 'pollAsked', poll: { question: '?' } })
  if (tracing === undefined) app.bus.publish(topics.channel(channelId), toNextHint(event))`,
  },
  {
    file: 'src/domain/realtime/publication.ts',
    from: '  app.bus.publish(topics.user(userId), event)',
    to: `  app.bus.publish(topics.authority, { type: 'pollPolicy', id: userId })
  app.bus.publish(topics.user(userId), toNextHint(event))`,
  },
  {
    file: 'src/domain/realtime/publication.ts',
    from: "import { topics } from '../../live/bus.ts'",
    to: "import { topics } from '../../live/bus.ts'\nimport { toNextHint } from '../../model/next-hint.ts'",
  },
  { file: 'src/model/hint.ts', from: 'channelReader(payload)', to: 'channelReader(fromNextHint(payload))' },
  { file: 'src/model/hint.ts', from: 'userReader(payload)', to: 'userReader(fromNextHint(payload))' },
  {
    file: 'src/model/hint.ts',
    from: "import type { Message } from './message.ts'",
    to: "import type { Message } from './message.ts'\nimport { fromNextHint } from './next-hint.ts'",
  },
]

/** A made-up version that follows the present one. */
export async function layOutNext(folder: string): Promise<Version> {
  const version = await copyPresent(folder, 'next')
  const at = (file: string): string => join(version.path, file)
  await writeFile(at('src/model/next-hint.ts'), publishing)
  for (const { file, from, to } of edits) {
    const text = await readFile(at(file), 'utf8')
    if (!text.includes(from)) throw new Error(`the next version is made of ${file}, which no longer has: ${from}`)
    await writeFile(
      at(file),
      text.replace(from, () => to),
    )
  }
  const journalFile = at('drizzle/meta/_journal.json')
  const journal = JSON.parse(await readFile(journalFile, 'utf8')) as { entries: { idx: number; when: number }[] }
  for (const text of migrations) {
    const { idx, when } = journal.entries.at(-1)!
    const tag = `${String(idx + 1).padStart(4, '0')}_next`
    journal.entries.push({ ...journal.entries.at(-1)!, idx: idx + 1, when: when + 1000, tag } as never)
    await writeFile(at(`drizzle/${tag}.sql`), text)
  }
  await writeFile(journalFile, JSON.stringify(journal))
  return version
}
