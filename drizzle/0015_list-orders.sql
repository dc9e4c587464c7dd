-- online
CREATE INDEX CONCURRENTLY "channels_by_name" ON "channels" USING btree ("service_id","unique_name" COLLATE "C","id") WHERE "channels"."deleted_at" IS NULL AND "channels"."unique_name" IS NOT NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "channels_by_update" ON "channels" USING btree ("service_id","updated_at","id") WHERE "channels"."deleted_at" IS NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "users_by_identity" ON "users" USING btree ("service_id","identity" COLLATE "C","id") WHERE "users"."deleted_at" IS NULL;