CREATE TABLE "audit_entries" (
	"account_id" uuid NOT NULL,
	"id" uuid PRIMARY KEY NOT NULL,
	"mutation" text NOT NULL,
	"subject_id" text,
	"console_session_id" text NOT NULL,
	"credential_id" text NOT NULL,
	"address" text,
	"state" text DEFAULT 'started' NOT NULL,
	"error_code" text,
	"before" text,
	"after" text,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"account_id" uuid NOT NULL,
	"service_id" uuid NOT NULL,
	"id" uuid PRIMARY KEY NOT NULL,
	"task" json NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"is_cancelling" boolean DEFAULT false NOT NULL,
	"total" integer,
	"done" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"errors" json NOT NULL,
	"checkpoint" json NOT NULL,
	"webhook_switch" boolean,
	"credential_id" text NOT NULL,
	"console_session_id" text,
	"failure_code" text,
	"failure_reason" text,
	"due_at" timestamp (3) with time zone,
	"claims" integer DEFAULT 0 NOT NULL,
	"stalls" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE INDEX "audit_entries_account" ON "audit_entries" USING btree ("account_id","id");--> statement-breakpoint
CREATE INDEX "audit_entries_subject" ON "audit_entries" USING btree ("account_id","subject_id","id");--> statement-breakpoint
CREATE INDEX "audit_entries_mutation" ON "audit_entries" USING btree ("account_id","mutation","id");--> statement-breakpoint
CREATE INDEX "audit_entries_credential" ON "audit_entries" USING btree ("account_id","credential_id","id");--> statement-breakpoint
CREATE INDEX "audit_entries_session" ON "audit_entries" USING btree ("account_id","console_session_id","id");--> statement-breakpoint
CREATE INDEX "jobs_service" ON "jobs" USING btree ("service_id","id");--> statement-breakpoint
CREATE INDEX "jobs_due" ON "jobs" USING btree ("due_at") WHERE "jobs"."due_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "jobs_open" ON "jobs" USING btree ("account_id") WHERE "jobs"."ended_at" IS NULL;--> statement-breakpoint
CREATE INDEX "jobs_ended" ON "jobs" USING btree ("ended_at") WHERE "jobs"."ended_at" IS NOT NULL;