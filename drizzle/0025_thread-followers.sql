CREATE TABLE "thread_followers" (
	"channel_id" uuid NOT NULL,
	"parent_index" bigint NOT NULL,
	"user_id" uuid NOT NULL,
	"is_followed" boolean NOT NULL,
	"read_index" bigint NOT NULL,
	"user_seq" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "thread_followers_channel_id_parent_index_user_id_pk" PRIMARY KEY("channel_id","parent_index","user_id")
);
--> statement-breakpoint
CREATE INDEX "thread_followers_user" ON "thread_followers" USING btree ("user_id","channel_id","parent_index") WHERE "thread_followers"."is_followed";--> statement-breakpoint
CREATE INDEX "thread_followers_seq" ON "thread_followers" USING btree ("user_id","user_seq") WHERE "thread_followers"."user_seq" > 0;