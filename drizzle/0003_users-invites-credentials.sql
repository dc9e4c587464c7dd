-- online
CREATE TABLE IF NOT EXISTS "credentials" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"friendly_name" text,
	"type" text NOT NULL,
	"sandbox" boolean,
	"certificate" text,
	"private_key" text,
	"api_key" text,
	"secret" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS "invites" (
	"channel_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"identity" text NOT NULL,
	"role_id" uuid NOT NULL,
	"created_by" text NOT NULL,
	"user_seq" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "invites_channel_id_id_pk" PRIMARY KEY("channel_id","id")
);
--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "seq" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "credentials" DROP CONSTRAINT IF EXISTS "credentials_account_id_accounts_id_fk";
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invites" DROP CONSTRAINT IF EXISTS "invites_channel_id_channels_id_fk";
ALTER TABLE "invites" ADD CONSTRAINT "invites_channel_id_channels_id_fk" FOREIGN KEY ("channel_id") REFERENCES "public"."channels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invites" DROP CONSTRAINT IF EXISTS "invites_user_id_users_id_fk";
ALTER TABLE "invites" ADD CONSTRAINT "invites_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invites" DROP CONSTRAINT IF EXISTS "invites_role_id_roles_id_fk";
ALTER TABLE "invites" ADD CONSTRAINT "invites_role_id_roles_id_fk" FOREIGN KEY ("role_id") REFERENCES "public"."roles"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "credentials_account" ON "credentials" USING btree ("account_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS "invites_id" ON "invites" USING btree ("id");--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS "invites_user" ON "invites" USING btree ("channel_id","user_id") WHERE "invites"."removed_at" IS NULL;--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "invites_of_user" ON "invites" USING btree ("user_id","channel_id") WHERE "invites"."removed_at" IS NULL;--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "invites_user_seq" ON "invites" USING btree ("user_id","user_seq");--> statement-breakpoint
CREATE INDEX CONCURRENTLY "users_service" ON "users" USING btree ("service_id","id") WHERE "users"."deleted_at" IS NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "users_deleted" ON "users" USING btree ("service_id","identity","deleted_at") WHERE "users"."deleted_at" IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY "users_identity_new" ON "users" USING btree ("service_id","identity") WHERE "users"."deleted_at" IS NULL;--> statement-breakpoint
DROP INDEX IF EXISTS "users_identity";
ALTER INDEX "users_identity_new" RENAME TO "users_identity";
