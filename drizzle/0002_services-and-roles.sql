DROP INDEX "roles_service";--> statement-breakpoint
DROP INDEX "services_account";--> statement-breakpoint
ALTER TABLE "roles" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "read_status_enabled" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "reachability_enabled" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "consumption_report_interval" integer DEFAULT 10 NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "pre_webhook_url" text;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "post_webhook_url" text;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "webhook_method" text DEFAULT 'POST' NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "webhook_filters" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "webhook_targets" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "notifications" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "members_role" ON "members" USING btree ("role_id") WHERE "members"."left_at" IS NULL;--> statement-breakpoint
CREATE INDEX "users_role" ON "users" USING btree ("role_id");--> statement-breakpoint
CREATE INDEX "roles_service" ON "roles" USING btree ("service_id","id") WHERE "roles"."deleted_at" IS NULL;--> statement-breakpoint
CREATE INDEX "services_account" ON "services" USING btree ("account_id","id") WHERE "services"."deleted_at" IS NULL;