DROP INDEX "members_user";--> statement-breakpoint
DROP INDEX "members_of_user";--> statement-breakpoint
CREATE INDEX "channels_type" ON "channels" USING btree ("service_id","type","id") WHERE "channels"."deleted_at" IS NULL;--> statement-breakpoint
CREATE INDEX "members_present" ON "members" USING btree ("channel_id","id") WHERE "members"."left_at" IS NULL;--> statement-breakpoint
CREATE INDEX "members_identity" ON "members" USING btree ("channel_id","identity") WHERE "members"."left_at" IS NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "members_of_user" ON "members" USING btree ("user_id","channel_id") WHERE "members"."left_at" IS NULL;