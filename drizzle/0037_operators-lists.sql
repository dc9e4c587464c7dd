-- online
ALTER TABLE "scheduled_messages" ADD COLUMN IF NOT EXISTS "service_id" uuid;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "scheduled_messages_id" ON "scheduled_messages" USING btree ("id");--> statement-breakpoint
CREATE INDEX CONCURRENTLY "scheduled_messages_service" ON "scheduled_messages" USING btree ("service_id","state","send_at","id");--> statement-breakpoint
CREATE INDEX CONCURRENTLY "scheduled_messages_user" ON "scheduled_messages" USING btree ("user_id","state","send_at","id");--> statement-breakpoint
CREATE INDEX CONCURRENTLY "scheduled_messages_channel" ON "scheduled_messages" USING btree ("channel_id","state","send_at","id");--> statement-breakpoint
CREATE INDEX CONCURRENTLY "webhook_notices_event" ON "webhook_notices" USING btree ("service_id","event","id");--> statement-breakpoint
CREATE INDEX CONCURRENTLY "webhook_notices_unsettled" ON "webhook_notices" USING btree ("service_id","status","id") WHERE "webhook_notices"."status" <> 'delivered';--> statement-breakpoint
CREATE INDEX CONCURRENTLY "webhook_lanes_subject" ON "webhook_lanes" USING btree ("subject_id");