-- online
ALTER TABLE "channels" ADD COLUMN IF NOT EXISTS "uncounted_index" bigint;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN IF NOT EXISTS "hidden_reply_index" bigint;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN IF NOT EXISTS "shown_index" bigint;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN IF NOT EXISTS "shown_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "message_extras" ADD COLUMN IF NOT EXISTS "thread_seq" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "message_extras" ADD COLUMN IF NOT EXISTS "reply_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "message_extras" ADD COLUMN IF NOT EXISTS "last_reply_index" bigint;--> statement-breakpoint
ALTER TABLE "message_extras" ADD COLUMN IF NOT EXISTS "last_reply_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "message_extras" ADD COLUMN IF NOT EXISTS "repliers" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN IF NOT EXISTS "parent_index" bigint;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN IF NOT EXISTS "quoted_id" uuid;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN IF NOT EXISTS "is_silent" boolean;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN IF NOT EXISTS "uncounted" bigint;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN IF NOT EXISTS "hidden_run" bigint;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN IF NOT EXISTS "author_shown_index" bigint;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "messages_uncounted" ON "messages" USING btree ("channel_id","index","uncounted") WHERE "messages"."uncounted" IS NOT NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "messages_hidden" ON "messages" USING btree ("channel_id","hidden_run","index") WHERE "messages"."hidden_run" IS NOT NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "messages_replies" ON "messages" USING btree ("channel_id","parent_index","index") WHERE "messages"."parent_index" IS NOT NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "messages_deleted_new" ON "messages" USING btree ("channel_id","index","uncounted") WHERE "messages"."deleted_at" IS NOT NULL;--> statement-breakpoint
DROP INDEX IF EXISTS "messages_deleted";
ALTER INDEX "messages_deleted_new" RENAME TO "messages_deleted";
