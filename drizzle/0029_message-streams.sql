CREATE TABLE "message_streams" (
	"channel_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"index" bigint NOT NULL,
	"owner" uuid NOT NULL,
	"epoch" integer DEFAULT 1 NOT NULL,
	"text" text,
	"appended_at" timestamp (3) with time zone NOT NULL,
	"origin" text NOT NULL,
	CONSTRAINT "message_streams_channel_id_message_id_pk" PRIMARY KEY("channel_id","message_id")
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "stream_state" text;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "stream_ended_seq" bigint;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "stream_ended_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "message_streams_silent" ON "message_streams" USING btree ("appended_at");