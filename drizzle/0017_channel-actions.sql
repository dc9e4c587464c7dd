-- online
ALTER TABLE "channels" ADD COLUMN IF NOT EXISTS "truncated_seq" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN IF NOT EXISTS "truncated_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN IF NOT EXISTS "purged_index" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "channels_truncated" ON "channels" USING btree ("id") WHERE "channels"."first_index" > "channels"."purged_index";--> statement-breakpoint
UPDATE "roles" SET "permissions" = "permissions" || '{freezeChannel,sendToFrozenChannel,truncateChannel,editMemberRole}'
WHERE 'destroyChannel' = ANY ("permissions") AND "deleted_at" IS NULL
  AND NOT 'freezeChannel' = ANY ("permissions");
