DROP INDEX "messages_client_message_id";--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "sender" text;--> statement-breakpoint
CREATE UNIQUE INDEX "messages_client_message_id" ON "messages" USING btree ("channel_id",coalesce("sender", "author"),"client_message_id") WHERE "messages"."client_message_id" IS NOT NULL;