-- online
DROP INDEX CONCURRENTLY IF EXISTS "members_user";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "channels_type" ON "channels" USING btree ("service_id","type","id") WHERE "channels"."deleted_at" IS NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "members_present" ON "members" USING btree ("channel_id","id") WHERE "members"."left_at" IS NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "members_identity" ON "members" USING btree ("channel_id","identity") WHERE "members"."left_at" IS NULL;--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY "members_of_user_new" ON "members" USING btree ("user_id","channel_id") WHERE "members"."left_at" IS NULL;--> statement-breakpoint
DROP INDEX IF EXISTS "members_of_user";
ALTER INDEX "members_of_user_new" RENAME TO "members_of_user";
