-- online
CREATE INDEX CONCURRENTLY "channels_by_shown_name" ON "channels" USING btree ("service_id",lower(coalesce("friendly_name", "unique_name") COLLATE "C"),"id") WHERE "channels"."deleted_at" IS NULL AND coalesce("channels"."friendly_name", "channels"."unique_name") IS NOT NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "channels_frozen" ON "channels" USING btree ("service_id","id") WHERE "channels"."deleted_at" IS NULL AND "channels"."is_frozen";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "invites_role" ON "invites" USING btree ("role_id","id") WHERE "invites"."removed_at" IS NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "roles_service_new" ON "roles" USING btree ("service_id","id");--> statement-breakpoint
DROP INDEX IF EXISTS "roles_service";
ALTER INDEX "roles_service_new" RENAME TO "roles_service";
