-- online
CREATE TABLE IF NOT EXISTS "mentions" (
	"user_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"index" bigint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"is_silent" boolean NOT NULL,
	CONSTRAINT "mentions_user_id_channel_id_index_pk" PRIMARY KEY("user_id","channel_id","index")
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN IF NOT EXISTS "mentions" text[];--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN IF NOT EXISTS "mentions_channel" boolean;--> statement-breakpoint
ALTER TABLE "mentions" DROP CONSTRAINT IF EXISTS "mentions_user_id_users_id_fk";
ALTER TABLE "mentions" ADD CONSTRAINT "mentions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "mentions_message" ON "mentions" USING btree ("channel_id","index");--> statement-breakpoint
CREATE INDEX CONCURRENTLY "messages_mentions_channel" ON "messages" USING btree ("channel_id","index") WHERE "messages"."mentions_channel";--> statement-breakpoint
UPDATE "roles" SET "permissions" = "permissions" || '{mentionChannel}' WHERE 'editAnyMessage' = ANY ("permissions") AND "deleted_at" IS NULL
  AND NOT 'mentionChannel' = ANY ("permissions");
