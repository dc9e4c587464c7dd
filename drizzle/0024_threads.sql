DROP INDEX "messages_deleted";--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "uncounted_index" bigint;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "hidden_reply_index" bigint;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "shown_index" bigint;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "shown_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "message_extras" ADD COLUMN "thread_seq" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "message_extras" ADD COLUMN "reply_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "message_extras" ADD COLUMN "last_reply_index" bigint;--> statement-breakpoint
ALTER TABLE "message_extras" ADD COLUMN "last_reply_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "message_extras" ADD COLUMN "repliers" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "parent_index" bigint;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "quoted_id" uuid;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "is_silent" boolean;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "uncounted" bigint;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "hidden_run" bigint;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "author_shown_index" bigint;--> statement-breakpoint
CREATE INDEX "messages_uncounted" ON "messages" USING btree ("channel_id","index","uncounted") WHERE "messages"."uncounted" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "messages_hidden" ON "messages" USING btree ("channel_id","hidden_run","index") WHERE "messages"."hidden_run" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "messages_replies" ON "messages" USING btree ("channel_id","parent_index","index") WHERE "messages"."parent_index" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "messages_deleted" ON "messages" USING btree ("channel_id","index","uncounted") WHERE "messages"."deleted_at" IS NOT NULL;