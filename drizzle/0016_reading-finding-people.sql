CREATE TABLE "channel_summaries" (
	"channel_id" uuid PRIMARY KEY NOT NULL,
	"service_id" uuid NOT NULL,
	"name" text NOT NULL,
	"members_count" integer NOT NULL,
	"active_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "user_channels" (
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
CREATE TABLE "user_names" (
	"user_id" uuid NOT NULL,
	"token" text NOT NULL,
	"service_id" uuid NOT NULL,
	CONSTRAINT "user_names_user_id_token_pk" PRIMARY KEY("user_id","token")
);
--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "last_message_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "first_index" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "is_frozen" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "direct_key" text;--> statement-breakpoint
ALTER TABLE "members" ADD COLUMN "joined_index" bigint DEFAULT -1 NOT NULL;--> statement-breakpoint
ALTER TABLE "members" ADD COLUMN "receipt_index" bigint DEFAULT -1 NOT NULL;--> statement-breakpoint
ALTER TABLE "members" ADD COLUMN "unread_from" bigint;--> statement-breakpoint
ALTER TABLE "members" ADD COLUMN "unread_marked_index" bigint;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "read_receipts_max_members" integer DEFAULT 100 NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "user_directory" text DEFAULT 'off' NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "language" text DEFAULT 'en' NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "avatar_url" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "status_text" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "status_emoji" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "status_ends_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "locale" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "time_zone" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "last_seen_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "is_invisible" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "read_receipts_enabled" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "channel_summaries" ADD CONSTRAINT "channel_summaries_channel_id_channels_id_fk" FOREIGN KEY ("channel_id") REFERENCES "public"."channels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_channels" ADD CONSTRAINT "user_channels_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_names" ADD CONSTRAINT "user_names_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "channel_summaries_name" ON "channel_summaries" USING btree ("service_id","name" COLLATE "C","channel_id");--> statement-breakpoint
CREATE INDEX "channel_summaries_members" ON "channel_summaries" USING btree ("service_id","members_count","channel_id");--> statement-breakpoint
CREATE INDEX "channel_summaries_active" ON "channel_summaries" USING btree ("service_id","active_at","channel_id");--> statement-breakpoint
CREATE INDEX "user_channels_seq" ON "user_channels" USING btree ("user_id","user_seq");--> statement-breakpoint
CREATE INDEX "user_names_token" ON "user_names" USING btree ("service_id","token" COLLATE "C","user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "channels_direct" ON "channels" USING btree ("service_id","direct_key") WHERE "channels"."deleted_at" IS NULL AND "channels"."direct_key" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "messages_author" ON "messages" USING btree ("channel_id","author","index");--> statement-breakpoint
CREATE INDEX "messages_deleted" ON "messages" USING btree ("channel_id","index") WHERE "messages"."deleted_at" IS NOT NULL;--> statement-breakpoint
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
