CREATE TABLE "reactions" (
	"channel_id" uuid NOT NULL,
	"index" bigint NOT NULL,
	"identity" text NOT NULL,
	"reaction" text NOT NULL,
	"place" bigint NOT NULL,
	CONSTRAINT "reactions_channel_id_index_identity_reaction_pk" PRIMARY KEY("channel_id","index","identity","reaction")
);
--> statement-breakpoint
ALTER TABLE "message_extras" ADD COLUMN "reactions_seq" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "message_extras" ADD COLUMN "reactions" text DEFAULT '[]' NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "reactions_place" ON "reactions" USING btree ("channel_id","index","reaction","place");--> statement-breakpoint
UPDATE "roles" SET "permissions" = "permissions" || '{react}' WHERE 'sendMessage' = ANY ("permissions") AND "deleted_at" IS NULL;
