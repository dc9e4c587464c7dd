CREATE TABLE "message_flags" (
	"service_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"rule_ids" text[] NOT NULL,
	CONSTRAINT "message_flags_service_id_message_id_pk" PRIMARY KEY("service_id","message_id")
);
--> statement-breakpoint
CREATE TABLE "webhook_lanes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"subject_id" text NOT NULL,
	"url" text NOT NULL,
	"last_number" bigint NOT NULL,
	"done_number" bigint DEFAULT 0 NOT NULL,
	"used_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhook_notices" (
	"id" uuid PRIMARY KEY NOT NULL,
	"lane_id" uuid NOT NULL,
	"number" bigint NOT NULL,
	"service_id" uuid NOT NULL,
	"event" text NOT NULL,
	"method" text NOT NULL,
	"parameters" text NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"answer_status" integer,
	"answer" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"queued_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"attempted_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "webhooks_enabled" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "api_webhooks_enabled" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "pre_webhook_timeout" integer DEFAULT 5000 NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "pre_webhook_required" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "keyword_rules" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
CREATE INDEX "webhook_lanes_waiting" ON "webhook_lanes" USING btree ("id") WHERE "webhook_lanes"."done_number" < "webhook_lanes"."last_number";--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_notices_lane" ON "webhook_notices" USING btree ("lane_id","number");--> statement-breakpoint
CREATE INDEX "webhook_notices_service" ON "webhook_notices" USING btree ("service_id","id");--> statement-breakpoint
CREATE INDEX "webhook_notices_created" ON "webhook_notices" USING btree ("created_at") WHERE "webhook_notices"."status" <> 'pending';