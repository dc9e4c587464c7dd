CREATE TABLE "message_search" (
	"channel_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"index" bigint NOT NULL,
	"service_id" uuid NOT NULL,
	"tokens" "tsvector" NOT NULL,
	CONSTRAINT "message_search_channel_id_created_at_index_pk" PRIMARY KEY("channel_id","created_at","index")
);
--> statement-breakpoint
CREATE TABLE "search_positions" (
	"channel_id" uuid PRIMARY KEY NOT NULL,
	"seq" bigint NOT NULL,
	"language" text NOT NULL,
	"first_index" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "search_positions" ADD CONSTRAINT "search_positions_channel_id_channels_id_fk" FOREIGN KEY ("channel_id") REFERENCES "public"."channels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "message_search_time" ON "message_search" USING btree ("service_id","created_at","channel_id","index");--> statement-breakpoint
CREATE INDEX "message_search_tokens" ON "message_search" USING gin ("tokens") WITH (gin_pending_list_limit=256);