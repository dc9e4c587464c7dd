import { expect, test } from 'vitest'
import { findHazards } from '../../../src/store/migration/expansion.ts'
import { readHead, readMigrations } from '../../../src/store/migration/journal.ts'

/** What is said of a migration of this text, after a release with the schema 30. */
function hazards(text: string, version = 31): string[] {
  const statements = text.split('--> statement-breakpoint')
  return findHazards([{ version, name: 'planted', when: version, hash: '', statements, ...readHead(text) }], 30)
}

test.each([
  ['DROP TABLE "drafts";', 'drops a table'],
  ['ALTER TABLE "messages" DROP COLUMN "sender";', 'drops a column'],
  ['ALTER TABLE "messages" RENAME COLUMN "sender" TO "writer";', 'renames'],
  ['ALTER TABLE "messages" RENAME TO "notes";', 'renames'],
  ['ALTER TABLE "messages" ALTER COLUMN "version" SET DATA TYPE bigint;', 'changes the type'],
  ['ALTER TABLE "messages" ALTER COLUMN "version" TYPE bigint;', 'changes the type'],
  ['ALTER TABLE "messages" ALTER COLUMN "sender" SET NOT NULL;', 'refuses NULL'],
  ['ALTER TABLE "messages" ADD COLUMN "weight" integer NOT NULL;', 'leaves NULL'],
  ['TRUNCATE "mentions";', 'empties a table'],
])('a migration that contracts is refused, unless it says which version it leaves behind: %s', (text, hazard) => {
  expect(hazards(text)).toEqual([expect.stringContaining(hazard)])
  expect(hazards(`-- lowest: 30\n${text}`)).toEqual([])
  expect(hazards(`-- lowest: 31\n${text}`)).toEqual([expect.stringContaining('contract a release later')])
  // What is released cannot be taken back.
  expect(hazards(text, 30)).toEqual([])
})

test.each([
  ['ALTER TABLE "messages" ADD CONSTRAINT "sane" CHECK ("index" >= 0);', 'NOT VALID'],
  [
    'ALTER TABLE "messages" ADD CONSTRAINT "sane" CHECK ("index" >= 0) NOT VALID;--> statement-breakpoint\nALTER TABLE "messages" VALIDATE CONSTRAINT "sane";',
    'other locks',
  ],
  ['ALTER TABLE "messages" ADD COLUMN "key" uuid DEFAULT gen_random_uuid();', 'writes all rows anew'],
  ['ALTER TABLE "messages" ADD COLUMN "key" bigint UNIQUE;', 'constraint with its column'],
  ['CREATE INDEX "messages_body" ON "messages" USING btree ("body");', 'CONCURRENTLY'],
  ['CREATE UNIQUE INDEX "messages_body" ON "public"."messages" ("body");', 'CONCURRENTLY'],
  ['CREATE INDEX CONCURRENTLY "messages_body" ON "messages" ("body");', '-- online'],
  ['UPDATE "messages" SET "body" = \'\';', 'block by block'],
  ['DELETE FROM "mentions" WHERE "is_silent";', 'block by block'],
  ['-- online\nCREATE TABLE "things" ("id" uuid);', 'cannot be repeated'],
  ['-- online\nALTER TABLE "messages" ADD COLUMN "key" uuid;', 'cannot be repeated'],
  ['-- online\nALTER TABLE "messages" ADD CONSTRAINT "sane" CHECK ("index" >= 0) NOT VALID;', 'cannot be repeated'],
  ['-- online\nINSERT INTO "roles" SELECT * FROM "roles";', 'cannot be repeated'],
  ['-- online\nDROP INDEX CONCURRENTLY "messages_seq";', 'cannot be repeated'],
])(
  'a migration that would hold up writes, or that cannot be repeated though it is online, is refused: %s',
  (text, hazard) => {
    expect(hazards(text)).toEqual([expect.stringContaining(hazard)])
  },
)

test.each([
  'CREATE TABLE "things" ("id" uuid NOT NULL);--> statement-breakpoint\nCREATE INDEX "things_id" ON "things" ("id");',
  'ALTER TABLE "messages" ADD COLUMN "weight" integer DEFAULT 0 NOT NULL;',
  'UPDATE "roles" SET "permissions" = "permissions" || \'{react}\';',
  '-- online\nCREATE INDEX CONCURRENTLY "messages_body" ON "messages" ("body");--> statement-breakpoint\nUPDATE "messages" SET "body" = \'\';',
  '-- A comment: DROP TABLE "messages";\nALTER TABLE "services" ADD COLUMN "note" text DEFAULT \'; DROP TABLE x\';',
])('a migration that expands is not: %s', (text) => {
  expect(hazards(text)).toEqual([])
})

test('those that are shipped and online can be repeated', async () => {
  const found = findHazards(await readMigrations(), -1)
  expect(found.filter((hazard) => hazard.includes('cannot be repeated'))).toEqual([])
  expect(found.length).toBeGreaterThan(0)
})
