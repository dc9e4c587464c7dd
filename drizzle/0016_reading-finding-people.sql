-- online
CREATE TABLE IF NOT EXISTS "channel_summaries" (
	"channel_id" uuid PRIMARY KEY NOT NULL,
	"service_id" uuid NOT NULL,
	"name" text NOT NULL,
	"members_count" integer NOT NULL,
	"active_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS "user_channels" (
	"user_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"user_seq" bigint NOT NULL,
	"pinned_order" integer,
	"mute_ends_at" timestamp (3) with time zone,
	"archived_at" timestamp (3) with time zone,
	"hidden_index" bigint,
	"notification_level" text,
	"attributes" text DEFAULT '{}' NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_channels_user_id_channel_id_pk" PRIMARY KEY("user_id","channel_id")
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS "user_names" (
	"user_id" uuid NOT NULL,
	"token" text NOT NULL,
	"service_id" uuid NOT NULL,
	CONSTRAINT "user_names_user_id_token_pk" PRIMARY KEY("user_id","token")
);
--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN IF NOT EXISTS "last_message_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN IF NOT EXISTS "first_index" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN IF NOT EXISTS "is_frozen" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN IF NOT EXISTS "direct_key" text;--> statement-breakpoint
ALTER TABLE "members" ADD COLUMN IF NOT EXISTS "joined_index" bigint DEFAULT -1 NOT NULL;--> statement-breakpoint
ALTER TABLE "members" ADD COLUMN IF NOT EXISTS "receipt_index" bigint DEFAULT -1 NOT NULL;--> statement-breakpoint
ALTER TABLE "members" ADD COLUMN IF NOT EXISTS "unread_from" bigint;--> statement-breakpoint
ALTER TABLE "members" ADD COLUMN IF NOT EXISTS "unread_marked_index" bigint;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN IF NOT EXISTS "read_receipts_max_members" integer DEFAULT 100 NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN IF NOT EXISTS "user_directory" text DEFAULT 'off' NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN IF NOT EXISTS "language" text DEFAULT 'en' NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "avatar_url" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "status_text" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "status_emoji" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "status_ends_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "locale" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "time_zone" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "last_seen_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "is_invisible" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "read_receipts_enabled" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "channel_summaries" DROP CONSTRAINT IF EXISTS "channel_summaries_channel_id_channels_id_fk";
ALTER TABLE "channel_summaries" ADD CONSTRAINT "channel_summaries_channel_id_channels_id_fk" FOREIGN KEY ("channel_id") REFERENCES "public"."channels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_channels" DROP CONSTRAINT IF EXISTS "user_channels_user_id_users_id_fk";
ALTER TABLE "user_channels" ADD CONSTRAINT "user_channels_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_names" DROP CONSTRAINT IF EXISTS "user_names_user_id_users_id_fk";
ALTER TABLE "user_names" ADD CONSTRAINT "user_names_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "channel_summaries_name" ON "channel_summaries" USING btree ("service_id","name" COLLATE "C","channel_id");--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "channel_summaries_members" ON "channel_summaries" USING btree ("service_id","members_count","channel_id");--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "channel_summaries_active" ON "channel_summaries" USING btree ("service_id","active_at","channel_id");--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "user_channels_seq" ON "user_channels" USING btree ("user_id","user_seq");--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "user_names_token" ON "user_names" USING btree ("service_id","token" COLLATE "C","user_id");--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY "channels_direct" ON "channels" USING btree ("service_id","direct_key") WHERE "channels"."deleted_at" IS NULL AND "channels"."direct_key" IS NOT NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "messages_author" ON "messages" USING btree ("channel_id","author","index");--> statement-breakpoint
CREATE INDEX CONCURRENTLY "messages_deleted" ON "messages" USING btree ("channel_id","index") WHERE "messages"."deleted_at" IS NOT NULL;--> statement-breakpoint
UPDATE "members" SET "receipt_index" = coalesce("last_read_index", -1), "joined_index" = coalesce((
  -- Messages are numbered in the order of time: from one that certainly came before, those that follow are passed until one came later.
  SELECT coalesce(
    (SELECT "index" - 1 FROM "messages"
      WHERE "channel_id" = "members"."channel_id" AND "index" > "before"."index" AND "created_at" > "members"."created_at"
      ORDER BY "index" LIMIT 1),
    (SELECT "last_index" FROM "channels" WHERE "id" = "members"."channel_id"))
  FROM (SELECT coalesce(max("index"), -1) AS "index" FROM "messages"
    WHERE "channel_id" = "members"."channel_id" AND "seq" < "members"."joined_seq") AS "before"), -1)
WHERE "left_at" IS NULL;--> statement-breakpoint
UPDATE "channels" SET "last_message_at" = (
  SELECT "created_at" FROM "messages" WHERE "channel_id" = "channels"."id" ORDER BY "index" DESC LIMIT 1)
WHERE "last_index" >= 0;
