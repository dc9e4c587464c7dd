-- online
CREATE TABLE IF NOT EXISTS "process_minutes" (
	"process_id" uuid NOT NULL,
	"minute" timestamp (3) with time zone NOT NULL,
	"seconds" double precision NOT NULL,
	"connections" integer NOT NULL,
	"subscriptions" integer NOT NULL,
	"sends" bigint NOT NULL,
	"deliveries" bigint NOT NULL,
	"delivery_p50_ms" double precision,
	"delivery_p99_ms" double precision,
	"event_loop_lag_p99_ms" double precision NOT NULL,
	"pool_size" integer NOT NULL,
	"pool_in_use" integer NOT NULL,
	"pool_waiting" integer NOT NULL,
	"pool_longest_wait_ms" double precision NOT NULL,
	"memory_bytes" bigint NOT NULL,
	"refusals" jsonb NOT NULL,
	"sweep_age_ms" double precision NOT NULL,
	"webhooks_waiting" bigint NOT NULL,
	"scheduled_overdue" integer NOT NULL,
	CONSTRAINT "process_minutes_process_id_minute_pk" PRIMARY KEY("process_id","minute")
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS "processes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"worker" integer,
	"version" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"stopped_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "process_minutes_minute" ON "process_minutes" USING btree ("minute");--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "processes_seen" ON "processes" USING btree ("seen_at");--> statement-breakpoint
CREATE INDEX CONCURRENTLY "webhook_notices_dead" ON "webhook_notices" USING btree ("created_at") WHERE "webhook_notices"."status" = 'dead';