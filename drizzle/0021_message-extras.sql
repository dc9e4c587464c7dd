-- online
CREATE TABLE IF NOT EXISTS "message_extras" (
	"channel_id" uuid NOT NULL,
	"index" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"pin_seq" bigint DEFAULT 0 NOT NULL,
	"pinned_at" timestamp (3) with time zone,
	"pinned_by" text,
	CONSTRAINT "message_extras_channel_id_index_pk" PRIMARY KEY("channel_id","index")
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN IF NOT EXISTS "added_seq" bigint;--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "message_extras_seq" ON "message_extras" USING btree ("channel_id","seq");--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "message_extras_pinned" ON "message_extras" USING btree ("channel_id","pin_seq") WHERE "message_extras"."pinned_at" IS NOT NULL;--> statement-breakpoint
UPDATE "messages" SET "added_seq" = 0 WHERE "added_seq" IS NULL AND ("last_updated_by" IS NOT NULL OR "deleted_at" IS NOT NULL);--> statement-breakpoint
UPDATE "roles" SET "permissions" = "permissions" || '{pinMessage}' WHERE 'editAnyMessage' = ANY ("permissions") AND "deleted_at" IS NULL
  AND NOT 'pinMessage' = ANY ("permissions");
