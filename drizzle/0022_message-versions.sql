-- online
CREATE TABLE IF NOT EXISTS "message_edits" (
	"channel_id" uuid NOT NULL,
	"index" bigint NOT NULL,
	"version" integer NOT NULL,
	"body" text NOT NULL,
	"attributes" text NOT NULL,
	"written_by" text NOT NULL,
	"written_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "message_edits_channel_id_index_version_pk" PRIMARY KEY("channel_id","index","version")
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN IF NOT EXISTS "version" integer;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN IF NOT EXISTS "edited_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN IF NOT EXISTS "edit_history" text DEFAULT 'none' NOT NULL;--> statement-breakpoint
UPDATE "messages" SET "version" = 2, "edited_at" = "updated_at" WHERE "version" IS NULL AND "last_updated_by" IS NOT NULL AND "deleted_at" IS NULL;
