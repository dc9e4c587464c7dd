-- online
CREATE INDEX CONCURRENTLY "members_left" ON "members" USING btree ("left_at","channel_id","id") WHERE "members"."left_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "saved_messages_removed" ON "saved_messages" USING btree ("removed_at") WHERE "saved_messages"."removed_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "scheduled_messages_ended" ON "scheduled_messages" USING btree ("updated_at") WHERE "scheduled_messages"."due_at" IS NULL;