CREATE TABLE "drafts" (
	"user_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"parent_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"user_seq" bigint NOT NULL,
	"content" json NOT NULL,
	"client_message_id" text NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "drafts_user_id_channel_id_parent_id_pk" PRIMARY KEY("user_id","channel_id","parent_id")
);
--> statement-breakpoint
CREATE TABLE "saved_messages" (
	"user_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"index" bigint NOT NULL,
	"user_seq" bigint NOT NULL,
	"saved_seq" bigint NOT NULL,
	"saved_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"remind_at" timestamp (3) with time zone,
	"reminded_at" timestamp (3) with time zone,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "saved_messages_user_id_message_id_pk" PRIMARY KEY("user_id","message_id")
);
--> statement-breakpoint
CREATE TABLE "scheduled_messages" (
	"user_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"client_message_id" text,
	"version" integer DEFAULT 1 NOT NULL,
	"user_seq" bigint NOT NULL,
	"content" json NOT NULL,
	"send_at" timestamp (3) with time zone NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"due_at" timestamp (3) with time zone,
	"claims" integer DEFAULT 0 NOT NULL,
	"failure_code" text,
	"failure_reason" text,
	"message_id" uuid,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "scheduled_messages_user_id_id_pk" PRIMARY KEY("user_id","id")
);
--> statement-breakpoint
ALTER TABLE "drafts" ADD CONSTRAINT "drafts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saved_messages" ADD CONSTRAINT "saved_messages_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scheduled_messages" ADD CONSTRAINT "scheduled_messages_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "drafts_seq" ON "drafts" USING btree ("user_id","user_seq");--> statement-breakpoint
CREATE INDEX "drafts_channel" ON "drafts" USING btree ("channel_id","client_message_id");--> statement-breakpoint
CREATE INDEX "saved_messages_seq" ON "saved_messages" USING btree ("user_id","user_seq");--> statement-breakpoint
CREATE INDEX "saved_messages_listed" ON "saved_messages" USING btree ("user_id","saved_seq") WHERE "saved_messages"."removed_at" IS NULL;--> statement-breakpoint
CREATE INDEX "saved_messages_due" ON "saved_messages" USING btree ("remind_at") WHERE "saved_messages"."remind_at" IS NOT NULL AND "saved_messages"."reminded_at" IS NULL AND "saved_messages"."removed_at" IS NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "scheduled_messages_client_message_id" ON "scheduled_messages" USING btree ("user_id","client_message_id") WHERE "scheduled_messages"."client_message_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "scheduled_messages_seq" ON "scheduled_messages" USING btree ("user_id","user_seq");--> statement-breakpoint
CREATE INDEX "scheduled_messages_listed" ON "scheduled_messages" USING btree ("user_id","send_at","id") WHERE "scheduled_messages"."state" IN ('waiting', 'sending', 'failed');--> statement-breakpoint
CREATE INDEX "scheduled_messages_due" ON "scheduled_messages" USING btree ("due_at") WHERE "scheduled_messages"."due_at" IS NOT NULL;