-- online
ALTER TABLE "messages" ADD COLUMN IF NOT EXISTS "sender" text;--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY "messages_client_message_id_new" ON "messages" USING btree ("channel_id",coalesce("sender", "author"),"client_message_id") WHERE "messages"."client_message_id" IS NOT NULL;--> statement-breakpoint
DROP INDEX IF EXISTS "messages_client_message_id";
ALTER INDEX "messages_client_message_id_new" RENAME TO "messages_client_message_id";
