-- online
ALTER TABLE "roles" ADD COLUMN IF NOT EXISTS "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN IF NOT EXISTS "read_status_enabled" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN IF NOT EXISTS "reachability_enabled" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN IF NOT EXISTS "consumption_report_interval" integer DEFAULT 10 NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN IF NOT EXISTS "pre_webhook_url" text;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN IF NOT EXISTS "post_webhook_url" text;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN IF NOT EXISTS "webhook_method" text DEFAULT 'POST' NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN IF NOT EXISTS "webhook_filters" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN IF NOT EXISTS "webhook_targets" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN IF NOT EXISTS "notifications" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN IF NOT EXISTS "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "members_role" ON "members" USING btree ("role_id") WHERE "members"."left_at" IS NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "users_role" ON "users" USING btree ("role_id");--> statement-breakpoint
CREATE INDEX CONCURRENTLY "roles_service_new" ON "roles" USING btree ("service_id","id") WHERE "roles"."deleted_at" IS NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "services_account_new" ON "services" USING btree ("account_id","id") WHERE "services"."deleted_at" IS NULL;--> statement-breakpoint
DROP INDEX IF EXISTS "services_account";
ALTER INDEX "services_account_new" RENAME TO "services_account";--> statement-breakpoint
DROP INDEX IF EXISTS "roles_service";
ALTER INDEX "roles_service_new" RENAME TO "roles_service";
